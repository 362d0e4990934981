"""Which workspace a webhook belongs to: the one whose secret of that connection signed or said it.

Two workspaces may name a connection alike. A connection that nobody has is checked against a secret that nobody knows, so that
neither the answer nor the time it takes tells a stranger which connections there are.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from wanamaker_shared.service.keys import WorkspaceKeys

from .connections import Connections
from .schemes import Verifier
from .signatures import Request, Scheme, verified_id
from .tokens import told_id

_NOBODYS_SECRET = secrets.token_hex(32)


@dataclass(frozen=True, slots=True)
class Sender:
    workspace: str
    dialect: str
    verified_by: str
    delivery_id: str


def sender_of(
    workspaces: Mapping[str, WorkspaceKeys], connections: Connections, connection: str, request: Request, *, now: float
) -> Sender | None:
    """None if no secret of any workspace's connection of that name signed this request, near `now` (seconds since 1970)."""
    candidates = [
        (name, secret) for name, keys in workspaces.items() for secret in keys.webhooks.get(connection, ())
    ] or [("", _NOBODYS_SECRET)]
    for workspace, secret in candidates:
        for verifier in connections.verifiers_of(connection):
            delivery_id = delivery_of(verifier, secret, request, now)
            if delivery_id is not None and workspace:
                return Sender(workspace, connections.crm_of(connection), verifier.name, delivery_id)
    return None


def delivery_of(verifier: Verifier, secret: str, request: Request, now: float) -> str | None:
    """The delivery's id if the secret vouches for it, in whichever way."""
    if isinstance(verifier, Scheme):
        return verified_id(verifier, secret, request, now=now)
    return told_id(verifier, secret, request)
