"""What every process is told from outside: environment variables `WANAMAKER_…`, each described, none read anywhere else."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .keys import Keyring, read_keyring


class ServiceSettings(BaseSettings):
    """Settings common to all services. A service subclasses it with its `service` name, its default port and its own fields."""

    model_config = SettingsConfigDict(env_prefix="WANAMAKER_", extra="ignore", frozen=True)

    service: ClassVar[str] = ""
    """The service's name: its directory under `data`, its schema, its consumer group, its `origin` in failed-events."""

    data: Path = Field(
        default=Path("data"), description="Directory of the embedded log, the SQLite databases and keys.json."
    )
    kafka: str | None = Field(
        default=None,
        description="Kafka bootstrap servers (host:port,…). Without it the log is embedded, under data/log.",
    )
    kafka_prefix: str = Field(
        default="", description="Stands before every topic and group, on a Kafka cluster that others use too."
    )
    kafka_replication: int | None = Field(
        default=None,
        ge=1,
        description="Replicas of a topic that is made. By default three, or as many as there are brokers.",
    )
    kafka_short_retention: bool = Field(
        default=False, description="Start although a topic whose records must be kept would forget them."
    )
    database: str | None = Field(
        default=None, description="PostgreSQL URL. Without it each service keeps a SQLite file under data."
    )
    keys: Path | None = Field(default=None, description="The file of the workspaces' keys; data/keys.json by default.")
    host: str = Field(default="127.0.0.1", description="Address that `serve` and the health endpoint listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port of `serve`.")
    trusted_proxies: str = Field(
        default="127.0.0.1,::1",
        description="Comma-separated addresses and networks whose X-Forwarded-For tells the visitor's address.",
    )
    health_port: int = Field(
        default=0, ge=0, le=65535, description="Port on which `consume` answers /livez, /readyz and /metrics; 0 = none."
    )
    partitions: int = Field(
        default=2, ge=1, le=1024, description="Partitions of a topic that does not exist yet; never changed afterwards."
    )
    batch_records: int = Field(
        default=4000, ge=1, le=100_000, description="Most records that `consume` takes in within one transaction."
    )
    failed_limit: int = Field(
        default=100,
        ge=0,
        description="How many records of a partition `consume` sets aside, without 10,000 good ones after them, before it stops.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe level of the log lines on stderr."
    )

    @property
    def keys_path(self) -> Path:
        return self.keys or self.data / "keys.json"

    @cached_property
    def keyring(self) -> Keyring:
        """The workspaces' keys, read once. Raises FileNotFoundError, or ValueError naming what is wrong in the file."""
        return read_keyring(self.keys_path)
