"""The crm-bridge's routes: take a webhook in, verify it, keep it. Nothing here reads what it says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request

from wanamaker_shared.eventlog.port import EventLog, LogUnavailable
from wanamaker_shared.service.metrics import WEBHOOKS
from wanamaker_shared.service.problems import Problem

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
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


def webhook_router(settings: BridgeSettings, log: EventLog, *, clock: Clock = time.time) -> APIRouter:
    router = APIRouter(tags=["webhooks"])

    @router.post("/webhooks/{connection}", summary="Take in a CRM's webhook", responses=ANSWERS, openapi_extra=_BODY)
    async def receive(connection: str, request: Request) -> WebhookAccepted:
        """Answers 200 once the raw request is durable in the inbox; it is mapped right afterwards.

        An unknown connection is answered like a wrong signature, so that nobody learns which connections there are.
        """
        body = await _body(settings, request)
        now = clock()
        sender = _verified(settings, connection, request, body, now)
        webhook = Webhook(
            workspace=sender.workspace,
            connection=connection,
            delivery_id=sender.delivery_id,
            received_at=int(now * 1_000_000),
            body=body,
            headers={name: request.headers[name] for name in sender.scheme.kept_headers if name in request.headers},
        )
        try:
            await log.append([inbox_record(webhook, dialect=sender.dialect, verified_by=sender.scheme.name)])
        except LogUnavailable as error:
            WEBHOOKS.labels("refused").inc()
            raise Problem(
                503, "Service Unavailable", "Not stored; deliver it again.", headers={"Retry-After": "5"}
            ) from error
        WEBHOOKS.labels("stored").inc()
        return WebhookAccepted(id=sender.delivery_id)

    return router


async def _body(settings: BridgeSettings, request: Request) -> bytes:
    try:
        return await read_body(request, limit=settings.webhook_bytes, seconds=settings.webhook_seconds)
    except Problem:
        WEBHOOKS.labels("refused").inc()
        raise


def _verified(settings: BridgeSettings, connection: str, request: Request, body: bytes, now: float) -> Sender:
    sender = None
    if _CONNECTION.fullmatch(connection):
        headers = request.scope["headers"]
        sender = sender_of(settings.keyring.workspaces, connection, headers, body, now=now)
    if sender is None:
        WEBHOOKS.labels("unverified").inc()
        raise Problem(401, "Unauthorized", "The signature does not fit the connection, the body and the time.")
    return sender
