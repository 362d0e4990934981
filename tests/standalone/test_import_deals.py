"""`wanamaker import deals`, as a person runs it; the crm-bridge is played."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from typer.testing import CliRunner, Result

from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_standalone.__main__ import app
from wanamaker_standalone.importing import asking
from wanamaker_standalone.refusal import Refusal

Run = Callable[..., Result]
BRIDGE = "http://bridge.test"
DEALS = f"{BRIDGE}/v1/imports/deals"
READING = {
    "kind": "csv",
    "encoding": "windows-1252",
    "delimiter": "semicolon",
    "heading_line": 3,
    "columns": [
        {"heading": "Auftrags-Nr.", "field": "id", "how": "heading"},
        {"heading": "Wer[red]", "field": "email", "how": "content"},
        {"heading": "Summe", "field": "amount", "how": "asked"},
    ],
    "not_read": ["Notizen\x1b[2J"],
    "decimal": "comma",
    "date_order": "day_first",
    "notes": ["$ is read as USD; say with `currency` if it is another dollar"],
}


def state(state: str, good: int = 3, bad: int = 0, mapped: int = 0, **more: Any) -> dict[str, Any]:
    counts = {"rows": good + bad, "good": good, "warned": 0, "bad": bad, "deals": good}
    progress = {"rows_read": good + bad, "rows_judged": good + bad, "rows_mapped": mapped}
    return {
        "id": "a" * 32,
        "state": state,
        "reason": None,
        "reading": READING,
        "counts": counts,
        "progress": progress,
        "rows": [],
        "sample": [],
        **more,
    }


ROWS = [{"line": 4, "verdict": "bad", "reasons": ['amount ("Summe") is no amount', "closed_at is no date"]}]
SAMPLE = [{"line": 4, "id": "D1", "name": "x\x1b[2J[bold]", "amount": "5.00", "email": ["a@b.example", "c@d.example"]}]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LOOK_SECONDS", 0.0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("WANAMAKER_KAFKA", "WANAMAKER_DATABASE", "WANAMAKER_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    write_keys(tmp_path / "keys.json", new_workspace("default") | {"workspaces": [new_workspace("north")]})
    (tmp_path / "deals.csv").write_bytes(b"Auftrags-Nr.;Summe\nD1;5\n")

    def deals(*arguments: object, input: str | None = None, address: str | None = BRIDGE) -> Result:
        at = [] if address is None else ["--address", address]
        written = ["import", "deals", "--data", str(tmp_path), str(tmp_path / "deals.csv"), *at, *map(str, arguments)]
        return CliRunner().invoke(app, written, input=input)

    return deals


def refusal_of(result: Result) -> str:
    assert isinstance(result.exception, Refusal), result.output
    return str(result.exception)


@respx.mock
def test_a_dry_run_shows_columns_rows_counts_and_what_is_wrong(run: Run) -> None:
    checked = state("checked", bad=1, rows=ROWS, sample=SAMPLE)
    route = respx.post(DEALS).mock(return_value=httpx.Response(200, json=checked))
    answer = run("--dry-run")
    assert answer.exit_code == 1
    assert route.call_count == 1
    assert route.calls[0].request.content == b"Auftrags-Nr.;Summe\nD1;5\n"
    assert dict(route.calls[0].request.url.params) == {"dry_run": "true"}
    text = " ".join(answer.stdout.split())
    for shown in (
        "CSV, windows-1252, semicolon, headings in line 3, decimal comma, day first",
        "Auftrags-Nr. id by its heading",
        "Wer[red] email by what stands in it",
        "Summe amount as you said",
        "not read: Notizen\ufffd[2J",
        "4 D1 x\ufffd[2J[bold] 5.00 a@b.example, c@d.example",
        "4 rows of 3 deals: 3 good, 1 bad",
        "note: $ is read as USD",
        'line 4: bad: amount ("Summe") is no amount; closed_at is no date',
    ):
        assert shown in text, answer.stdout
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in answer.stdout)


@respx.mock
def test_it_asks_and_imports(run: Run) -> None:
    answers = [
        httpx.Response(200, json=state("checked")),
        httpx.Response(202, json=state("reading", good=0, reading=None)),
    ]
    route = respx.post(DEALS).mock(side_effect=answers)
    looks = [state("reading"), state("importing", mapped=1), state("done", mapped=3)]
    respx.get(f"{BRIDGE}/v1/imports/{'a' * 32}").mock(side_effect=[httpx.Response(200, json=each) for each in looks])
    answer = run(input="y\n")
    assert answer.exit_code == 0, answer.output
    assert "Import 3 rows?" in answer.stdout
    assert answer.stdout.rstrip().endswith(f"3 rows imported, as {'a' * 32}")
    assert [dict(call.request.url.params) for call in route.calls] == [{"dry_run": "true"}, {}]


@respx.mock
@pytest.mark.parametrize(("input", "why"), [("n\n", "nothing was imported"), ("", "--yes imports without asking")])
def test_nothing_is_imported_without_a_yes(input: str, why: str, run: Run) -> None:
    route = respx.post(DEALS).mock(return_value=httpx.Response(200, json=state("checked")))
    assert why in refusal_of(run(input=input))
    assert route.call_count == 1


@respx.mock
def test_yes_sends_the_file_once_and_bad_rows_end_with_1(run: Run) -> None:
    route = respx.post(DEALS).mock(return_value=httpx.Response(200, json=state("done", bad=1, rows=ROWS)))
    answer = run("--yes")
    assert (answer.exit_code, route.call_count) == (1, 1)
    assert "3 rows imported" in answer.stdout
    assert "1 rows are bad: see `wanamaker failed`" in answer.stderr


@respx.mock
def test_what_need_not_be_guessed_is_said(run: Run) -> None:
    route = respx.post(DEALS).mock(return_value=httpx.Response(200, json=state("done")))
    said = ("--decimal", "comma", "--date-order", "day_first", "--currency", "EUR", "--status", "won", "--zone", "UTC")
    more = ("--encoding", "utf-8", "--delimiter", "bar", "--sheet", "2026", "--connection", "hubspot", "--again")
    run("--yes", "--column", "a=b=id", "--column", "Notizen=", "--workspace", "north", *said, *more)
    parameters = dict(route.calls[0].request.url.params)
    assert json.loads(parameters.pop("columns")) == {"a=b": "id", "Notizen": None}
    assert parameters == {
        "decimal": "comma",
        "date_order": "day_first",
        "currency": "EUR",
        "status": "won",
        "zone": "UTC",
        "encoding": "utf-8",
        "delimiter": "bar",
        "sheet": "2026",
        "connection": "hubspot",
        "again": "true",
    }


@respx.mock
def test_a_file_that_was_imported_before_says_so(run: Run) -> None:
    route = respx.post(DEALS).mock(return_value=httpx.Response(200, json=state("done")))
    answer = run()
    assert answer.exit_code == 0
    assert "was imported before" in answer.stdout
    assert route.call_count == 1


@respx.mock
def test_all_rows_that_are_not_good_are_written_to_a_file(run: Run, tmp_path: Path) -> None:
    respx.post(DEALS).mock(return_value=httpx.Response(200, json=state("done", bad=3)))

    def rows(request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        if request.url.params.get("format") == "csv":
            return httpx.Response(200, content=f"line,verdict,reasons\r\n{after + 1},bad,x\r\n".encode())
        return httpx.Response(200, json={"rows": [], "next": 7 if after == 0 else None})

    respx.get(url__startswith=f"{BRIDGE}/v1/imports/{'a' * 32}/rows").mock(side_effect=rows)
    run("--yes", "--report", tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_bytes() == b"line,verdict,reasons\r\n1,bad,x\r\n8,bad,x\r\n"


@respx.mock
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(422, json={"detail": "the file is empty"}), "the file is empty"),
        (httpx.Response(401, json={"detail": "no"}), "restart it"),
        (httpx.Response(413, json={"detail": "A spreadsheet has at most"}), "413 A spreadsheet has at most"),
        (httpx.Response(500, content=b"oh"), "answered 500"),
        (httpx.Response(200, json=state("failed", reason="a NUL")), "a NUL"),
        (httpx.Response(200, json=state("interrupted")), "the same command goes on"),
        (httpx.ConnectError("no"), "is crm-bridge running?"),
    ],
    ids=range(7),
)
def test_what_is_refused_is_one_sentence(answer: httpx.Response | Exception, why: str, run: Run) -> None:
    respx.post(DEALS).mock(side_effect=[answer])
    assert why in refusal_of(run("--yes"))


@respx.mock
def test_a_service_that_is_away_for_a_moment_is_asked_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    respx.post(DEALS).mock(return_value=httpx.Response(202, json=state("importing")))
    look = respx.get(f"{BRIDGE}/v1/imports/{'a' * 32}")
    look.mock(side_effect=[httpx.ConnectError("no"), httpx.ReadTimeout("no"), httpx.Response(200, json=state("done"))])
    assert run("--yes").exit_code == 0
    look.mock(side_effect=httpx.ConnectError("no"))
    assert "the same command goes on" in refusal_of(run("--yes"))


@respx.mock
def test_ctrl_c_leaves_it_running(run: Run) -> None:
    respx.post(DEALS).mock(return_value=httpx.Response(202, json=state("importing")))

    def pressed(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    respx.get(f"{BRIDGE}/v1/imports/{'a' * 32}").mock(side_effect=pressed)
    assert "the crm-bridge goes on with it" in refusal_of(run("--yes"))


def test_what_cannot_be_done_is_told_before_anything_is_sent(run: Run, tmp_path: Path) -> None:
    assert "--column takes HEADING=FIELD" in refusal_of(run("--column", "Betrag"))
    assert "crm-bridge has to be running" in refusal_of(run(address=None))
    assert "--address takes a URL" in refusal_of(run(address="bridge.test"))
    assert "has no workspace 'south'" in refusal_of(run("--workspace", "south"))
    (tmp_path / "deals.csv").unlink()
    assert "cannot read" in refusal_of(run())
    (tmp_path / "deals.csv").mkdir()
    assert "is a directory" in refusal_of(run())


def test_help_says_what_there_is() -> None:
    printed = " ".join(CliRunner().invoke(app, ["import", "deals", "--help"]).stdout.split())
    for shown in ("--dry-run", "HEADING=FIELD", "goes on where it was interrupted", "2 refused"):
        assert shown in printed
