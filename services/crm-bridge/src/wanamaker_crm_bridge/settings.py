"""What the crm-bridge is told from outside."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from wanamaker_shared.service.settings import ServiceSettings

from .connections import Connections, parse_connections


class BridgeSettings(ServiceSettings):
    service: ClassVar[str] = "crm-bridge"

    port: int = Field(default=8003, ge=0, le=65535, description="Port of `serve`.")
    webhook_bytes: int = Field(default=1_000_000, ge=1, description="Largest webhook body taken, in bytes.")
    webhook_seconds: float = Field(default=10.0, gt=0, description="Longest time a webhook's body may take to arrive.")
    import_bytes: int = Field(default=536_870_912, ge=1, description="Largest spreadsheet taken, in bytes.")
    import_seconds: float = Field(default=600.0, gt=0, description="Longest time a spreadsheet may take to arrive.")
    import_bad_rows: int = Field(
        default=10_000, ge=0, description="An import with more bad rows than this is refused as a whole."
    )
    connections: Path | None = Field(
        default=None, description="The file of what is special about connections; data/connections.toml by default."
    )

    @cached_property
    def known_connections(self) -> Connections:
        """Read once; without a file every connection has the defaults. Raises ValueError naming what is wrong in the file."""
        path = self.connections or self.data / "connections.toml"
        try:
            return parse_connections(path.read_text())
        except FileNotFoundError:
            return Connections()
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
