"""How a service answers HTTP: one uvicorn process on uvloop and httptools, stopped gracefully by SIGTERM or SIGINT."""

from __future__ import annotations

from typing import Any

import uvicorn

from .admission import Admission
from .receiving import BODY_SECONDS, bounded_by
from .settings import ServiceSettings

_GRACE_SECONDS = 10


def run_server(
    app: Any,
    settings: ServiceSettings,
    *,
    body_seconds: float = BODY_SECONDS,
    admission: Admission | None = None,
) -> None:
    """Serve the ASGI application until a signal; requests under way are finished, for ten seconds at most.

    Requests that arrive too slowly (`body_seconds`) or with too long a head are cut off, and those that `admission` refuses are
    answered before they cost anything (`receiving`)."""
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=bounded_by(body_seconds, admission),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
