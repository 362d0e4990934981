"""The smaller commands, called as a person calls them: keys, audit, failed, copy-log."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner, Result

from wanamaker_shared.contracts import crm_events, failed_events, identity_updates, web_events
from wanamaker_shared.contracts.failed_events import EventFailed
from wanamaker_shared.contracts.record import Personal, encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord, StoredRecord, TopicPartition
from wanamaker_shared.eventlog.positions import Progress
from wanamaker_shared.service.keys import read_keyring
from wanamaker_standalone.__main__ import app
from wanamaker_standalone.counters import faults
from wanamaker_standalone.refusal import Refusal
from wanamaker_standalone.stages import Stage
from wanamaker_standalone.supervisor.lock import only_one

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("WANAMAKER_KAFKA", "WANAMAKER_DATABASE", "WANAMAKER_DATA"):
        monkeypatch.delenv(name, raising=False)

    def wanamaker(*arguments: object, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(each) for each in arguments], input=typed)

    return wanamaker


def append(data: Path, process: str, *records: NewRecord) -> None:
    async def run() -> None:
        log = EmbeddedLog(data / "log", process)
        try:
            await log.append(records)
        finally:
            await log.close()

    asyncio.run(run())


def records_of(data: Path, topic: str, partitions: int = 4) -> list[tuple[str, bytes]]:
    async def run() -> list[StoredRecord]:
        log = EmbeddedLog(data / "log", "reader", partitions=partitions)
        try:
            ends = await log.end_positions([topic])
            return [
                record for at, end in ends.items() async for batch in log.read(*at, 0, end) for record in batch.records
            ]
        finally:
            await log.close()

    found = asyncio.run(run())
    return sorted((record.key, record.value) for record in found)


def event(key: int) -> NewRecord:
    return NewRecord(web_events.TOPIC, f"default/c{key}", f'{{"n":{key}}}'.encode())


def failure(origin: str, at: int) -> NewRecord:
    record = EventFailed(
        workspace="default",
        source=origin,
        event_id=f"{origin}-{at}",
        occurred_at=at,
        received_at=at,
        origin=origin,
        where="crm-events/0/7",
        reason="ValueError at line 3; kept here",
        personal=Personal(key="c1", v={"raw": base64.b64encode(b"ann@example.com").decode()}),
    )
    return NewRecord(failed_events.TOPIC, failed_events.key("default", origin), encode(record))


def test_keys_shows_them_and_makes_them_first(run: Run, tmp_path: Path) -> None:
    shown = json.loads(run("keys", "--data", tmp_path).stdout)
    assert shown == json.loads((tmp_path / "keys.json").read_text())
    assert shown["workspace"] == "default"


def test_a_workspace_is_added_with_keys_of_its_own(run: Run, tmp_path: Path) -> None:
    added = json.loads(run("keys", "--data", tmp_path, "add", "north").stdout)
    ring = read_keyring(tmp_path / "keys.json")
    assert set(ring.workspaces) == {"default", "north"}
    grant = ring.grant(added["secret_key"])
    assert grant is not None
    assert (grant.workspace, grant.role) == ("north", "secret")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("name", "why"), [("default", "already"), ("No Spaces", "lower-case"), ("", "lower-case")])
def test_a_workspace_name_is_refused_with_the_reason(name: str, why: str, run: Run, tmp_path: Path) -> None:
    refused = run("keys", "--data", tmp_path, "add", name).exception
    assert isinstance(refused, Refusal)
    assert why in str(refused)


def stage(**changed: int) -> Stage:
    at = TopicPartition(web_events.TOPIC, 0)
    row = {
        "position": 6,
        "records": 6,
        "facts": 3,
        "duplicates": 1,
        "skipped": 1,
        "failed": 1,
        "fresh_to": 0,
        **changed,
    }
    return Stage("identity", {at: 8}, {at: Progress(**row)}, 0)


@pytest.mark.parametrize(
    ("changed", "dense", "why"),
    [
        ({}, True, None),
        ({"facts": 2}, True, "3 + 1"),
        ({"position": 7}, True, "stands at 7, but took in 6 records"),
        ({"position": 7}, False, None),
        ({"position": 9}, False, "behind the log's end 8"),
    ],
    ids=["sound", "a fact lost", "position skipped", "Kafka's offsets may have gaps", "past the end"],
)
def test_counters_must_add_up(changed: dict[str, int], dense: bool, why: str | None) -> None:
    found = list(faults(stage(**changed), dense=dense))
    if why is None:
        assert found == []
    else:
        (line,) = found
        assert line.startswith("identity: position [web-events, 0]: ")
        assert why.replace("3 + 1", "2 facts + 1 duplicates + 1 skipped + 1 failed = 5") in line


def test_audit_counts_what_nobody_has_read_as_waiting(run: Run, tmp_path: Path) -> None:
    append(tmp_path, "collector-serve", *map(event, range(7)))
    answer = run("audit", "--data", tmp_path)
    assert answer.exit_code == 0
    row = next(line for line in answer.stdout.splitlines() if "identity" in line and "web-events" in line)
    assert [cell.strip() for cell in row.strip("│ ").split("│")] == [
        "identity",
        "web-events",
        "7",
        "0",
        "0",
        "0",
        "0",
        "7",
    ]


def test_failed_lists_the_newest_with_reasons_and_no_personal_value(run: Run, tmp_path: Path) -> None:
    append(tmp_path, "collector-serve", failure("collector", 1_000_000))
    append(tmp_path, "identity-consume", failure("identity", 2_000_000), failure("identity", 2_000_000))
    lines = run("failed", "--data", tmp_path).stdout.splitlines()
    assert [line.split()[2] for line in lines] == ["collector", "identity"]
    assert "1970-01-01T00:00:02Z" in lines[1]
    assert "ValueError at line 3" in lines[1]
    assert "ann@example.com" not in "".join(lines)
    (raw,) = run("failed", "--data", tmp_path, "--last", 1, "--raw").stdout.splitlines()
    assert json.loads(raw)["raw"] == "ann@example.com"


def test_websites_are_allowed_and_forbidden(run: Run, tmp_path: Path) -> None:
    run("keys", "--data", tmp_path, "add", "north")
    run("keys", "--data", tmp_path, "allow", "https://b.test", "https://a.test")
    run("keys", "--data", tmp_path, "allow", "http://c.test:8000", "--workspace", "north")
    run("keys", "--data", tmp_path, "forbid", "https://b.test")
    ring = read_keyring(tmp_path / "keys.json")
    assert ring.workspaces["default"].origins == ("https://a.test",)
    assert ring.workspaces["north"].origins == ("http://c.test:8000",)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("allow", "shop.test"), "not 'shop.test'"),
        (("allow", "https://shop.test/"), "not 'https://shop.test/'"),
        (("allow", "https://shop.test", "--workspace", "south"), "no workspace 'south'"),
        (("forbid", "https://shop.test"), "not on the list"),
    ],
)
def test_websites_that_make_no_sense_are_refused(run: Run, tmp_path: Path, command: tuple[str, ...], said: str) -> None:
    run("keys", "--data", tmp_path)
    refused = run("keys", "--data", tmp_path, *command).exception
    assert isinstance(refused, Refusal)
    assert said in str(refused)


def test_cookie_secrets_rotate_and_the_one_before_stays_valid(run: Run, tmp_path: Path) -> None:
    run("keys", "--data", tmp_path)
    first = read_keyring(tmp_path / "keys.json").workspaces["default"].cookie_keys
    run("keys", "--data", tmp_path, "rotate-cookies")
    second = read_keyring(tmp_path / "keys.json").workspaces["default"].cookie_keys
    run("keys", "--data", tmp_path, "rotate-cookies")
    third = read_keyring(tmp_path / "keys.json").workspaces["default"].cookie_keys
    assert second[1:] == first
    assert third[1:] == second[:1]
    assert len({*first, *second, *third}) == 3


def test_a_connections_secret_rotates_and_the_one_before_stays_valid_until_it_is_taken_out(
    run: Run, tmp_path: Path
) -> None:
    def secrets() -> tuple[str, ...]:
        return read_keyring(tmp_path / "keys.json").workspaces["default"].webhooks["hubspot"]

    run("keys", "--data", tmp_path)
    made = run("keys", "--data", tmp_path, "webhook", "hubspot").stdout.strip()
    assert secrets() == (made,)
    assert quote(made, safe="=") == made, "it can stand in an address"
    for given in ("second", "third", "third"):
        assert run("keys", "--data", tmp_path, "webhook", "hubspot", "--secret", given).stdout == ""
    assert secrets() == ("third", "second")
    run("keys", "--data", tmp_path, "webhook", "hubspot", "--secret", "third", "--only")
    assert secrets() == ("third",)
    for blank in ("", " "):
        refused = run("keys", "--data", tmp_path, "webhook", "hubspot", "--secret", blank).exception
        assert "is blank" in str(refused)
    assert secrets() == ("third",), "a secret that nobody was shown is no good to anybody"
    assert "generic" in read_keyring(tmp_path / "keys.json").workspaces["default"].webhooks


def test_access_to_a_crms_api_is_kept_and_replaced(run: Run, tmp_path: Path) -> None:
    run("keys", "--data", tmp_path)
    asked = run("keys", "--data", tmp_path, "access", "salesforce", "client_id=1", "client_secret=-", typed="two\n")
    assert "two" not in asked.output
    ring = read_keyring(tmp_path / "keys.json")
    assert ring.workspaces["default"].crm_access == {"salesforce": {"client_id": "1", "client_secret": "two"}}
    run("keys", "--data", tmp_path, "access", "salesforce", "access_token=x")
    ring = read_keyring(tmp_path / "keys.json")
    assert ring.workspaces["default"].crm_access == {"salesforce": {"access_token": "x"}}
    assert "NAME=VALUE" in str(run("keys", "--data", tmp_path, "access", "salesforce", "token").exception)
    assert "at most 100" in str(run("keys", "--data", tmp_path, "webhook", "a/b").exception)


def test_a_copied_log_has_the_same_keys_and_bytes_but_nothing_derived(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    append(source, "collector-serve", *map(event, range(50)), failure("collector", 1))
    append(source, "identity-consume", failure("identity", 2), NewRecord(identity_updates.TOPIC, "k", b"{}"))
    answer = run("copy-log", "--data", source, "--to", target, "--partitions", 2)
    assert answer.exit_code == 0, answer.output
    for topic in (web_events.TOPIC, failed_events.TOPIC):
        assert records_of(target, topic, 2) == records_of(source, topic) != []
    assert records_of(target, identity_updates.TOPIC, 2) == []


def test_a_copy_goes_into_an_empty_log_only(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    append(source, "collector-serve", event(1))
    append(target, "crm-bridge-consume", NewRecord(crm_events.TOPIC, "k", b"{}"))
    refused = run("copy-log", "--data", source, "--to", target).exception
    assert isinstance(refused, Refusal)
    assert "crm-events" in str(refused)


def test_a_running_log_is_not_copied(run: Run, tmp_path: Path) -> None:
    with only_one(tmp_path):
        refused = run("copy-log", "--data", tmp_path, "--to", tmp_path / "to").exception
    assert isinstance(refused, Refusal)
    assert "is running" in str(refused)


def test_copy_log_wants_one_target(run: Run, tmp_path: Path) -> None:
    assert isinstance(run("copy-log", "--data", tmp_path).exception, Refusal)


def test_migrate_has_nothing_to_do_on_one_machine(run: Run, tmp_path: Path) -> None:
    answer = run("migrate", "--data", tmp_path)
    assert answer.stdout.startswith("nothing to do")
    assert list(tmp_path.iterdir()) == []
