"""OpenAPI of the endpoints that the front door answers before FastAPI sees them, merged into FastAPI's own document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .dialect_paths import dialect_paths
from .front_door import ENDPOINTS
from .intake import BATCH
from .schemas import Batch, ProblemDocument, SegmentEvent, SnowplowPayload, Taken

_REFS = "#/components/schemas/{model}"
_PROBLEMS = {
    "400": "The body as a whole cannot be read.",
    "401": "No key, or one that may not write.",
    "403": "Pages of this website may not send with this key.",
    "408": "The body did not arrive in time.",
    "413": "The body is too long.",
    "415": "The body is compressed otherwise than with gzip.",
    "429": "Too many requests from one key, cookie or address; send the same again after Retry-After seconds.",
    "503": "The log takes nothing just now; send the same again after Retry-After seconds.",
}


def document_collect(app: FastAPI) -> None:
    """Let the app's OpenAPI document describe the collect endpoints too."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _merged(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _merged(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    models: list[type[BaseModel]] = [SegmentEvent, Batch, Taken, SnowplowPayload, ProblemDocument]
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REFS)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(schemas["$defs"])
    components.setdefault("securitySchemes", {})["key"] = {
        "type": "http",
        "scheme": "basic",
        "description": "The write key (browser) or the secret key (server) as user name, no password.",
    }
    for path, kind in ENDPOINTS.items():
        document["paths"][path] = {"post": _operation(kind)}
    document["paths"].update(dialect_paths(_problems(), _ref(SnowplowPayload)))
    return document


def _problems() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref(ProblemDocument)}}
    return {status: {"description": meaning, "content": content} for status, meaning in _PROBLEMS.items()}


def _operation(kind: str) -> dict[str, Any]:
    body = Batch if kind == BATCH else SegmentEvent
    return {
        "tags": ["collect"],
        "operationId": f"collect_{kind}",
        "summary": "Several events" if kind == BATCH else f"One {kind} event",
        "security": [{"key": []}, {}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(body)}}},
        "responses": {
            "200": {
                "description": "Durable, each event as itself or as a failed one.",
                "content": {"application/json": {"schema": _ref(Taken)}},
            },
            "202": {
                "description": "Durable here, and sent on to the log as soon as it is back.",
                "content": {"application/json": {"schema": _ref(Taken)}},
            },
            **_problems(),
        },
    }


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFS.format(model=model.__name__)}
