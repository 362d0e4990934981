"""Nothing personal leaks: after a demo no name or address of it stands anywhere but inside `personal`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.eventlog.embedded import EmbeddedLog

from .running_demo import Demo


def test_attributions_database_and_all_log_lines_hold_none(demo: Demo) -> None:
    """Bytes as they are in the files, so that a deleted row or an error message counts too."""
    files = [*(demo.data / "attribution").iterdir(), *(demo.data / "logs").iterdir()]
    assert any(file.suffix == ".log" and file.stat().st_size for file in files)
    assert leaks_in_files(files, demo.simulation.personal) == []


def test_identitys_and_the_bridges_databases_hold_none(demo: Demo) -> None:
    files = [file for of in ("identity", "crm-bridge") for file in (demo.data / of).rglob("*") if file.is_file()]
    assert leaks_in_files(files, demo.simulation.personal) == []


@pytest.mark.parametrize("topic", sorted(TOPICS))
async def test_in_the_topics_they_stand_inside_personal_only(topic: str, demo: Demo) -> None:
    log = EmbeddedLog(demo.data / "log", "reader")
    outside, personal_seen = bytearray(), False
    try:
        for at, end in (await log.end_positions([topic])).items():
            async for batch in log.read(*at, 0, end):
                for record in batch.records:
                    document = orjson.loads(record.value)
                    personal_seen |= document.pop("personal", None) is not None
                    outside += orjson.dumps(document) + record.key.encode()
    finally:
        await log.close()
    assert leaks(bytes(outside), demo.simulation.personal) == []
    if topic in {"web-events", "crm-events", "crm-webhooks"}:
        assert personal_seen, "else this test looks at nothing"


def test_the_demo_prints_none(demo: Demo) -> None:
    assert leaks(demo.printed.encode(), demo.simulation.personal) == []


def leaks_in_files(files: Iterable[Path], values: frozenset[str]) -> list[Any]:
    return [(file.name, leaked) for file in files for leaked in leaks(file.read_bytes(), values)]


def leaks(data: bytes, values: frozenset[str]) -> list[str]:
    return [value for value in values if value.encode() in data]
