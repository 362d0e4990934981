"""The crm-bridge's routes: take a webhook in, verify it, keep it. Nothing here reads what it says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.service.metrics import WEBHOOKS
from wanamaker_shared.service.problems import Problem

from . import signatures
from .acknowledging import acknowledge
from .inbox import inbox_record
from .intake import read_body
from .mapping import Webhook
from .schemas import WebhookAccepted
from .senders import Sender, sender_of
from .settings import BridgeSettings

Clock = Callable[[], float]
"""Seconds since 1970."""

_CONNECTION = re.compile(r"[A-Za-z0-9._-]{1,100}")
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {
        "description": "No secret of this connection signed the request, near now; or there is no such connection",
        **_PROBLEM,
    },
    408: {"description": "The body came too slowly", **_PROBLEM},
    413: {"description": "The body is too large", **_PROBLEM},
    503: {"description": "The log cannot take it now; deliver again after `Retry-After`", **_PROBLEM},
}
_SHAPE: dict[str, Any] = {
    "response_model": WebhookAccepted,
    "responses": {200: {"content": {"text/xml": {"schema": {"type": "string"}}}}, **ANSWERS},
    "openapi_extra": {
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}, "text/xml": {"schema": {}}}}
    },
}
_KEPT_HEADERS = ("content-type",)
"""What the inbox keeps beside the body; never a signature or a credential."""


def webhook_router(settings: BridgeSettings, log: EventLog, *, clock: Clock = time.time) -> APIRouter:
    router = APIRouter(tags=["webhooks"])

    @router.post("/webhooks/{connection}", summary="Take in a CRM's webhook", **_SHAPE)
    async def receive(connection: str, request: Request) -> Response:
        """Answers 200 once the raw request is durable in the inbox; it is mapped right afterwards.

        An unknown connection is answered like a wrong signature, so that nobody learns which connections there are.
        """
        return await _receive(settings, log, connection, request, clock())

    @router.post(
        "/webhooks/{connection}/{secret}", summary="The same for a CRM that can only call an address", **_SHAPE
    )
    async def receive_by_path(connection: str, secret: str, request: Request) -> Response:
        """For Salesforce's outbound messages, which carry no signature: the secret is the last part of the address."""
        return await _receive(settings, log, connection, request, clock())

    return router


async def _receive(settings: BridgeSettings, log: EventLog, connection: str, request: Request, now: float) -> Response:
    body = await _body(settings, request)
    sender = _verified(settings, connection, request, body, now)
    webhook = Webhook(
        workspace=sender.workspace,
        connection=connection,
        delivery_id=sender.delivery_id,
        received_at=int(now * 1_000_000),
        body=body,
        headers={name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers},
    )
    try:
        await log.append([inbox_record(webhook, dialect=sender.dialect, verified_by=sender.verified_by)])
    except LogUnavailable as error:
        WEBHOOKS.labels("refused").inc()
        raise Problem(
            503, "Service Unavailable", "Not stored; deliver it again.", headers={"Retry-After": "5"}
        ) from error
    WEBHOOKS.labels("stored").inc()
    return acknowledge(sender.dialect, webhook)


async def _body(settings: BridgeSettings, request: Request) -> bytes:
    try:
        return await read_body(request, limit=settings.webhook_bytes, seconds=settings.webhook_seconds)
    except Problem:
        WEBHOOKS.labels("refused").inc()
        raise


def _verified(settings: BridgeSettings, connection: str, request: Request, body: bytes, now: float) -> Sender:
    sender = None
    if _CONNECTION.fullmatch(connection):
        known = settings.known_connections
        signed = signatures.Request(
            headers=request.scope["headers"],
            body=body,
            method=request.method,
            uri=_address(request, known.of(connection).url),
            path=request.scope["path"],
        )
        sender = sender_of(settings.keyring.workspaces, known, connection, signed, now=now)
    if sender is None:
        WEBHOOKS.labels("unverified").inc()
        raise Problem(401, "Unauthorized", "The signature does not fit the connection, the body and the time.")
    return sender


def _address(request: Request, stated: str | None) -> str:
    """The address that the sender called, as it may have signed it."""
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    base = stated if stated is not None else f"https://{request.headers.get('host', '')}{path}"
    return f"{base}?{query}" if query else base
