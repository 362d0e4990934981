"""What attribution is told from outside."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from wanamaker_shared.service.settings import ServiceSettings


class AttributionSettings(ServiceSettings):
    service: ClassVar[str] = "attribution"

    port: int = Field(default=8004, ge=0, le=65535, description="Port of `serve`.")
    upload_bytes: int = Field(
        default=16 << 20, ge=1 << 10, le=1 << 28, description="Longest body of an upload; a longer one is answered 413."
    )
