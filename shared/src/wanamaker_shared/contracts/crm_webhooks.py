"""Topic `crm-webhooks`: the raw inbox, each verified request as it came, before anything reads its body.

Producer: crm-bridge (`serve`; API answers of fetchers too). Consumer: crm-bridge (`consume`). Key: workspace and
connection. Retention: 30 days (inbox). The body is wholly personal.
"""

from __future__ import annotations

from typing import Literal

from pydantic import TypeAdapter

from .record import Personal, Record

TOPIC = "crm-webhooks"


class WebhookReceived(Record):
    type: Literal["webhook.received"] = "webhook.received"
    dialect: str
    """Which mapping reads it: `generic`, later a CRM's name."""
    mapping_version: int | None = None
    """Of the mappings, when it was accepted: every later one makes the same records of it. None = 1."""
    headers: dict[str, str] = {}
    """The headers that matter for mapping (never a signature or a credential)."""
    verified_by: str
    personal: Personal
    """`v` = {"body": base64 of the raw bytes}."""


TYPES = frozenset(["webhook.received"])
adapter: TypeAdapter[WebhookReceived] = TypeAdapter(WebhookReceived)


def key(workspace: str, connection: str) -> str:
    return f"{workspace}/{connection}"
