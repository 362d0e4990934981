"""Whether a secret signed a request: one row a signing scheme, one function that checks any row. Pure: the time is an argument.

The raw bytes are what is signed. Comparison takes the same time wherever two signatures differ; a timestamp is refused on both
sides of the tolerance; whatever goes wrong while checking what a stranger sent means "not verified", never an error.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Headers = Sequence[tuple[bytes, bytes]]
"""As ASGI gives them: names in lower case, values as bytes."""
Part = Literal["secret", "method", "uri", "id", "timestamp", "body"]

_MAX_ID = 256
_TIMESTAMP = re.compile(r"\d{1,16}", re.ASCII)


class Request(NamedTuple):
    """What of a request can prove who sent it. `uri` is the public address it was sent to, with its query; `path` the path that
    reached us."""

    headers: Headers
    body: bytes
    method: str = "POST"
    uri: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a kind of sender signs."""

    name: str
    signature_header: bytes
    parts: tuple[Part, ...]
    """What is signed, in order, with `separator` between."""
    separator: bytes = b""
    id_header: bytes | None = None
    """Names the delivery; the same when it is delivered again. None: it is known by the SHA-256 of its body."""
    timestamp_header: bytes | None = None
    """None: the signature never ages, and whoever overheard it may send it again for ever."""
    packed: bool = False
    """Time and signatures share the signature header, as `t=<time>,v1=<signature>` (Stripe)."""
    keyed: bool = True
    """False: a plain digest of the parts, the secret among them."""
    digest: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["base64", "hex"] = "base64"
    version: bytes = b""
    """What stands before each signature, such as `v1,`; signatures of other versions are passed over."""
    secret_prefix: str = ""
    """Secrets that begin with it are base64 after it; others are taken as they are written."""
    ticks_per_second: int = 1
    """The unit of the timestamp."""
    tolerance_seconds: int = 300
    plain_in_query: str = ""
    """Characters of the URI's query that are signed plain, however the URI writes them."""


def verified_id(scheme: Scheme, secret: str, request: Request, *, now: float) -> str | None:
    """The delivery's id if `secret` signed this request within the tolerance of `now` (seconds since 1970), else None."""
    try:
        return _verified_id(scheme, secret, request, now)
    except Exception:  # noqa: BLE001  hostile input may fail in ways nobody listed; none of them is a verified sender
        return None


def delivery_id_of(body: bytes) -> str:
    """Names a delivery whose sender gives it no id: the same bytes are the same delivery."""
    return hashlib.sha256(body).hexdigest()


def only(headers: Headers, name: bytes) -> bytes:
    """The header's value. Raises if it is missing or stands twice: which of two was meant would be a guess."""
    (value,) = [value for header, value in headers if header == name]
    return value


def _verified_id(scheme: Scheme, secret: str, request: Request, now: float) -> str | None:
    sent = only(request.headers, scheme.signature_header)
    timestamp, signatures = _packed(scheme, sent) if scheme.packed else _apart(scheme, sent, request.headers)
    delivery_id = only(request.headers, scheme.id_header) if scheme.id_header else b""
    text = delivery_id.decode("ascii") if scheme.id_header else delivery_id_of(request.body)
    if not 0 < len(text) <= _MAX_ID or not text.isprintable():
        return None
    values: dict[Part, bytes] = {
        "secret": secret.encode(),
        "method": request.method.encode(),
        "uri": _signed_uri(request.uri, scheme.plain_in_query).encode(),
        "id": delivery_id,
        "timestamp": timestamp,
        "body": request.body,
    }
    message = scheme.separator.join(values[part] for part in scheme.parts)
    expected = _expected(scheme, secret, message)
    genuine = [hmac.compare_digest(expected, _decode(scheme, signature)) for signature in signatures]
    return text if any(genuine) and _in_time(scheme, timestamp, now) else None


def _apart(scheme: Scheme, sent: bytes, headers: Headers) -> tuple[bytes, list[bytes]]:
    """The timestamp, and the signatures of our version, parted by spaces."""
    timestamp = only(headers, scheme.timestamp_header) if scheme.timestamp_header else b""
    return timestamp, [
        each.removeprefix(scheme.version) for each in sent.split(b" ") if each.startswith(scheme.version)
    ]


def _packed(scheme: Scheme, sent: bytes) -> tuple[bytes, list[bytes]]:
    fields = [field.strip().partition(b"=") for field in sent.split(b",")]
    (timestamp,) = [value for name, _, value in fields if name == b"t"]
    return timestamp, [value for name, _, value in fields if name == scheme.version]


def _in_time(scheme: Scheme, timestamp: bytes, now: float) -> bool:
    if scheme.timestamp_header is None and not scheme.packed:
        return True
    if not _TIMESTAMP.fullmatch(timestamp.decode("ascii")):
        return False
    return abs(now - int(timestamp) / scheme.ticks_per_second) <= scheme.tolerance_seconds


def _expected(scheme: Scheme, secret: str, message: bytes) -> bytes:
    key = _secret_bytes(scheme, secret)
    if scheme.keyed:
        return hmac.digest(key, message, getattr(hashlib, scheme.digest))
    return hashlib.new(scheme.digest, message).digest()


def _signed_uri(uri: str, plain: str) -> str:
    """The URI without its fragment, the escapes of `plain` in its query undone."""
    path, mark, query = uri.partition("#")[0].partition("?")
    for character in plain:
        query = re.sub(f"%{ord(character):02x}", lambda _, plain=character: plain, query, flags=re.IGNORECASE)  # type: ignore[misc]
    return path + mark + query


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
