"""What the collector is told from outside."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from wanamaker_shared.service.settings import ServiceSettings


class CollectorSettings(ServiceSettings):
    service: ClassVar[str] = "collector"

    port: int = Field(default=8001, ge=0, le=65535, description="Port of `serve`.")
    body_bytes: int = Field(
        default=1 << 20, ge=1 << 10, le=1 << 26, description="Longest body of a request; a longer one is answered 413."
    )
    in_flight_bytes: int = Field(
        default=64 << 20,
        ge=1 << 20,
        description="Bytes of bodies that may wait for the log at one time; past that the answer is 503 with Retry-After.",
    )
    form_events: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated names of track events that are form submissions, beside `Form Submitted` and `Lead`.",
    )

    snowplow_paths: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated further paths for the POST of Snowplow's trackers, like `/com.acme/track`.",
    )

    @field_validator("snowplow_paths")
    @classmethod
    def _are_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        if not all(path.startswith("/") for path in paths):
            raise ValueError("each path begins with a slash")
        return paths

    @field_validator("form_events", "snowplow_paths", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
