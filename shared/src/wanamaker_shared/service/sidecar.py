"""The health endpoint of `consume`: /livez, /readyz and /metrics from a thread of its own, beside the consuming loop."""

from __future__ import annotations

import asyncio
import threading

import uvicorn
from fastapi import FastAPI

from .consuming import WhyNot
from .health import NotReady, health_router
from .metrics import metrics_router
from .problems import install


class Sidecar:
    """Listens from construction to `stop`. `why_not` may be replaced at any time."""

    def __init__(self, host: str, port: int) -> None:
        self.why_not: WhyNot = lambda: "starting"
        app = FastAPI(title="Wanamaker consumer", docs_url=None, redoc_url=None, openapi_url=None)
        install(app)
        app.include_router(health_router(self._check))
        app.include_router(metrics_router())
        self._server = uvicorn.Server(
            uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, server_header=False, ws="none")
        )
        # Outside the main thread uvicorn leaves the signals to the process, which is what we want.
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), name="health", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Bounded by five seconds."""
        self._server.should_exit = True
        self._thread.join(timeout=5)

    async def _check(self) -> None:
        if (why := self.why_not()) is not None:
            raise NotReady(why)
