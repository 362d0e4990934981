"""`wanamaker failed`: reasons, one event, edits and replays, as a person asks for them; the services are played."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from typer.testing import CliRunner, Result

from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.failed_events import EventFailed, EventReplayed
from wanamaker_shared.contracts.record import Personal, Record, encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_standalone.__main__ import app
from wanamaker_standalone.failed.editing import with_values
from wanamaker_standalone.refusal import Refusal
from wanamaker_standalone.supervisor.addresses import published
from wanamaker_standalone.supervisor.lock import only_one

Run = Callable[..., Result]
COLLECTOR = "http://collector.test"
DAY = 86_400_000_000


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("WANAMAKER_KAFKA", "WANAMAKER_DATABASE", "WANAMAKER_DATA", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "120")

    def failed(*arguments: object, input: bytes | None = None) -> Result:
        written = ["failed", "--data", str(tmp_path), *map(str, arguments)]
        return CliRunner().invoke(app, written, input=input)

    return failed


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Any]:
    document = new_workspace("default")
    document["workspaces"] = [new_workspace("north")]
    write_keys(tmp_path / "keys.json", document)
    return document


def failure(
    failed_id: str, reason: str = "bad", *, at: int = 0, where: str = "/v1/batch[0]", workspace: str = "default"
) -> EventFailed:
    raw = b'{"type":"track","anonymousId":"guest","properties":{"email":"ann@example.com"}}'
    return EventFailed(
        workspace=workspace,
        source="k",
        event_id=failed_id,
        occurred_at=at,
        received_at=at,
        origin="collector" if where.startswith("/") else "identity",
        where=where,
        reason=reason,
        personal=Personal(key="c1", v={"raw": base64.b64encode(raw).decode()}),
    )


def replayed(failed_id: str, edited: bytes | None) -> EventReplayed:
    return EventReplayed(
        workspace="default",
        source="a",
        event_id=f"r-{failed_id}",
        occurred_at=DAY,
        received_at=DAY,
        origin="collector",
        retry_of=failed_id,
        topic="web-events",
        as_source="k",
        as_event_id="m1",
        as_revision=1,
        sha256="",
        personal=None if edited is None else Personal(key="c1", v={"raw": base64.b64encode(edited).decode()}),
    )


def append(data: Path, *records: Record) -> None:
    async def run() -> None:
        log = EmbeddedLog(data / "log", "collector-serve")
        try:
            await log.append([NewRecord(failed_events.TOPIC, "default/collector", encode(each)) for each in records])
        finally:
            await log.close()

    asyncio.run(run())


def refusal_of(result: Result) -> str:
    assert isinstance(result.exception, Refusal), result.output
    return str(result.exception)


def done(failed_id: str, revision: int = 1) -> httpx.Response:
    replay = {"topic": "web-events", "event_id": "m1", "revision": revision}
    return httpx.Response(200, json={"failed_id": failed_id, "status": "replayed", "replay": replay})


def many(replayed: int, results: list[dict[str, str]] | None = None, following: str | None = None) -> httpx.Response:
    document = {"replayed": replayed, "failed": 0, "skipped": 0, "results": results or [], "next": following}
    return httpx.Response(200, json=document)


AT = ("--address", f"collector={COLLECTOR}")


def test_reasons_are_counted_without_what_was_sent_in_again(run: Run, tmp_path: Path) -> None:
    append(
        tmp_path, failure("a1"), failure("a2"), failure("a3", "worse"), failure("a4", "worse"), failure("a5", "worse")
    )
    append(tmp_path, replayed("a1", None))
    answer = run("reasons")
    assert [line.split() for line in answer.stdout.splitlines()] == [
        ["3", "collector", "worse"],
        ["1", "collector", "bad"],
    ]
    assert "4 open" in answer.stderr


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ((), ["a1", "a2", "b1", "c1"]),
        (("--reason", "WORSE"), ["a2"]),
        (("--where", "web-events/"), ["b1"]),
        (("--origin", "identity"), ["b1"]),
        (("--workspace", "north"), ["c1"]),
        (("--last", 1), ["c1"]),
    ],
)
def test_the_list_is_chosen(options: tuple[object, ...], ids: list[str], run: Run, tmp_path: Path) -> None:
    append(
        tmp_path,
        failure("a1"),
        failure("a2", "worse", at=1),
        failure("b1", at=2, where="web-events/0/1"),
        failure("c1", at=3, workspace="north"),
    )
    assert [line.split()[4] for line in run(*options).stdout.splitlines()] == ids


def test_what_was_sent_in_again_is_marked(run: Run, tmp_path: Path) -> None:
    append(tmp_path, failure("a1"), failure("a2", at=1), replayed("a1", None))
    one, two = run().stdout.splitlines()
    assert (one.endswith("(replayed)"), two.endswith("(replayed)")) == (True, False)


def test_one_is_shown_whole_by_the_beginning_of_its_id(run: Run, tmp_path: Path) -> None:
    append(tmp_path, failure("abc1"), failure("abd2"), replayed("abc1", b'{"mended":1}'))
    answer = run("show", "abc")
    assert "reason     bad" in answer.stdout
    assert "replayed   1970-01-02T00:00:00Z edited, as m1 of web-events, revision 1" in answer.stdout
    assert '"anonymousId":"guest"' in answer.stdout
    assert answer.stdout.endswith('as it was sent in last:\n{"mended":1}\n')
    assert "2 failed events have an id that begins with 'ab'" in refusal_of(run("show", "ab"))
    assert "no failed event has the id 'zz'" in refusal_of(run("show", "zz"))


@respx.mock
def test_an_edit_sets_values_and_begins_with_the_last_edit(run: Run, tmp_path: Path, keys: dict[str, Any]) -> None:
    append(tmp_path, failure("a1"), replayed("a1", b'{"anonymousId":"c1","event":"A"}'))
    route = respx.post(f"{COLLECTOR}/v1/failed/a1/replay").mock(return_value=done("a1", 2))
    answer = run("edit", "a1", "--set", "event=B", "--set", "properties.n=5", "--set", 'properties.t="5"', *AT)
    assert answer.exit_code == 0, answer.output
    assert answer.stdout == "sent in again: a1 is m1 of web-events, revision 2\n"
    request = route.calls[0].request
    assert json.loads(request.content) == {"anonymousId": "c1", "event": "B", "properties": {"n": 5, "t": "5"}}
    assert request.headers["authorization"] == f"Bearer {keys['admin_key']}"


def test_nothing_that_was_sent_commands_the_terminal(run: Run, tmp_path: Path) -> None:
    sent = b'{"x": "\x1b]0;mine\x07 \x1b[2J \xc2\x9b2J \r\t\xc3\xa9\n"'
    kept = Personal(key="", v={"raw": base64.b64encode(sent).decode()})
    append(tmp_path, failure("a1").model_copy(update={"personal": kept}), replayed("a1", sent))
    shown = run("show", "a1").stdout
    assert shown.count('{"x": "\\x1b]0;mine\\x07 \\x1b[2J \\x9b2J \\x0d\té\n"') == 2
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in shown)


@respx.mock
def test_an_edit_in_the_editor(run: Run, tmp_path: Path, keys: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path, failure("a1"))
    route = respx.post(f"{COLLECTOR}/v1/failed/a1/replay").mock(return_value=done("a1"))
    monkeypatch.setenv("EDITOR", "sed -i s/guest/c7/")
    assert run("edit", "a1", *AT).exit_code == 0
    assert json.loads(route.calls[0].request.content)["anonymousId"] == "c7"
    for editor, why in (("true", "nothing was changed"), ("false", "ended with 1"), ("no-such-editor", "cannot start")):
        assert why in refusal_of(run("edit", "a1", "--editor", editor, *AT))
    assert route.call_count == 1


@respx.mock
def test_an_edit_from_a_file_or_the_input(run: Run, tmp_path: Path, keys: dict[str, Any]) -> None:
    append(tmp_path, failure("a1"))
    route = respx.post(f"{COLLECTOR}/v1/failed/a1/replay").mock(return_value=done("a1"))
    (tmp_path / "event").write_bytes(b"{} ")
    run("edit", "a1", "--file", tmp_path / "event", *AT)
    run("edit", "a1", "--file", "-", *AT, input=b"[]")
    assert [call.request.content for call in route.calls] == [b"{} ", b"[]"]
    assert "cannot read" in refusal_of(run("edit", "a1", "--file", tmp_path / "nothing", *AT))
    assert "not both" in refusal_of(run("edit", "a1", "--file", "-", "--set", "a=1", *AT))


@pytest.mark.parametrize(
    ("raw", "setting", "expected"),
    [
        (b'{"a":{"b":[{"c":1},{"c":2}]}}', "a.b.1.c=x", b'{"a":{"b":[{"c":1},{"c":"x"}]}}'),
        (b"{}", "a.b=null", b'{"a":{"b":null}}'),
        (b'{"a":1}', 'a={"b":[]}', b'{"a":{"b":[]}}'),
        (b'{"a":1}', "a=", b'{"a":""}'),
        (b'{"a":1}', "a=b=c", b'{"a":"b=c"}'),
    ],
)
def test_a_value_is_set_by_its_path(raw: bytes, setting: str, expected: bytes) -> None:
    assert with_values(raw, [setting]) == expected


@pytest.mark.parametrize(
    ("raw", "setting", "why"),
    [
        (b"{", "a=1", "no JSON"),
        (b"{}", "a", "PATH=VALUE"),
        (b'{"a":[1]}', "a.1=2", "no place of a list of 1"),
        (b'{"a":[1]}', "a.\u00b2=2", "no place of a list of 1"),
        (b'{"a":1}', "a.b=2", "no object"),
    ],
)
def test_a_value_that_cannot_be_set_is_refused(raw: bytes, setting: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        with_values(raw, [setting])


@respx.mock
def test_what_fails_again_ends_with_1(run: Run, tmp_path: Path, keys: dict[str, Any]) -> None:
    append(tmp_path, failure("a1"), failure("a2"), failure("d1", where="identity-updates/0/1"))
    respx.post(f"{COLLECTOR}/v1/failed/a1/replay").mock(return_value=httpx.Response(422, json={"detail": "still bad"}))
    respx.post(f"{COLLECTOR}/v1/failed/a2/replay").mock(return_value=done("a2", 0))
    answer = run("replay", "a1", "a2", "d1", *AT)
    assert answer.exit_code == 1
    assert answer.stdout.splitlines() == [
        "fails again: a1 still bad",
        "sent in again: a2 is m1 of web-events, revision 0",
        "not sent in: d1 no service takes it in again; `wanamaker rebuild` derives it anew",
    ]


@respx.mock
def test_a_filter_is_worked_off_for_each_service_and_workspace(run: Run, tmp_path: Path, keys: dict[str, Any]) -> None:
    append(
        tmp_path,
        failure("a1"),
        failure("b1", where="crm-events/0/1"),
        failure("c1", workspace="north"),
        failure("e1", "other"),
    )
    asked: list[tuple[str, str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append((request.url.host, request.headers["authorization"].removeprefix("Bearer "), body.get("cursor")))
        if request.url.host == "bridge.test":
            return many(1, [{"failed_id": "a1", "status": "skipped", "reason": "the collector's"}])
        return many(1, following="go on") if "cursor" not in body else many(1)

    respx.post(url__regex=r".*/v1/failed/replay").mock(side_effect=answer)
    bridge = ("--address", "crm-bridge=http://bridge.test/")
    result = run("replay", "--reason", "bad", "--from", "1970-01-01", *AT, *bridge)
    assert (result.exit_code, result.stdout) == (0, "5 sent in again\n"), result.output
    first, north = keys["admin_key"], keys["workspaces"][0]["admin_key"]
    assert sorted(asked, key=str) == sorted(
        [
            ("collector.test", first, None),
            ("collector.test", first, "go on"),
            ("collector.test", north, None),
            ("collector.test", north, "go on"),
            ("bridge.test", first, None),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    "options", [(), ("a1", "--all"), ("--all", "--reason", "x"), ("a1", "--workspace", "north")], ids=str
)
def test_a_replay_says_which_in_one_way(options: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    append(tmp_path, failure("a1"))
    assert "say which" in refusal_of(run("replay", *options))


def test_a_replay_needs_the_services_running(run: Run, tmp_path: Path, keys: dict[str, Any]) -> None:
    append(tmp_path, failure("a1"))
    assert "the collector has to be running" in refusal_of(run("replay", "a1"))
    assert "SERVICE=URL" in refusal_of(run("replay", "a1", "--address", "collector.test"))
    nobody = ("--address", "collector=http://127.0.0.1:9")
    assert "does not answer (ConnectError); is the collector running?" in refusal_of(run("replay", "a1", *nobody))


@respx.mock
@pytest.mark.parametrize(("status", "why"), [(401, "restart it"), (503, "the log does not answer"), (500, "500")])
def test_a_service_that_does_not_do_it_is_told(
    status: int, why: str, run: Run, tmp_path: Path, keys: dict[str, Any]
) -> None:
    append(tmp_path, failure("a1"))
    told = httpx.Response(status, json={"detail": "the log does not answer"})
    respx.post(url__regex=".*").mock(return_value=told)
    assert why in refusal_of(run("replay", "a1", *AT))
    assert why in refusal_of(run("replay", "--all", *AT))


@respx.mock
def test_the_services_of_up_are_found_by_themselves(run: Run, tmp_path: Path, keys: dict[str, Any]) -> None:
    append(tmp_path, failure("a1"))
    respx.post(f"{COLLECTOR}/v1/failed/a1/replay").mock(return_value=done("a1"))
    with only_one(tmp_path), published(tmp_path, {"collector": COLLECTOR}):
        assert run("replay", "a1").exit_code == 0
    (tmp_path / "addresses.json").write_text(json.dumps({"collector": COLLECTOR}))  # left by a killed supervisor
    assert "has to be running" in refusal_of(run("replay", "a1"))


def test_without_keys_nothing_is_asked_and_none_are_made(run: Run, tmp_path: Path) -> None:
    append(tmp_path, failure("a1"))
    assert "keys.json is not there" in refusal_of(run("replay", "a1", *AT))
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ((), ["List failed events", "reasons", "show", "edit", "replay"]),
        (("edit",), ["--set", "--file", "--editor", "PATH=VALUE"]),
        (("replay",), ["--reason", "--all", "SERVICE=URL", "Doing it twice changes nothing"]),
    ],
    ids=["group", "edit", "replay"],
)
def test_help_says_what_there_is(command: tuple[str, ...], says: list[str], run: Run) -> None:
    printed = " ".join(run(*command, "--help").stdout.split())
    assert [each for each in says if each not in printed] == []
