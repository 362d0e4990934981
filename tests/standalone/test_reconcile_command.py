"""`wanamaker reconcile`: what it asks of the crm-bridge, and how it tells what was found."""

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
from wanamaker_standalone.refusal import Refusal

BRIDGE = "http://bridge.test"
RUN: dict[str, Any] = {
    "connection": "hubspot",
    "run": "17",
    "state": "reading",
    "since": "2026-01-01T00:00:00Z",
    "started_at": "2026-01-05T10:00:00Z",
    "finished_at": None,
    "lists": 4,
    "lists_read": 1,
    "pages": 3,
    "statements": 120,
    "missed": 1,
    "unreadable": 0,
    "failed": None,
    "news": [{"about": "deal:9", "what": "deal.revised amount", "at": "2026-01-04T10:00:06Z"}],
}

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("wanamaker_standalone.commands.reconcile._LOOK_SECONDS", 0)
    monkeypatch.delenv("WANAMAKER_DATA", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    write_keys(tmp_path / "keys.json", new_workspace("default"))
    written = ["reconcile", "hubspot", "--data", str(tmp_path)]
    return lambda *more: CliRunner().invoke(app, [*written, *more])


@respx.mock(base_url=BRIDGE)
def test_it_starts_a_run_watches_it_and_tells_what_was_missed(
    run: Run, tmp_path: Path, respx_mock: respx.Router
) -> None:
    started = respx_mock.post("/v1/reconcile/hubspot").respond(202, json=RUN)
    done = {**RUN, "state": "done", "finished_at": "2026-01-05T10:01:00Z", "lists_read": 4}
    respx_mock.get("/v1/reconcile/hubspot/17").mock(
        side_effect=[httpx.Response(200, json=RUN), httpx.Response(200, json=done)]
    )
    result = run("--address", BRIDGE, "--since", "2026-01-01")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-2:] == [
        "hubspot: 120 statements since 2026-01-01, 1 that no webhook had brought",
        "  2026-01-04 10:00  deal:9  deal.revised amount",
    ]
    asked = started.calls.last.request
    assert asked.url.params["since"] == "2026-01-01T00:00:00+00:00"
    key = json.loads((tmp_path / "keys.json").read_text())["admin_key"]
    assert asked.headers["authorization"] == f"Bearer {key}"


@respx.mock(base_url=BRIDGE)
def test_a_run_that_failed_is_exit_code_one(run: Run, respx_mock: respx.Router) -> None:
    respx_mock.post("/v1/reconcile/hubspot").respond(202, json=RUN)
    failed = {**RUN, "state": "failed", "failed": "12 attempts failed: the access in keys.json is not valid"}
    respx_mock.get("/v1/reconcile/hubspot/17").respond(200, json=failed)
    result = run("--address", BRIDGE)
    assert result.exit_code == 1
    assert "failed: 12 attempts failed: the access in keys.json is not valid" in result.stdout


@respx.mock(base_url=BRIDGE)
def test_without_waiting_it_says_where_to_look(run: Run, respx_mock: respx.Router) -> None:
    respx_mock.post("/v1/reconcile/hubspot").respond(202, json=RUN)
    result = run("--address", BRIDGE, "--no-wait")
    assert result.stdout == "run 17 has begun; GET /v1/reconcile/hubspot/17 tells how far it is\n"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(404, json={"detail": "keys.json has no crm_access"}), "keys.json has no crm_access"),
        (httpx.Response(401, json={}), "does not know this key"),
        (httpx.Response(503, text="busy"), "answered 503 and took nothing; send it again"),
        (httpx.ConnectError("refused"), "is crm-bridge running?"),
    ],
)
def test_what_keeps_it_from_beginning_is_told(run: Run, answer: httpx.Response | Exception, told: str) -> None:
    with respx.mock(base_url=BRIDGE) as bridge:
        bridge.post("/v1/reconcile/hubspot").mock(side_effect=[answer])
        result = run("--address", BRIDGE)
    assert isinstance(result.exception, Refusal)
    assert told in str(result.exception)


def test_nothing_runs_on_the_directory(run: Run) -> None:
    assert "start `wanamaker up` on this --data directory" in str(run().exception)
    assert "--address takes a URL" in str(run("--address", "bridge").exception)
    assert "has no workspace 'north'" in str(run("--workspace", "north").exception)


@respx.mock(base_url=BRIDGE)
def test_what_could_not_be_read_is_told(run: Run, respx_mock: respx.Router) -> None:
    respx_mock.post("/v1/reconcile/hubspot").respond(202, json=RUN)
    respx_mock.get("/v1/reconcile/hubspot/17").respond(json={**RUN, "state": "done", "unreadable": 2})
    result = run("--address", BRIDGE)
    assert result.stdout.splitlines()[-1] == "2 could not be read: `wanamaker failed reasons` tells why"
