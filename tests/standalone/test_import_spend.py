"""`wanamaker import spend`, as a person types it; attribution is played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import respx
from typer.testing import CliRunner, Result

from wanamaker_attribution.schemas.exports import ExportAnswer
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_standalone.__main__ import app
from wanamaker_standalone.refusal import Refusal
from wanamaker_standalone.supervisor.addresses import published
from wanamaker_standalone.supervisor.lock import only_one

Run = Callable[..., Result]
AT = "http://attribution.test"
TAKEN = {
    "platform": "google_ads",
    "dry_run": False,
    "accepted": 3,
    "lines": 3,
    "skipped": 1,
    "first": "2026-09-01",
    "last": "2026-09-02",
    "amounts": {"PLN": "1010.75"},
    "costs": 2,
    "withdrawn": 0,
    "errors": [],
    "written": [],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("WANAMAKER_KAFKA", "WANAMAKER_DATABASE", "WANAMAKER_DATA"):
        monkeypatch.delenv(name, raising=False)
    document = new_workspace("default")
    document["analyst_key"] = "r-default"
    document["workspaces"] = [new_workspace("north") | {"analyst_key": "r-north"}]
    write_keys(tmp_path / "keys.json", document)
    (tmp_path / "a.csv").write_bytes(b"a")
    (tmp_path / "b.csv").write_bytes(b"b")
    (tmp_path / "c.json").write_bytes(b"[]")

    def spend(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["import", "spend", "--data", str(tmp_path), *map(str, arguments)])

    return spend


def test_attribution_is_played_as_it_answers() -> None:
    assert ExportAnswer.model_validate(TAKEN).model_dump() == TAKEN


def test_files_are_sent_with_what_was_said_of_them(run: Run, tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{AT}/v1/spend/exports").respond(json=TAKEN)
    options = ["--currency", "PLN", "--date-order", "dmy", "--post", "convert", "--workspace", "north"]
    result = run(tmp_path / "a.csv", tmp_path / "b.csv", "--address", AT, *options)
    assert result.exit_code == 0, result.output
    assert [call.request.content for call in route.calls] == [b"a", b"b"]
    request = route.calls[0].request
    assert dict(request.url.params) == {"currency": "PLN", "date_order": "dmy", "post": "convert"}
    assert request.headers["authorization"] == "Bearer r-north"
    first = result.output.splitlines()[0]
    assert first.endswith("a.csv: google_ads, 3 lines taken, 2 costs, 2026-09-01 to 2026-09-02, 1010.75 PLN")


def test_a_refused_file_says_which_lines_and_the_others_are_taken(
    run: Run, tmp_path: Path, respx_mock: respx.MockRouter
) -> None:
    errors = [{"line": line, "reason": "Cost is not an amount of money"} for line in range(4, 26)]
    refusal = {"status": 400, "detail": "22 of the lines cannot be taken, so none was.", "errors": errors}
    problem = httpx.Response(400, json=refusal, headers={"content-type": "application/problem+json"})
    respx_mock.post(f"{AT}/v1/spend/exports").side_effect = [problem, httpx.Response(200, json=TAKEN)]
    result = run(tmp_path / "a.csv", tmp_path / "b.csv", "--address", AT)
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].endswith("a.csv: refused. 22 of the lines cannot be taken, so none was.")
    assert lines[1] == "  line 4: Cost is not an amount of money"
    assert lines[21] == "  … and 2 more"
    assert "3 lines taken" in lines[22]


def test_a_dry_run_with_bad_lines_is_not_good(run: Run, tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    told = TAKEN | {"dry_run": True, "errors": [{"line": 4, "reason": "Day is not a day"}]}
    route = respx_mock.post(f"{AT}/v1/spend/exports").respond(json=told)
    result = run(tmp_path / "a.csv", "--address", AT, "--dry-run")
    assert (result.exit_code, route.calls[0].request.url.params["dry_run"]) == (1, "true")
    assert "3 lines looked at" in result.output
    assert "  line 4: Day is not a day" in result.output


def test_a_whole_export_is_sent_again_until_those_before_it_are_counted(
    run: Run, tmp_path: Path, respx_mock: respx.MockRouter, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("wanamaker_standalone.asking.time.sleep", pauses.append)
    not_yet = httpx.Response(503, json={"detail": "not yet"}, headers={"content-type": "application/problem+json"})
    taken = httpx.Response(200, json=TAKEN | {"withdrawn": 4})
    respx_mock.post(f"{AT}/v1/spend/exports").side_effect = [not_yet, not_yet, taken]
    result = run(tmp_path / "a.csv", "--whole", "--address", AT)
    assert (result.exit_code, len(pauses)) == (0, 2)
    assert "2 costs, 4 earlier ones are 0, 2026-09-01 to 2026-09-02" in result.output


def test_rows_of_ones_own_go_where_rows_go(run: Run, tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{AT}/v1/spend").respond(json={"accepted": 0})
    assert run(tmp_path / "c.json", "--address", AT).exit_code == 0
    assert run(tmp_path / "a.csv", "--rows", "--address", AT).exit_code == 0
    assert [call.request.headers["content-type"] for call in route.calls] == ["application/json", "text/csv"]


def test_the_running_installation_is_found(run: Run, tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    respx_mock.post(f"{AT}/v1/spend/exports").respond(json=TAKEN)
    with only_one(tmp_path), published(tmp_path, {"attribution": AT}):
        assert run(tmp_path / "a.csv").exit_code == 0


def test_what_cannot_be_done_says_why(run: Run, tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    def refused(*arguments: object) -> str:
        error = run(*arguments).exception
        assert isinstance(error, Refusal), error
        return str(error)

    assert "start `wanamaker up`" in refused(tmp_path / "a.csv")
    assert "takes a URL" in refused(tmp_path / "a.csv", "--address", "attribution")
    assert "cannot read" in refused(tmp_path / "none.csv", "--address", AT)
    assert "no workspace 'south'" in refused(tmp_path / "a.csv", "--workspace", "south", "--address", AT)
    assert "not for rows" in refused(tmp_path / "c.json", "--dry-run", "--address", AT)
    respx_mock.post(f"{AT}/v1/spend/exports").side_effect = [
        httpx.ConnectError("no"),
        httpx.Response(403, json={}),
        httpx.Response(503, json={}),
    ]
    assert "does not answer" in refused(tmp_path / "a.csv", "--address", AT)
    assert "keys.json" in refused(tmp_path / "a.csv", "--address", AT)
    assert "send it again" in refused(tmp_path / "a.csv", "--address", AT)
