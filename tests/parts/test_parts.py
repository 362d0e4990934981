"""The real parts start, answer, and keep tests apart."""

from __future__ import annotations

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient


@pytest.mark.kafka
async def test_kafka_answers(kafka_servers: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_servers)
    await admin.start()
    try:
        assert (await admin.describe_cluster())["brokers"]
    finally:
        await admin.close()


@pytest.mark.postgres
@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_empty_postgresql_18(postgres_url: str, turn: int) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        assert connection.get_server_version().major >= 18
        await connection.execute("CREATE TABLE mark (turn integer)")
    finally:
        await connection.close()
