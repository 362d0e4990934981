"""What goes wrong with a vendor's API: answers that a fake CRM gives before it behaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Faults:
    """`pending` are given first, one a request: a status, or an exception to raise. `asked` counts all requests."""

    pending: list[int | Exception] = field(default_factory=list)
    retry_after: str | None = None
    asked: int = 0

    def before(self, request: httpx.Request) -> httpx.Response | None:
        self.asked += 1
        if not self.pending:
            return None
        fault = self.pending.pop(0)
        if isinstance(fault, Exception):
            raise fault
        headers = {"retry-after": self.retry_after} if self.retry_after is not None and fault == 429 else {}
        return httpx.Response(fault, headers=headers, json={"status": "error", "message": "somebody@example.com"})


async def no_sleep(_: float) -> None:
    """Time passes by itself in tests."""
