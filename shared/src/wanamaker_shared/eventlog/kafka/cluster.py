"""Which cluster, how to reach it, and how our names are written there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_RECORD_BYTES = 16 << 20
"""The largest record; topics are made to take it."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """`prefix` stands before every topic and group, for clusters that others use too.

    `security` goes to every aiokafka client as it is: security_protocol, ssl_context, sasl_mechanism, sasl_plain_username …
    `deadline` in seconds bounds everything that waits for the cluster.
    """

    servers: str
    prefix: str = ""
    deadline: float = 10.0
    security: Mapping[str, Any] = field(default_factory=dict)

    def client(self, process: str) -> dict[str, Any]:
        """The arguments that all clients share. A lost answer is noticed within half the deadline."""
        return {
            "bootstrap_servers": self.servers,
            "client_id": f"{self.prefix}{process}",
            "request_timeout_ms": max(500, int(self.deadline * 500)),
            **self.security,
        }

    def outside(self, name: str) -> str:
        """Our topic or group as the cluster calls it."""
        return self.prefix + name

    def inside(self, name: str) -> str:
        """The cluster's topic as we call it."""
        return name.removeprefix(self.prefix)
