"""What README tells a newcomer to do works: its targets and commands exist, its page and its webhook are taken in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from wanamaker_collector.app import create_app as create_collector
from wanamaker_collector.settings import CollectorSettings
from wanamaker_crm_bridge.app import create_app as create_bridge
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.contracts import crm_webhooks
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.opening import open_log
from wanamaker_standalone.__main__ import app as command_line

from .pages import ROOT

README = (ROOT / "README.md").read_text()


def block(language: str) -> str:
    """The one block of README in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def keys(data: Path) -> dict[str, Any]:
    document = new_workspace("default")
    write_keys(data / "keys.json", document)
    return document


def test_its_targets_and_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "bench"} <= set(re.findall(r"\bmake ([a-z-]+)", README)) <= targets
    commands: Any = get_command(command_line)
    named = re.findall(r"\bwanamaker ([a-z-]+)((?: --[a-z-]+)*)", README)
    assert {"copy-log", "migrate", "verify"} <= {name for name, _ in named}
    for name, options in named:
        known = {option for parameter in commands.commands[name].params for option in parameter.opts}
        assert set(options.split()) <= known


@pytest.fixture
def webhook(keys: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The request that README's example of a CRM makes: url, content, headers."""
    sent: list[dict[str, Any]] = []

    def post(url: str, **given: Any) -> httpx.Response:
        sent.append({"url": url, **given})
        return httpx.Response(200, request=httpx.Request("POST", url))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(httpx, "post", post)
    exec(compile(block("python"), "README.md", "exec"), {})
    return sent[0]


async def test_its_script_is_the_tracker(data: Path, keys: dict[str, Any]) -> None:
    """What the tracker does on a page that has the element, tests/browser tests."""
    (address,) = re.findall(r'<script async src="(.*?)" data-key="WRITE_KEY"></script>', block("html"))
    settings = CollectorSettings(data=data)
    log = open_log(settings, "collector-serve")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_collector(settings, log=log))) as client:
        answer = await client.get(address)
    await log.close()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


async def test_its_deal_arrives(webhook: dict[str, Any], data: Path) -> None:
    settings = BridgeSettings(data=data)
    log = open_log(settings, "crm-bridge-serve")
    app = create_bridge(settings, log=log)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        (await client.post(**webhook)).raise_for_status()
    (kept,) = await values(log, crm_webhooks.TOPIC)
    await log.close()
    assert kept["source"] == "generic"


async def values(log: EventLog, topic: str) -> list[Any]:
    """All records of a topic."""
    found = []
    for at, end in (await log.end_positions([topic])).items():
        async for batch in log.read(at.topic, at.partition, 0, end):
            found += [json.loads(record.value) for record in batch.records]
    return found
