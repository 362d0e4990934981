"""From one field of a CRM to what it says: the makers of which a CRM's table of properties is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wanamaker_crm_bridge.values import identifier, text

from .stating import Said, emails, user_ids

Reader = Callable[[Any, str], Any]
Make = Callable[[bytes, Any, str], Said]
"""(workspace key, value or None, path) → what that says."""


def stated_as(name: str, read: Reader) -> Make:
    """A property of the contract."""
    return lambda _, value, path: Said({name: None if value is None else read(value, path)})


def personal(name: str) -> Make:
    return lambda _, value, path: Said({}, {} if value is None else {name: text(value, path)})


def email(workspace_key: bytes, value: Any, path: str) -> Said:
    return emails(workspace_key, [] if value is None else [text(value, path)])


def user_id(workspace_key: bytes, value: Any, path: str) -> Said:
    return user_ids(workspace_key, [] if value is None else [identifier(value, path)])
