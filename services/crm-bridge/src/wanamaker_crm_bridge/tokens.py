"""Whether a request says a secret: for the CRMs that sign nothing and only repeat what they were given. Pure.

Over TLS that is as good as a password. A delivery is known by the SHA-256 of its body.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from .signatures import Request, delivery_id_of, only


@dataclass(frozen=True, slots=True)
class Token:
    """Where a kind of sender says the secret."""

    name: str
    told: Callable[[Request], bytes]
    """What the request says; may raise anything, which means that it says nothing."""


def told_id(token: Token, secret: str, request: Request) -> str | None:
    """The delivery's id if the request says `secret`, else None."""
    try:
        genuine = hmac.compare_digest(secret.encode(), token.told(request))
    except Exception:  # noqa: BLE001  hostile input may fail in ways nobody listed; none of them is a verified sender
        return None
    return delivery_id_of(request.body) if secret and genuine else None


def _credentials(request: Request, scheme: bytes) -> bytes:
    kind, _, value = only(request.headers, b"authorization").partition(b" ")
    if kind.lower() != scheme:
        raise ValueError("another kind of authorization")
    return value.strip()


def _bearer(request: Request) -> bytes:
    return _credentials(request, b"bearer")


def _basic(request: Request) -> bytes:
    """`user:password`, as the secret is written."""
    return base64.b64decode(_credentials(request, b"basic"), validate=True)


def _in_path(request: Request) -> bytes:
    """What follows the connection in `/webhooks/{connection}/{secret}`."""
    return request.path.rsplit("/", 1)[1].encode()


def _in_body(request: Request) -> bytes:
    """The member `token` of a JSON object."""
    return str(json.loads(request.body)["token"]).encode()


BEARER = Token("bearer", _bearer)
BASIC = Token("basic", _basic)
PATH = Token("path", _in_path)
BODY_TOKEN = Token("body-token", _in_body)
