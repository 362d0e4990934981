"""The answer that a CRM wants to hear once its request is durable: JSON, unless it insists on something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Response

from .schemas import WebhookAccepted

ACKNOWLEDGEMENTS: Mapping[str, Callable[[], Response]] = {}
"""By dialect, where a 200 with our JSON is not enough."""


def acknowledge(dialect: str, delivery_id: str) -> Response:
    own = ACKNOWLEDGEMENTS.get(dialect)
    if own is not None:
        return own()
    return Response(WebhookAccepted(id=delivery_id).model_dump_json(), media_type="application/json")
