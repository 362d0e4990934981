"""docker-compose.yml without Docker: its commands and environments as processes, on a real Kafka and a real PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.deploy.compose import read_compose
from tests.deploy.local import running, stand_ins
from tests.deploy.worked_example import REVENUE, Doors, send, wait_for_revenue
from tests.parts.kafka import RunningKafka

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]


def test_the_worked_example_goes_in_and_the_table_comes_out(
    own_kafka: RunningKafka, postgres_url: str, tmp_path: Path
) -> None:
    services = read_compose()
    here = stand_ins(services, kafka=own_kafka.servers, postgres=postgres_url, directory=tmp_path)

    def door(name: str) -> str:
        return here.put_in(f"http://127.0.0.1:{services[name].environment['WANAMAKER_PORT']}")

    with running(services, here, tmp_path), httpx.Client(timeout=30) as client:
        keys = json.loads((tmp_path / "keys" / "keys.json").read_text())
        doors = Doors(door("collector-serve"), door("crm-bridge-serve"), door("attribution-serve"), keys)
        send(doors, client)
        assert wait_for_revenue(doors, client) == REVENUE
    for log in tmp_path.glob("*.log"):
        if log.stem != "keys":  # whose output is the keys, and which Docker is told not to keep
            assert keys["secret_key"] not in log.read_text()
        assert "ann@example.com" not in log.read_text().lower()
