"""What attribution is told from outside."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field, field_validator

from wanamaker_shared.service.settings import ServiceSettings

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?")


class AttributionSettings(ServiceSettings):
    service: ClassVar[str] = "attribution"

    port: int = Field(default=8004, ge=0, le=65535, description="Port of `serve`.")
    upload_bytes: int = Field(
        default=16 << 20, ge=1 << 10, le=1 << 28, description="Longest body of an upload; a longer one is answered 413."
    )
    collector_url: str | None = Field(
        default=None, description="Public address of the collector, https://go.shop.example: short links begin with it."
    )

    rate_table_seconds: float = Field(
        default=5.0,
        ge=0,
        le=86_400,
        description="How often it is looked whether money needs rates of the ECB's table; 0 = never, uploaded rates only.",
    )

    @field_validator("collector_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not _ADDRESS.fullmatch(value):
            raise ValueError("must be an address like https://go.shop.example, without query")
        return value.rstrip("/")
