"""Signs webhooks as a sender would, with the reference library: what it signs, we must take."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from standardwebhooks import Webhook

from wanamaker_shared.service.keys import Keyring, WorkspaceKeys

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"another one of thirty-two bytes.").decode()
NOW = 1_767_607_200
"""2026-01-05T10:00:00Z."""


def signed(body: bytes, *, delivery_id: str = "msg_1", secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    """The headers of a signed request; `body` is UTF-8 here, because the library signs text."""
    moment = datetime.fromtimestamp(at, tz=UTC)
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(at),
        "webhook-signature": Webhook(secret).sign(delivery_id, moment, body.decode()),
    }


def raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def workspace(name: str, webhooks: dict[str, tuple[str, ...]]) -> WorkspaceKeys:
    return WorkspaceKeys(
        workspace=name,
        write_key=f"{name}-write",
        secret_key=f"{name}-secret",
        analyst_key=f"{name}-analyst",
        admin_key=f"{name}-admin",
        workspace_key=(name.encode().hex() * 32)[:64],
        webhooks=webhooks,
    )


def keyring(**webhooks: dict[str, tuple[str, ...]]) -> Keyring:
    return Keyring(workspace(name, connections) for name, connections in webhooks.items())
