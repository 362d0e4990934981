"""Which processes make up Wanamaker, where each listens, and in which order they stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("collector", "identity", "crm-bridge", "attribution")
"""In the order of `--ports`."""

STOP_ORDER = (
    ("collector-serve",),
    ("crm-bridge-serve",),
    ("crm-bridge-consume",),
    ("identity-consume",),
    ("attribution-consume",),
    ("identity-serve", "attribution-serve"),
)
"""First the doors, so that nothing new comes in, then the consumers as the data flows, then those who only answer."""

COMMON = (
    "wanamaker_shared.contracts.crm_events",
    "wanamaker_shared.contracts.decisions",
    "wanamaker_shared.contracts.settings",
    "wanamaker_shared.failed.api",
    "wanamaker_shared.service.consuming",
    "wanamaker_shared.service.live",
    "wanamaker_shared.service.serving",
    "wanamaker_shared.service.sidecar",
)
"""What more than one service imports, and by it the libraries that take long: FastAPI, SQLAlchemy, pydantic, uvicorn."""

_CONSUMERS = ("crm-bridge", "identity", "attribution")


@dataclass(frozen=True, slots=True)
class Process:
    """One child: the module to run and its arguments, with which environment, and the address whose /readyz says whether it
    works."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    address: str


def processes(data: Path, host: str, ports: Sequence[int], health_ports: Sequence[int]) -> tuple[Process, ...]:
    """The four `serve` (at `ports`) and the three `consume` (their health at `health_ports`)."""
    served = [
        _process(service, "serve", data, host, port, "WANAMAKER_PORT")
        for service, port in zip(SERVICES, ports, strict=True)
    ]
    consumed = [
        _process(service, "consume", data, host, port, "WANAMAKER_HEALTH_PORT")
        for service, port in zip(_CONSUMERS, health_ports, strict=True)
    ]
    return (*served, *consumed)


def _process(service: str, does: str, data: Path, host: str, port: int, port_variable: str) -> Process:
    shown = f"[{host}]" if ":" in host else host
    return Process(
        name=f"{service}-{does}",
        command=(f"wanamaker_{service.replace('-', '_')}", does),
        environment={"WANAMAKER_DATA": str(data), "WANAMAKER_HOST": host, port_variable: str(port)},
        address=f"http://{shown}:{port}",
    )
