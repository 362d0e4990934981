"""Which workspace a webhook belongs to: the one whose secret of that connection signed it.

Two workspaces may name a connection alike. A connection that nobody has is checked against a secret that nobody knows, so that
neither the answer nor the time it takes tells a stranger which connections there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from wanamaker_shared.service.keys import WorkspaceKeys

from .signatures import SCHEMES, Headers, Scheme, dialect_of, verified_id

_NOBODYS_SECRET = secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Sender:
    workspace: str
    dialect: str
    scheme: Scheme
    delivery_id: str


def sender_of(
    workspaces: Mapping[str, WorkspaceKeys], connection: str, headers: Headers, body: bytes, *, now: float
) -> Sender | None:
    """None if no secret of any workspace's connection of that name signed this request, near `now` (seconds since 1970)."""
    dialect = dialect_of(connection)
    scheme = SCHEMES[dialect]
    candidates = [
        (name, secret) for name, keys in workspaces.items() for secret in keys.webhooks.get(connection, ())
    ] or [("", _NOBODYS_SECRET)]
    for workspace, secret in candidates:
        delivery_id = verified_id(scheme, secret, headers, body, now=now)
        if delivery_id is not None and workspace:
            return Sender(workspace, dialect, scheme, delivery_id)
    return None
