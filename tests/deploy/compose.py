"""Reads docker-compose.yml as far as we use it: commands, environments, order, health."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


@dataclass(frozen=True, slots=True)
class ComposeService:
    name: str
    image: str | None
    """None for what is built here."""
    build: str | None
    """The build argument SERVICE."""
    command: tuple[str, ...]
    environment: Mapping[str, str]
    after: Mapping[str, str]
    """Service → the condition it must meet before this one starts."""
    ports: tuple[str, ...]
    health: tuple[str, ...]
    volumes: tuple[str, ...]

    @property
    def ends(self) -> bool:
        """A job that runs once; the others are started again whenever they end."""
        return self.image is None and not self.health


def read_compose(path: Path = ROOT / "docker-compose.yml") -> dict[str, ComposeService]:
    document = yaml.safe_load(_with_defaults(path.read_text()))
    return {name: _service(name, entry) for name, entry in document["services"].items()}


def in_order(services: Mapping[str, ComposeService]) -> list[ComposeService]:
    """Each after those it waits for. Raises ValueError for a circle or a name that is not there."""
    placed: dict[str, ComposeService] = {}
    waiting = dict(services)
    while waiting:
        free = [service for service in waiting.values() if service.after.keys() <= placed.keys()]
        if not free:
            raise ValueError(f"these wait for one another or for nobody: {sorted(waiting)}")
        for service in free:
            placed[service.name] = waiting.pop(service.name)
    return list(placed.values())


def _service(name: str, entry: Mapping[str, Any]) -> ComposeService:
    return ComposeService(
        name=name,
        image=entry.get("image"),
        build=entry["build"]["args"]["SERVICE"] if "build" in entry else None,
        command=tuple(entry.get("command", ())),
        environment={key: str(value) for key, value in entry.get("environment", {}).items()},
        after={other: how["condition"] for other, how in entry.get("depends_on", {}).items()},
        ports=tuple(entry.get("ports", ())),
        health=tuple(entry.get("healthcheck", {}).get("test", ())),
        volumes=tuple(entry.get("volumes", ())),
    )


def _with_defaults(text: str) -> str:
    """What Compose does with `${NAME:-default}`."""
    return _VARIABLE.sub(lambda match: os.environ.get(match[1]) or match[2], text)
