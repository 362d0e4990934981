"""Turns the e-mails and ids that senders wrote into the keys they join by; the texts themselves stay in `personal`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from wanamaker_shared.contracts import identifiers
from wanamaker_shared.contracts.domains import email_domain

EMAIL_NAMES = ("email", "Email", "email_address", "emailAddress")
"""The properties and traits that hold an e-mail address, or the hex SHA-256 of its normal form."""


class Address(NamedTuple):
    """A linkable e-mail: its key, and its registrable domain unless the sender had hashed it."""

    key: str
    domain: str | None


def stated_emails(bags: Iterable[Mapping[str, Any]]) -> list[Any]:
    """What properties and traits state as e-mails, in order; null states nothing, an empty text is an invalid address."""
    return [value for bag in bags for name in EMAIL_NAMES if (value := bag.get(name)) is not None]


def first_linkable(workspace_key: bytes, stated: Iterable[Any]) -> Address | None:
    """The first of them that is a valid address and no placeholder."""
    texts = (value.strip() for value in stated if isinstance(value, str))
    found = (address_of(workspace_key, text) for text in texts if len(text) <= identifiers.LONGEST_ADDRESS)
    return next((address for address in found if address is not None), None)


@lru_cache(maxsize=16384)
def address_of(workspace_key: bytes, text: str) -> Address | None:
    """None for what links nothing: an invalid address or a placeholder."""
    key = identifiers.linkable_email_key(workspace_key, text)
    if key is None:
        return None
    return Address(key, email_domain(text))


def linkable_id(workspace_key: bytes, text: str) -> str | None:
    """The form under which a user id or an anonymous id joins: an e-mail address as its key; None for a placeholder."""
    if _may_be_address(text):
        return _linkable_id(workspace_key, text)
    return None if identifiers.is_junk_id(text) else text


@lru_cache(maxsize=16384)
def _linkable_id(workspace_key: bytes, text: str) -> str | None:
    return identifiers.linkable_user_id(workspace_key, text)


def plain_id(workspace_key: bytes, text: str) -> str:
    """An id that links nothing, like a messageId: as it is, unless it is an e-mail address; then its key."""
    if not _may_be_address(text):
        return text
    normalised = identifiers.normalise_email(text)
    return text if normalised is None else identifiers.email_key(workspace_key, normalised)


def without_address(text: str) -> str:
    """The text, or `(e-mail)` in place of one that is an address: such stand nowhere but in `personal`."""
    return "(e-mail)" if _may_be_address(text) and identifiers.normalise_email(text) is not None else text


def _may_be_address(text: str) -> bool:
    """Whether there can be an `@` in it; other scripts have characters that normalise to one."""
    return "@" in text or not text.isascii()
