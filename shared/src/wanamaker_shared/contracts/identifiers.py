"""Identifiers of people: their normal form, the junk among them, and their keyed hashes.

The collector, the crm-bridge and the identity API all turn what a sender wrote into these, so the definition is part of
the contract: two of them must never disagree about which person an address means.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import Literal

import idna

Kind = Literal["cookie", "email", "user", "contact"]

# PostHog's list of distinct ids that mean nobody (persons/person-merge-service.ts), plus `-1` and all zeros.
_JUNK_ANY_CASE = frozenset(
    [
        "anonymous",
        "guest",
        "distinctid",
        "distinct_id",
        "id",
        "not_authenticated",
        "email",
        "undefined",
        "true",
        "false",
    ]
)
_JUNK_EXACT = frozenset(["[object Object]", "NaN", "None", "none", "null", "0", "undefined", "-1"])
_JUNK_LOCAL_PARTS = frozenset(["test", "example", "noreply", "no-reply", "none", "null"])
_SPACE_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_HEX64 = re.compile(r"[0-9a-f]{64}")

LONGEST_ADDRESS = 512
"""Characters of a text that is looked at: an address has at most 318 bytes, and to normalise a text can cost the square of
its length.
"""


def is_junk_id(value: str) -> bool:
    """Whether an id stands for nobody: blank, a placeholder, or zeros only (an all-zero UUID too)."""
    bare = value.strip()
    if len(bare) >= 2 and bare[0] == bare[-1] and bare[0] in "'\"":
        bare = bare[1:-1].strip()
    return not bare or bare.lower() in _JUNK_ANY_CASE or bare in _JUNK_EXACT or ("0" in bare and not bare.strip("0-"))


def normalise_email(value: str) -> str | None:
    """The normal form of an e-mail address, or None if it is not one.

    Trimmed, NFKC, lower case throughout, domain as IDNA; dots and plus tags stay. One `@`, 1-64 bytes before it, a domain
    with a dot after it, any ending.
    """
    bare = value.strip()
    if len(bare) > LONGEST_ADDRESS:
        return None
    text = unicodedata.normalize("NFKC", bare).lower().strip()
    local, at, domain = text.partition("@")
    if not at or "@" in domain or not 1 <= len(local.encode()) <= 64 or _SPACE_OR_CONTROL.search(text):
        return None
    try:
        domain = idna.encode(domain, uts46=True).decode().lower() if not domain.isascii() else domain
    except idna.IDNAError:
        return None
    labels = domain.split(".")
    if len(labels) < 2 or not all(0 < len(label) <= 63 for label in labels) or len(domain) > 253:
        return None
    return f"{local}@{domain}"


def is_junk_email(normalised: str) -> bool:
    """Whether a normalised address is a placeholder (`test@…`, `noreply@…`) or a junk id."""
    return normalised.partition("@")[0] in _JUNK_LOCAL_PARTS or is_junk_id(normalised)


def email_key(workspace_key: bytes, normalised: str) -> str:
    """The key by which an address joins: HMAC-SHA256(workspace key, hex SHA-256 of the normalised address), as hex."""
    return hashed_email_key(workspace_key, hashlib.sha256(normalised.encode()).hexdigest())


def hashed_email_key(workspace_key: bytes, sha256_hex: str) -> str:
    """The key of an address that was hashed in the browser: `sha256_hex` is the hex SHA-256 of its normal form."""
    return hmac.new(workspace_key, sha256_hex.encode(), hashlib.sha256).hexdigest()


def linkable_email_key(workspace_key: bytes, value: str) -> str | None:
    """The e-mail key for what a sender wrote (an address, or the hex SHA-256 of one); None if it is invalid or junk."""
    if _HEX64.fullmatch(hashed := value.strip().lower()):
        return hashed_email_key(workspace_key, hashed)
    normalised = normalise_email(value)
    if normalised is None or is_junk_email(normalised):
        return None
    return email_key(workspace_key, normalised)


def linkable_user_id(workspace_key: bytes, value: str) -> str | None:
    """The user id under which a sender's value joins; None if it is junk.

    An id that is an e-mail address is kept as its hash, so that no address stands outside `personal`.
    """
    if is_junk_id(value):
        return None
    normalised = normalise_email(value)
    return value if normalised is None else email_key(workspace_key, normalised)


def profile_id(workspace_key: bytes, identifier: str) -> str:
    """The profile id of an identifier (`email:…`, `cookie:…`): 32 hex digits of an HMAC of its kind and value."""
    return hmac.new(workspace_key, f"profile:{identifier}".encode(), hashlib.sha256).hexdigest()[:32]


def contact_identifier(connection: str, contact_id: str) -> str:
    return f"contact:{connection}/{contact_id}"
