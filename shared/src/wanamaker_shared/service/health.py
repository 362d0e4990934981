"""/livez and /readyz: whether the process runs, and whether it can do its work now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter

from .errors import SafeError, describe
from .problems import Problem

Ready = Callable[[], Awaitable[Mapping[str, Any] | None]]
"""Returns if the process can do its work, with more to say about it or None; raises (best `NotReady`) if not."""

_PATIENCE = 5.0


class NotReady(SafeError):
    """Why the process cannot do its work now; the message is shown to whoever asks."""


def health_router(ready: Ready) -> APIRouter:
    """The two routes. /readyz answers 503 while `ready` raises or takes longer than five seconds."""
    router = APIRouter(tags=["operations"])

    @router.get("/livez", summary="Whether the process runs")
    async def livez() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/readyz", summary="Whether the process can do its work")
    async def readyz() -> dict[str, Any]:
        try:
            more = await asyncio.wait_for(ready(), _PATIENCE)
        except NotReady as error:
            raise Problem(503, "Service Unavailable", str(error), headers={"Retry-After": "1"}) from error
        except Exception as error:
            raise Problem(503, "Service Unavailable", describe(error), headers={"Retry-After": "1"}) from error
        return {"status": "ready", **(more or {})}

    return router
