"""What identity is told from outside."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from wanamaker_shared.service.settings import ServiceSettings


class IdentitySettings(ServiceSettings):
    service: ClassVar[str] = "identity"

    port: int = Field(default=8002, ge=0, le=65535, description="Port of `serve`.")
