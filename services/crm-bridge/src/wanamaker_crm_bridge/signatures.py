"""Who sent a webhook: one row a signing scheme, one function that checks any row. Pure: the time is an argument.

The raw bytes are what is signed. Comparison takes the same time wherever two signatures differ; a timestamp is refused on both
sides of the tolerance; whatever goes wrong while checking what a stranger sent means "not verified", never an error.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Headers = Sequence[tuple[bytes, bytes]]
"""As ASGI gives them: names in lower case, values as bytes."""

_MAX_ID = 256
_TIMESTAMP = re.compile(r"\d{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a kind of sender signs."""

    name: str
    id_header: bytes
    """Names the delivery; the same when it is delivered again."""
    timestamp_header: bytes
    signature_header: bytes
    parts: tuple[Literal["id", "timestamp", "body"], ...]
    """What is signed, in order, with `separator` between."""
    separator: bytes = b"."
    digest: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["base64", "hex"] = "base64"
    version: bytes = b""
    """What stands before each signature, such as `v1,`; signatures of other versions are passed over."""
    secret_prefix: str = ""
    """Secrets that begin with it are base64 after it; others are taken as they are written."""
    ticks_per_second: int = 1
    """The unit of the timestamp."""
    tolerance_seconds: int = 300
    kept_headers: tuple[str, ...] = ("content-type",)
    """What the inbox keeps beside the body; never a signature or a credential."""


STANDARD_WEBHOOKS = Scheme(
    name="standard-webhooks",
    id_header=b"webhook-id",
    timestamp_header=b"webhook-timestamp",
    signature_header=b"webhook-signature",
    parts=("id", "timestamp", "body"),
    version=b"v1,",
    secret_prefix="whsec_",  # noqa: S106  how secrets begin, not one
)
"""https://github.com/standard-webhooks/standard-webhooks, version 1.0.0, symmetric signatures."""

SCHEMES: Mapping[str, Scheme] = {"generic": STANDARD_WEBHOOKS}
"""The scheme of each dialect whose CRM calls us: one row a CRM."""


def dialect_of(connection: str) -> str:
    """The dialect that a connection's CRM speaks.

    A connection is named after it, with a suffix where a workspace has several: `generic`, `generic-eu`. A name that no
    dialect has is read as `generic`, so that a connection can be called after the system behind it.
    """
    name = connection.partition("-")[0]
    return name if name in SCHEMES else "generic"


def verified_id(scheme: Scheme, secret: str, headers: Headers, body: bytes, *, now: float) -> str | None:
    """The delivery's id if `secret` signed this request within the tolerance of `now` (seconds since 1970), else None."""
    try:
        return _verified_id(scheme, secret, headers, body, now)
    except Exception:  # noqa: BLE001  hostile input may fail in ways nobody listed; none of them is a verified sender
        return None


def _verified_id(scheme: Scheme, secret: str, headers: Headers, body: bytes, now: float) -> str | None:
    delivery_id = _only(headers, scheme.id_header)
    timestamp = _only(headers, scheme.timestamp_header)
    text = delivery_id.decode("ascii")
    if not 0 < len(text) <= _MAX_ID or not text.isprintable() or not _TIMESTAMP.fullmatch(timestamp.decode("ascii")):
        return None
    signed = scheme.separator.join(
        {"id": delivery_id, "timestamp": timestamp, "body": body}[part] for part in scheme.parts
    )
    expected = hmac.digest(_secret_bytes(scheme, secret), signed, getattr(hashlib, scheme.digest))
    given = [
        _decode(scheme, signature.removeprefix(scheme.version))
        for signature in _only(headers, scheme.signature_header).split(b" ")
        if signature.startswith(scheme.version)
    ]
    genuine = [hmac.compare_digest(expected, signature) for signature in given]
    in_time = abs(now - int(timestamp) / scheme.ticks_per_second) <= scheme.tolerance_seconds
    return text if any(genuine) and in_time else None


def _only(headers: Headers, name: bytes) -> bytes:
    """The header's value. Raises if it is missing or stands twice: which of two was signed would be a guess."""
    (value,) = [value for header, value in headers if header == name]
    return value


def _secret_bytes(scheme: Scheme, secret: str) -> bytes:
    """Raises ValueError if nothing would be secret: an empty key signs for everybody."""
    encoded = bool(scheme.secret_prefix) and secret.startswith(scheme.secret_prefix)
    plain = secret.removeprefix(scheme.secret_prefix) if encoded else secret
    key = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True) if encoded else plain.encode()
    if not key:
        raise ValueError("a webhook secret is empty")
    return key


def _decode(scheme: Scheme, signature: bytes) -> bytes:
    """The signature's bytes; of one that is malformed none, so that a good one beside it still counts."""
    try:
        return (
            base64.b64decode(signature, validate=True)
            if scheme.encoding == "base64"
            else bytes.fromhex(signature.decode())
        )
    except ValueError:
        return b""
