"""What the collector is told from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

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

    acknowledge_seconds: float = Field(
        default=2.0,
        ge=0.1,
        le=60,
        description="How long an answer waits for Kafka's acknowledgement; past that the events are spooled.",
    )
    spool: Path | None = Field(
        default=None,
        description="Directory, of this process alone, where events wait for Kafka; data/spool by default.",
    )
    spool_bytes: int = Field(
        default=1 << 30, ge=1 << 24, description="Bytes of events that the spool may hold; past that the answer is 503."
    )
    spooled_status: Literal["200", "202"] = Field(
        default="202", description="Status of an answer whose events are in the spool; for clients that know 200 only."
    )

    @property
    def spool_path(self) -> Path:
        return self.spool or self.data / "spool"

    @field_validator("form_events", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
