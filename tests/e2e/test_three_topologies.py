"""The same events give the same bytes on SQLite and PostgreSQL, from the embedded log and from Kafka: one `verify --hash`.

They come in once, through the public endpoints of a running Wanamaker. Its log is then copied, by the command that a growing
company uses, and projected anew.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import httpx
import pytest

from tests.parts.apart import run_apart
from tests.standalone.running_demo import wanamaker
from tests.standalone.running_up import running_up
from wanamaker_shared.contracts import identity_updates, web_events
from wanamaker_shared.eventlog.runner import Hooks, run_until_caught_up
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.keys import WorkspaceKeys, read_keyring
from wanamaker_shared.service.opening import open_log
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.demo.sending import Sender
from wanamaker_standalone.proof.services import REBUILT
from wanamaker_standalone.proof.snapshot import take
from wanamaker_standalone.simulation.simulate import simulate
from wanamaker_standalone.simulation.values import Step, WebBatch

from .house import settle_soon

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SEED, DAYS, END = 8, 90, date(2026, 3, 31)
EVENTS = 20_000
REVOKED = 20
"""Links that are revoked; every second one is released again."""


@pytest.fixture(scope="module")
def standalone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an installation that took the events in and was stopped."""
    data = tmp_path_factory.mktemp("standalone") / "data"
    steps = simulate(SEED, DAYS, END).steps
    assert sum(len(step.events) if isinstance(step, WebBatch) else 1 for step in steps) >= EVENTS
    with running_up(data) as up:
        addresses = up.addresses()
        keys = read_keyring(data / "keys.json").workspaces["default"]
        run_apart(take_in(addresses, keys, steps))
        run_apart(settle_soon(data))
    return data


@pytest.mark.postgres
async def test_postgresql_gives_the_bytes_of_sqlite(standalone: Path, postgres_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copied = wanamaker("copy-log", "--to", copy, data=standalone)
    assert copied.returncode == 0, copied.stderr
    shutil.copy(standalone / "keys.json", copy)
    settings = ServiceSettings(data=copy, kafka=None, database=postgres_url)
    await project(settings, max_records=700)
    assert await hash_of(settings, tmp_path) == await hash_of(local(standalone), tmp_path)


@pytest.mark.postgres
@pytest.mark.kafka
async def test_kafka_gives_the_bytes_of_the_embedded_log(
    standalone: Path, postgres_url: str, kafka_servers: str, tmp_path: Path
) -> None:
    prefix = f"topologies-{uuid.uuid4().hex[:8]}-"
    copied = wanamaker("copy-log", "--to-kafka", kafka_servers, data=standalone, WANAMAKER_KAFKA_PREFIX=prefix)
    assert copied.returncode == 0, copied.stderr
    keys = standalone / "keys.json"
    settings = ServiceSettings(
        data=tmp_path, keys=keys, kafka=kafka_servers, kafka_prefix=prefix, database=postgres_url
    )
    await project(settings, max_records=1500)
    cluster = {
        "WANAMAKER_KAFKA": kafka_servers,
        "WANAMAKER_KAFKA_PREFIX": prefix,
        "WANAMAKER_DATABASE": postgres_url,
        "WANAMAKER_KEYS": str(keys),
    }
    proved = wanamaker("verify", "--hash", data=tmp_path, **cluster)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert proved.stdout == await hash_of(local(standalone), tmp_path) + "\n"


async def take_in(addresses: dict[str, str], keys: WorkspaceKeys, steps: Sequence[Step]) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        await Sender(client, addresses, keys).send_all(steps, lambda _: None)
        headers = {"authorization": f"Bearer {keys.admin_key}"}
        chosen = links(steps)[:REVOKED]
        assert len(chosen) == REVOKED
        for number, (cookie, email) in enumerate(chosen):
            pair = {"a": f"cookie:{cookie}", "b": f"email:{email}"}
            for decision in ("revoke", "release")[: 1 + number % 2]:
                answer = await client.post(f"{addresses['identity']}/v1/links/{decision}", json=pair, headers=headers)
                assert answer.status_code == 202, answer.text


def links(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Cookie and e-mail of each form, in order."""
    return [
        (event["anonymousId"], email)
        for step in steps
        if isinstance(step, WebBatch)
        for event in step.events
        if (email := event.get("properties", {}).get("email"))
    ]


async def project(settings: ServiceSettings, *, max_records: int) -> None:
    """What the two `consume` would do with the whole log, in batches of another size than the first time."""
    for service, rebuilt in REBUILT.items():
        projection = rebuilt.projection(settings.keyring, 1)
        log, generations = open_log(settings, f"{service}-consume"), open_generations(settings, service)
        database = generations.open(1)
        try:
            hooks = Hooks(failed_limit=0, max_records=max_records)
            taken = await run_until_caught_up(projection, log, database, service, hooks=hooks)
            assert taken == sum((await log.end_positions(projection.topics)).values())
            assert sum((await log.end_positions([identity_updates.TOPIC])).values()) > 0
            assert sum((await log.end_positions([web_events.TOPIC])).values()) > EVENTS / 2
        finally:
            await database.close()
            await generations.close()
            await log.close()


async def hash_of(settings: ServiceSettings, scratch: Path) -> str:
    """What `verify --hash` prints of these tables, without proving them by a replay."""
    sha = hashlib.sha256()
    for service in sorted(REBUILT):
        generations = open_generations(settings, service)
        database = generations.open(1)
        try:
            snapshot = await take(REBUILT[service].projection(settings.keyring, 1), database, scratch / service)
        finally:
            await database.close()
            await generations.close()
        sha.update(snapshot.lines.read_bytes())
    return sha.hexdigest()


def local(data: Path) -> ServiceSettings:
    return ServiceSettings(data=data, kafka=None, database=None)
