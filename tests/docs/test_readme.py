"""What README tells a newcomer to do works: its targets and commands exist, its page and its webhook are taken in."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from wanamaker_collector.app import create_app as create_collector
from wanamaker_collector.settings import CollectorSettings
from wanamaker_crm_bridge.app import create_app as create_bridge
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_shared.contracts import crm_webhooks, web_events
from wanamaker_shared.eventlog.port import EventLog
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.opening import open_log
from wanamaker_standalone.__main__ import app as command_line

from .pages import ROOT

README = (ROOT / "README.md").read_text()

_A_BROWSER = """
globalThis.localStorage = {};
Object.defineProperty(globalThis, "navigator", {value: {userAgent: "Mozilla/5.0 Firefox/140.0"}});
globalThis.location = {href: "https://shop.test/?utm_source=google&utm_medium=cpc"};
globalThis.document = {referrer: "https://www.google.com/"};
globalThis.fetch = (url, options) => console.log(JSON.stringify({url, ...options}));
"""


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
def page_view(keys: dict[str, Any]) -> Any:
    """The request that README's script makes in a browser: url, method, body."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed; it runs README's script for web pages")
    script = block("html").replace("<script>", "").replace("</script>", "").replace("WRITE_KEY", keys["write_key"])
    ran = subprocess.run(["node", "-e", _A_BROWSER + script], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(ran.stdout)


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


async def test_its_page_view_arrives(page_view: Any, data: Path) -> None:
    settings = CollectorSettings(data=data)
    log = open_log(settings, "collector-serve")
    door = create_collector(settings, log=log)
    door.log = log
    # A browser adds both by itself; a body of plain text asks no permission first.
    headers = {"content-type": "text/plain;charset=UTF-8", "origin": "https://shop.test"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door)) as client:
        answer = await client.request(page_view["method"], page_view["url"], content=page_view["body"], headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text
    assert answer.headers["access-control-allow-origin"] in ("*", "https://shop.test")
    (page,) = await values(log, web_events.TOPIC)
    await log.close()
    assert page["page"]["utm"] == {"source": "google", "medium": "cpc"}
    assert page["page"]["referrer_host"] == "www.google.com"


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
