"""The events of Snowplow's form plugin: a submitted form with its e-mail, and fields that were focused or changed. What
looks like a password or a payment card is never handed on, whatever the plugin was told to send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SUBMIT = "submit_form"
FORM_EVENTS = frozenset({SUBMIT, "focus_form", "change_form"})

_SECRET = re.compile(
    r"password|passwd|passwort|passcode|passphrase|kennwort|pwd|secret(?!ar)|cvv|cvc|iban"
    r"|(card|cc|karten?)[-_ ]?(num|nr|no|exp|sec|code|csc)|(^|[^a-z])(pass|pin|ssn|cc|csc)([^a-z]|$)",
    re.IGNORECASE,
)
_CARD = re.compile(r"[0-9](?:[ -]?[0-9]){12,18}")
_EMAIL = re.compile(r"e[-_ ]?mail", re.IGNORECASE)


def form_members(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A form that was submitted, or a track of the field that was looked at."""
    if name != SUBMIT:
        kept = {key: value for key, value in data.items() if key != "value" or not _is_secret(data, "elementId")}
        return {"type": "track", "event": name, "properties": kept}
    stated = data.get("elements")
    elements = [each for each in stated if isinstance(each, dict)] if isinstance(stated, list) else []
    properties: dict[str, Any] = {
        "form": data.get("formId"),
        "fields": {
            called: each.get("value")
            for each in elements
            if isinstance(called := each.get("name"), str) and not _is_secret(each, "name")
        },
    }
    if (email := _email_of(elements)) is not None:
        properties["email"] = email
    return {"type": "track", "event": "Form Submitted", "properties": properties}


def _email_of(elements: list[dict[str, Any]]) -> str | None:
    """The value of the first field of the type e-mail, else of the first that is called so; empty counts as stated."""
    typed = [each for each in elements if each.get("type") == "email"]
    called = [
        each
        for each in elements
        if isinstance(name := each.get("name"), str) and _EMAIL.search(name) and not _is_secret(each, "name")
    ]
    texts = [value for each in (*typed, *called) if isinstance(value := each.get("value"), str)]
    values = [text for text in texts if not is_card_number(text)]
    return next((value for value in values if value.strip()), values[0] if values else None)


def _is_secret(element: Mapping[str, Any], name: str) -> bool:
    called, value = element.get(name), element.get("value")
    return (
        element.get("type") == "password"
        or (isinstance(called, str) and _SECRET.search(called) is not None)
        or (isinstance(value, str) and is_card_number(value))
    )


def is_card_number(text: str) -> bool:
    """Whether a text is 13 to 19 digits, grouped or not, with the check digit of payment cards (ISO/IEC 7812)."""
    bare = text.strip()
    if not _CARD.fullmatch(bare):
        return False
    digits = [int(character) for character in bare if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
