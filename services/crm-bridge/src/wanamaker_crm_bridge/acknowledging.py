"""The answer that a CRM wants to hear once its request is durable: JSON, unless it insists on something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Response

from .dialects.salesforce import is_xml
from .dialects.salesforce_soap import ACKNOWLEDGEMENT
from .mapping import Webhook
from .schemas import WebhookAccepted


def _salesforce(webhook: Webhook) -> Response | None:
    """Who speaks SOAP hears SOAP; a Flow hears JSON."""
    return Response(ACKNOWLEDGEMENT, media_type="text/xml") if is_xml(webhook) else None


ACKNOWLEDGEMENTS: Mapping[str, Callable[[Webhook], Response | None]] = {"salesforce": _salesforce}
"""By dialect, where a 200 with our JSON is not always enough."""


def acknowledge(dialect: str, webhook: Webhook) -> Response:
    own = ACKNOWLEDGEMENTS.get(dialect)
    answer = None if own is None else own(webhook)
    if answer is not None:
        return answer
    return Response(WebhookAccepted(id=webhook.delivery_id).model_dump_json(), media_type="application/json")
