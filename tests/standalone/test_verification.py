"""`verify` goes red for whatever is not what the log says, and names it; a service under way is no fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from wanamaker_shared.contracts import crm_events, identity_updates
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.partitions import partition_for
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.proof.verification import Verdict, verify

from .small_service import SERVICES, by_hand, mark_as_waiting, said, say, settings_for, take_in

WORDS = (("a", "oak"), ("b", "ash"), ("a", "maple"), ("c", "unreadable"), ("b", "ash"), ("b", "elm"))


@pytest.fixture
async def installation(tmp_path: Path) -> ServiceSettings:
    settings = settings_for(tmp_path)
    await say(settings, *WORDS)
    await take_in(settings)
    return settings


async def prove(settings: ServiceSettings, tmp_path: Path) -> Verdict:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return await verify(settings, SERVICES, scratch, lambda _service, _progress: None)


async def test_a_sound_installation_is_equal_with_failed_and_duplicate_records_in_it(
    installation: ServiceSettings, tmp_path: Path
) -> None:
    verdict = await prove(installation, tmp_path)
    assert (verdict.wrong, verdict.notes) == ([], [])
    assert len(verdict.digest) == 64


async def test_what_is_not_consumed_yet_is_no_fault(installation: ServiceSettings, tmp_path: Path) -> None:
    await say(installation, ("a", "sequoia"))
    assert (await prove(installation, tmp_path)).wrong == []


async def test_a_value_changed_by_hand_is_named(installation: ServiceSettings, tmp_path: Path) -> None:
    await by_hand(installation, "UPDATE longest SET word = 'yew' WHERE key = 'a'")
    assert (await prove(installation, tmp_path)).wrong == [
        "identity: longest [a]: word is 'yew', the log gives 'maple'"
    ]


async def test_a_deleted_row_is_named(installation: ServiceSettings, tmp_path: Path) -> None:
    await by_hand(installation, "DELETE FROM longest WHERE key = 'b'")
    assert (await prove(installation, tmp_path)).wrong == ["identity: longest [b]: is missing, the log gives it"]


async def test_an_invented_row_is_named(installation: ServiceSettings, tmp_path: Path) -> None:
    await by_hand(installation, "INSERT INTO longest VALUES ('z', 'fir', 1)")
    assert (await prove(installation, tmp_path)).wrong == ["identity: longest [z]: is there, the log does not give it"]


@pytest.mark.parametrize("skipped", ["position + 1", "position - 1"])
async def test_a_skipped_position_is_named(skipped: str, installation: ServiceSettings, tmp_path: Path) -> None:
    partition = partition_for("a", 2)
    await by_hand(installation, f"UPDATE position SET position = {skipped} WHERE partition = {partition}")
    wrong = (await prove(installation, tmp_path)).wrong
    assert any(line.startswith(f"identity: position [{crm_events.TOPIC}, {partition}]: stands at") for line in wrong)


async def test_records_passed_over_with_their_position_are_found_in_the_tables(
    installation: ServiceSettings, tmp_path: Path
) -> None:
    """Position and counters moved together: only the replay can tell."""
    await say(installation, ("a", "sequoia"))
    partition = partition_for("a", 2)
    await by_hand(
        installation,
        f"UPDATE position SET position = position + 1, records = records + 1, facts = facts + 1 WHERE partition = {partition}",
    )
    assert (await prove(installation, tmp_path)).wrong == [
        "identity: longest [a]: word is 'maple', the log gives 'sequoia'",
        'identity-updates [default/cookie:a]: the log says [{"at":1,"event_id":"e","identifier":"user:maple","lead":false,'
        '"source":"s"}], its sources give [{"at":1,"event_id":"e","identifier":"user:sequoia","lead":false,"source":"s"}]',
    ]


async def test_counters_that_do_not_add_up_are_named(installation: ServiceSettings, tmp_path: Path) -> None:
    partition = partition_for("b", 2)
    await by_hand(installation, f"UPDATE position SET duplicates = duplicates + 1 WHERE partition = {partition}")
    (line,) = (await prove(installation, tmp_path)).wrong
    assert line.startswith(f"identity: position [{crm_events.TOPIC}, {partition}]: took in ")


async def test_what_identity_never_concluded_must_not_stand_in_the_log(
    installation: ServiceSettings, tmp_path: Path
) -> None:
    log = EmbeddedLog(installation.data / "log", "identity-consume", partitions=2)
    await log.append([said("stranger", "oak"), said("a", "yew", version=99)])
    await log.close()
    wrong = (await prove(installation, tmp_path)).wrong
    assert [line.partition(":")[0] for line in wrong] == [
        f"{identity_updates.TOPIC} [default/cookie",
        f"{identity_updates.TOPIC} [default/cookie",
    ]
    assert "default/cookie:a]" in wrong[0]
    assert "default/cookie:stranger]" in wrong[1]
    assert wrong[1].endswith("its sources give nothing")


async def test_what_waits_in_the_outbox_is_noted_and_no_fault(installation: ServiceSettings, tmp_path: Path) -> None:
    await mark_as_waiting(installation, "d", "oak")
    verdict = await prove(installation, tmp_path)
    assert verdict.wrong == []
    assert "was at work" in verdict.notes[0]


async def test_the_hash_is_that_of_the_rows(installation: ServiceSettings, tmp_path: Path) -> None:
    elsewhere = settings_for(tmp_path / "elsewhere")
    await say(elsewhere, *reversed(WORDS))
    await take_in(elsewhere)
    first = (await prove(installation, tmp_path)).digest
    assert (await prove(elsewhere, tmp_path / "elsewhere")).digest == first
    await by_hand(installation, "DELETE FROM longest")
    (tmp_path / "again").mkdir()
    assert (await prove(installation, tmp_path / "again")).digest != first
