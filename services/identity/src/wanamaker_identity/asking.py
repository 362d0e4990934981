"""Identifiers as people write them (`email:ann@example.com`), turned into those that records hold.

Pure. An address is hashed with the workspace's key before it goes anywhere, and no message repeats one.
"""

from __future__ import annotations

import re

from wanamaker_shared.contracts.identifiers import linkable_email_key, linkable_user_id

_HEX64 = re.compile(r"[0-9a-f]{64}")


class BadIdentifier(ValueError):
    """What is wrong with it, without repeating it."""


def parse_identifier(text: str, hmac_key: bytes) -> list[str]:
    """The identifiers it may mean, the likeliest first: one, or for `email:` and 64 hex digits two.

    These are an e-mail's key as this service shows it, or the SHA-256 of an address, as a browser hashes it.
    """
    kind, colon, value = text.partition(":")
    if "\x00" in text:
        raise BadIdentifier("an identifier holds no NUL")
    if not colon or not value.strip():
        raise BadIdentifier("write an identifier as `<kind>:<value>`; kinds are cookie, email, user and contact")
    match kind:
        case "cookie":
            return [f"cookie:{_cookie(value, hmac_key)}"]
        case "email":
            return _email(value, hmac_key)
        case "user":
            return [f"user:{_user(value, hmac_key)}"]
        case "contact":
            connection, _, contact = value.partition("/")
            if not connection or not contact:
                raise BadIdentifier("write a contact as `contact:<connection>/<id>`")
            return [text]
    raise BadIdentifier("the kind of an identifier is cookie, email, user or contact")


def parse_pair(a: str, b: str, hmac_key: bytes) -> tuple[list[str], list[str]]:
    """The two ends of a decision. A cookie is linked to e-mails and user ids; these and contacts are joined to one another."""
    one, other = parse_identifier(a, hmac_key), parse_identifier(b, hmac_key)
    kinds = {each[0].partition(":")[0] for each in (one, other)}
    if kinds == {"cookie"} or kinds == {"cookie", "contact"}:
        raise BadIdentifier("a cookie is linked to e-mails and user ids only")
    if set(one) & set(other):
        raise BadIdentifier("a and b are the same identifier")
    return one, other


def _cookie(value: str, hmac_key: bytes) -> str:
    """`u:<user id>` stands for a sender without an anonymous id, kept like the user id itself."""
    return f"u:{_user(value.removeprefix('u:'), hmac_key)}" if value.startswith("u:") else value


def _user(value: str, hmac_key: bytes) -> str:
    user_id = linkable_user_id(hmac_key, value)
    if user_id is None:
        raise BadIdentifier("this user id is a placeholder that stands for nobody")
    return user_id


def _email(value: str, hmac_key: bytes) -> list[str]:
    key = linkable_email_key(hmac_key, value)
    if key is None:
        raise BadIdentifier("this is not an e-mail address, or a placeholder that stands for nobody")
    shown = value.strip().lower()
    return [f"email:{shown}", f"email:{key}"] if _HEX64.fullmatch(shown) else [f"email:{key}"]
