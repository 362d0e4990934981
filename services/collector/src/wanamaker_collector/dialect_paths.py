"""OpenAPI of the endpoints whose events are not Segment's."""

from __future__ import annotations

from typing import Any

from .pixel import PARAMETERS, PIXEL
from .snowplow import GET_PATH, POST_PATH

_SNOWPLOW = {
    "aid": "appId: the write key or the secret key, unless the Authorization header names it.",
    "e": "Kind of event: pv, pp, se, ue, tr or ti.",
    "eid": "The event's own id: a repetition with it counts once.",
    "tnuid": "The network user id a tracker sets; the first of `tnuid`, `nuid`, `duid` that is no placeholder is the cookie.",
    "nuid": "The network user id of the collector's cookie.",
    "duid": "The browser's own cookie.",
    "uid": "Your own id of the person.",
    "dtm": "When it happened, in milliseconds since 1970 by the sender's clock.",
    "stm": "When it was sent, by the same clock.",
    "ttm": "When it truly happened, in milliseconds; taken as it is.",
    "url": "The page's address.",
    "page": "The page's title.",
    "refr": "The address of the page before it.",
    "ue_pr": "ue: self-describing JSON.",
    "ue_px": "ue: the same in base64.",
    "co": "Entities: self-describing JSON.",
    "cx": "The same in base64.",
}


def dialect_paths(problems: dict[str, Any], payload: dict[str, str]) -> dict[str, Any]:
    """Path → its operations. `problems`: status → response; `payload` is a reference to the schema of Snowplow's body."""
    of_pictures = {status: problems[status] for status in ("401", "403", "429", "503")}
    of_pictures["414"] = {**problems["413"], "description": "The query string is too long."}
    return {
        POST_PATH: {
            "post": {
                "tags": ["snowplow"],
                "operationId": "snowplow_post",
                "summary": "Several events of Snowplow's trackers",
                "security": [{"key": []}, {}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": payload}}},
                "responses": {
                    "200": {
                        "description": "`ok`: durable, each event as itself or as a failed one.",
                        "content": {"text/plain": {"schema": {"type": "string", "const": "ok"}}},
                    },
                    **problems,
                },
            }
        },
        GET_PATH: {
            "get": _picture("snowplow", "snowplow_get", "One event of Snowplow's trackers", _SNOWPLOW, of_pictures)
        },
        PIXEL: {
            "get": _picture(
                "collect", "pixel", "One event, for e-mails and pages without scripts", PARAMETERS, of_pictures
            )
        },
    }


def _picture(tag: str, operation: str, summary: str, names: dict[str, str], problems: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "query", "description": meaning, "schema": {"type": "string"}}
        for name, meaning in names.items()
    ]
    return {
        "tags": [tag],
        "operationId": operation,
        "summary": summary,
        "security": [{"key": []}, {}],
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "A picture of one dot: durable, as itself or as a failed event.",
                "content": {"image/gif": {"schema": {"type": "string", "format": "binary"}}},
            },
            **problems,
        },
    }
