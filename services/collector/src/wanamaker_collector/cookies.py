"""The first-party cookie: a visitor's id, the day it was issued and a signature, so that nobody can make an id up or take
another's by guessing. Pure: the day is an argument.

It is HttpOnly, Secure and SameSite=Lax, and set by the server, so that browsers that cut short what scripts store leave it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

LASTS_DAYS = 400
"""The longest that browsers keep a cookie (RFC 6265bis)."""
_RENEW_DAYS = 1
_LONGEST = 1024
"""Of an id of 512 bytes it is three quarters; what is longer is not ours, and is not to fill the memory."""


class Kept(NamedTuple):
    """A cookie that came back, and the day (since 1970) of its issue."""

    id: str
    issued: int


class VisitorCookie:
    """The cookie of one workspace. `keys` are signing secrets: the first signs, all are valid, so that they can rotate."""

    def __init__(self, workspace: str, keys: Sequence[bytes], *, domain: str | None = None) -> None:
        self.name = b"wm_" + hashlib.sha256(workspace.encode()).hexdigest()[:8].encode()
        self._signer = signer(keys, f"cookie/{workspace}")
        scope = f"; Domain={domain}" if domain else ""
        self._attributes = f"; Path=/{scope}; HttpOnly; Secure; SameSite=Lax".encode()
        self.gone = self.name + b"=; Max-Age=0" + self._attributes
        """The Set-Cookie value that removes it."""
        # A visitor's browser sends the same cookie with every request.
        self._read = lru_cache(maxsize=65536)(self._verified)

    def read(self, header: bytes) -> Kept | None:
        """Ours among the cookies of a `Cookie` header; None if it is not there or nobody of us signed it."""
        if self.name not in header:
            return None
        for pair in header.split(b";"):
            name, _, value = pair.strip().partition(b"=")
            if name == self.name and len(value) <= _LONGEST and (kept := self._read(value)) is not None:
                return kept
        return None

    def issue(self, id: str, day: int) -> bytes:
        """The Set-Cookie value that gives a browser this id."""
        signed = self._signer.sign(f"{_encoded(id)}.{day}".encode())
        lasts = f"; Max-Age={LASTS_DAYS * 86400}".encode()
        return self.name + b"=" + signed + lasts + self._attributes

    def to_set(self, id: str, day: int, kept: Kept | None) -> bytes | None:
        """What to set so that the browser keeps this id: None while it has it from today or yesterday."""
        if kept is not None and kept.id == id and day - kept.issued <= _RENEW_DAYS:
            return None
        return self.issue(id, day)

    def _verified(self, value: bytes) -> Kept | None:
        try:
            encoded, _, day = self._signer.unsign(value).decode("ascii").rpartition(".")
            return Kept(_decoded(encoded), int(day))
        except (BadSignature, ValueError):
            return None


def signer(keys: Sequence[bytes], purpose: str) -> Signer:
    """HMAC-SHA256 under a key derived for this purpose, once and not for each cookie; the first of `keys` signs."""
    derived = [hmac.digest(key, f"wanamaker/{purpose}".encode(), "sha256") for key in reversed(keys)]
    return Signer(derived, key_derivation="none", digest_method=hashlib.sha256)


def _encoded(id: str) -> str:
    return base64.urlsafe_b64encode(id.encode()).decode().rstrip("=")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode()
    except binascii.Error as error:
        raise ValueError("not base64") from error
