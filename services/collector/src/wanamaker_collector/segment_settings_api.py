"""The settings that Segment's analytics.js asks its CDN for before it sends: where to send, and nothing else to load."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response

from wanamaker_shared.service.keys import Keyring


def segment_settings_router(keyring: Keyring) -> APIRouter:
    """`GET /v1/projects/{write_key}/settings`. With it `cdnURL` is all that a page with analytics.js has to change."""
    router = APIRouter(tags=["collect"])

    @router.get(
        "/v1/projects/{write_key}/settings",
        summary="Where Segment's analytics.js sends its events",
        responses={404: {"description": "No write key."}},
    )
    async def settings(write_key: str, request: Request, response: Response) -> dict[str, Any]:
        grant = keyring.grant(write_key)
        if grant is None or grant.role != "write":
            raise HTTPException(404, "That is no write key; a page takes the `write_key` of keys.json.")
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = "private, max-age=300"
        headers = request.headers
        return {
            "integrations": {
                "Segment.io": {
                    "apiKey": write_key,
                    "apiHost": f"{headers.get('host', '')}/v1",
                    "protocol": protocol_of(
                        request.url.scheme, headers.get("x-forwarded-proto", ""), headers.get("origin", "")
                    ),
                }
            },
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "metrics": {"sampleRate": 0},
            "remotePlugins": [],
        }

    return router


def protocol_of(scheme: str, forwarded: str, origin: str) -> str:
    """`https` if the request, what a proxy says of it, or the page that asks has it: a page on https may send to nothing else."""
    said = (scheme, forwarded.partition(",")[0].strip().lower(), origin.partition(":")[0].lower())
    return "https" if "https" in said else "http"
