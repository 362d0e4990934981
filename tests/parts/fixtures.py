"""Fixtures for real parts, one of each for the whole test run, started when the first test asks.

`WANAMAKER_TEST_KAFKA` (host:port) and `WANAMAKER_TEST_POSTGRES` (a URL) name running ones to use instead. Where a part
cannot be had its tests are skipped with the reason; `WANAMAKER_REQUIRE_KAFKA=1` makes that a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .apart import run_apart
from .kafka import RunningKafka, running_kafka
from .missing import PartMissing, without
from .postgres import drop_database, fresh_database, running_postgres


@pytest.fixture(scope="session")
def kafka_servers() -> Iterator[str]:
    """Bootstrap servers of a Kafka that other tests use too: name topics and groups for yourself (a prefix, a uuid)."""
    given = os.environ.get("WANAMAKER_TEST_KAFKA")
    if given:
        yield given
        return
    try:
        with running_kafka() as kafka:
            yield kafka.servers
    except PartMissing as missing:
        without("KAFKA", str(missing))


@pytest.fixture(scope="module")
def own_kafka() -> Iterator[RunningKafka]:
    """A Kafka of one test file's own, to be paused and resumed."""
    try:
        with running_kafka() as kafka:
            yield kafka
    except PartMissing as missing:
        without("KAFKA", str(missing))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL whose user may create databases."""
    given = os.environ.get("WANAMAKER_TEST_POSTGRES")
    if given:
        yield given
        return
    try:
        with running_postgres() as url:
            yield url
    except PartMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    url = run_apart(fresh_database(postgres_server))
    yield url
    run_apart(drop_database(url, postgres_server))
