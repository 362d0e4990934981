"""`rebuild` makes the next generation from the log, whatever the live one became, and takes the history along."""

from __future__ import annotations

from pathlib import Path

import pytest

from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.proof import rebuilding
from wanamaker_standalone.proof.rebuilding import rebuild
from wanamaker_standalone.proof.verification import verify

from .small_service import SERVICES, by_hand, live_words, say, settings_for, take_in


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "LETTING_GO_SECONDS", 0.0)


@pytest.fixture
async def installation(tmp_path: Path) -> ServiceSettings:
    settings = settings_for(tmp_path)
    await say(settings, ("a", "oak"), ("b", "ash"))
    await take_in(settings)
    return settings


async def again(settings: ServiceSettings) -> int:
    return await rebuild(settings, "identity", SERVICES["identity"], lambda _: None)


async def test_damage_is_mended_from_the_log(installation: ServiceSettings) -> None:
    await by_hand(installation, "UPDATE longest SET word = 'yew'")
    assert await again(installation) == 2
    assert await live_words(installation) == {"a": "oak", "b": "ash"}


async def test_what_was_not_consumed_yet_is_in_it_and_the_consumer_goes_on_from_there(
    installation: ServiceSettings, tmp_path: Path
) -> None:
    await say(installation, ("a", "sequoia"))
    await again(installation)
    assert (await live_words(installation))["a"] == "sequoia"
    await say(installation, ("b", "hornbeam"))
    await take_in(installation)
    assert await live_words(installation) == {"a": "sequoia", "b": "hornbeam"}
    verdict = await verify(installation, SERVICES, tmp_path, lambda _service, _progress: None)
    assert (verdict.wrong, verdict.notes) == ([], [])


async def test_history_is_taken_over(installation: ServiceSettings) -> None:
    await by_hand(installation, "INSERT INTO heard VALUES ('once', 7)")
    await again(installation)
    await again(installation)
    await by_hand(installation, "UPDATE heard SET count = 8 WHERE id = 'once' AND count = 7")
    generations = open_generations(installation, "identity")
    database = generations.open(await generations.live_generation())
    rows = await database.read(lambda connection: connection.exec_driver_sql("SELECT * FROM heard").all())
    await database.close()
    assert [tuple(row) for row in rows] == [("once", 8)]


async def test_the_generation_before_stays_until_the_next_rebuild(installation: ServiceSettings) -> None:
    files = installation.data / "identity"
    await again(installation)
    assert (files / "g1.db").exists()
    await again(installation)
    assert not (files / "g1.db").exists()
    assert (files / "g2.db").exists()
