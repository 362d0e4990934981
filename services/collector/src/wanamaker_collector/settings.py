"""What the collector is told from outside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from wanamaker_shared.service.settings import ServiceSettings

_PATH = re.compile(r"/[\w.~/-]+", re.ASCII)
_TAKEN = (
    *("/v1/", "/l/", "/com.snowplowanalytics.", "/pixel.gif"),
    *("/docs", "/redoc", "/openapi.json", "/livez", "/readyz", "/sink-health", "/metrics"),
)


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

    tracker_path: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated further paths under which the tracker is served, beside `/t.js`; ad blockers know that one.",
    )
    consent: Literal["opt-out", "opt-in"] = Field(
        default="opt-out",
        description="What holds where a visitor stated nothing: everything, or no cookie and nothing that names a person.",
    )
    honour_dnt: bool = Field(
        default=True, description="Take DNT and Sec-GPC for a refusal where a visitor stated nothing."
    )
    cookieless: bool = Field(
        default=False,
        description="Store nothing on visitors' devices; they are told apart by a hash that changes daily.",
    )
    cookie_domain: str | None = Field(
        default=None,
        description="Domain of the cookie, if other hosts of yours are to send it too; the host's own by default.",
    )
    rate_address: float = Field(
        default=50.0,
        ge=0,
        description="Requests a second from one public address without a secret key, ten seconds' worth at once; 0 = no limit.",
    )
    rate_cookie: float = Field(default=20.0, ge=0, description="The same for one cookie; 0 = no limit.")
    rate_key: float = Field(default=0.0, ge=0, description="The same for one key, of either kind; 0 = no limit.")

    snowplow_paths: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated further paths for the POST of Snowplow's trackers, like `/com.acme/track`.",
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

    @field_validator("snowplow_paths")
    @classmethod
    def _are_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        if not all(path.startswith("/") for path in paths):
            raise ValueError("each path begins with a slash")
        return paths

    @field_validator("form_events", "snowplow_paths", "tracker_path", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @field_validator("tracker_path")
    @classmethod
    def _are_free_paths(cls, paths: tuple[str, ...]) -> tuple[str, ...]:
        if any(not _PATH.fullmatch(path) for path in paths):
            raise ValueError("a path begins with / and is made of letters, digits and ._~/-, like /assets/shop.js")
        if any(path.startswith(_TAKEN) for path in paths):
            raise ValueError(f"a path may not begin like the collector's own ({', '.join(_TAKEN)})")
        return paths
