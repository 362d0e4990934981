"""What the chassis' tests stand on: an embedded log, and each kind of database in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.generations import Generations, SqliteGenerations
from wanamaker_shared.service.postgres import PostgresDatabase
from wanamaker_shared.service.postgres_generations import PostgresGenerations

from .tally import PARTITIONS


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    opened = EmbeddedLog(tmp_path / "log", process="identity-consume", partitions=PARTITIONS)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    opened = SqliteDatabase(tmp_path / "db" / "test.db")
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def postgres(request: pytest.FixtureRequest) -> str | None:
    """The URL of a PostgreSQL, or None: SQLite this time."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else None


@pytest.fixture
async def database(postgres: str | None, tmp_path: Path) -> AsyncIterator[Database]:
    opened = PostgresDatabase(postgres, "test_g1") if postgres else SqliteDatabase(tmp_path / "db" / "test.db")
    yield opened
    await opened.close()


@pytest.fixture
async def generations(postgres: str | None, tmp_path: Path) -> AsyncIterator[Generations]:
    opened = PostgresGenerations(postgres, "crm-bridge") if postgres else SqliteGenerations(tmp_path / "crm-bridge")
    yield opened
    await opened.close()


@pytest.fixture
async def own_postgres(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres_url, "test_g1")
    yield opened
    await opened.close()
