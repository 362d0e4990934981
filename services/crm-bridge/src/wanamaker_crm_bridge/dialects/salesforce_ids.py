"""Salesforce's ids: 15 characters in which case matters, or 18 whose last three say the case of the others.

Both forms name one object, so everything here is known by the longer one. Source: Salesforce help, "Obtain 18-character ID"; the
rule is the same for every object and for organizations.
"""

from __future__ import annotations

import re
from typing import Any

from wanamaker_crm_bridge.mapping import Unmappable

_ID = re.compile(r"([A-Za-z0-9]{15})([A-Za-z0-5]{3})?")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""A character for each way in which five others can be capitals: the first of the five counts 1, the last 16."""


def salesforce_id(value: Any, path: str) -> str:
    """The id with 18 characters. One whose case was lost on the way (all capitals, or none) has it given back."""
    match = _ID.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Unmappable(path, "must be a Salesforce id of 15 or 18 letters and digits")
    short, checksum = match[1], (match[2] or "").upper()
    if checksum and (short.isupper() or short.islower()):
        short = _with_case(short, checksum)
    if checksum and checksum != checksum_of(short):
        raise Unmappable(path, "is no Salesforce id: its last three characters do not fit the others")
    return short + checksum_of(short)


def checksum_of(short: str) -> str:
    """The three characters that belong to an id of 15."""
    return "".join(
        _CHECKSUM[sum(1 << place for place, character in enumerate(short[at : at + 5]) if "A" <= character <= "Z")]
        for at in (0, 5, 10)
    )


def _with_case(short: str, checksum: str) -> str:
    capitals = [bool(_CHECKSUM.index(checksum[at // 5]) >> at % 5 & 1) for at in range(15)]
    return "".join(each.upper() if capital else each.lower() for each, capital in zip(short, capitals, strict=True))
