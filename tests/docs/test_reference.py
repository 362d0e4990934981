"""Each setting, topic, endpoint, metric, command and make target is documented. A failure lists what is missing."""

from __future__ import annotations

import importlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from typer.main import get_command

from wanamaker_shared.contracts.topics import TOPICS
from wanamaker_shared.service.keys import new_workspace, write_keys
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.__main__ import app as command_line

from .pages import ROOT, missing, pages, require

SERVICES = ("collector", "identity", "crm_bridge", "attribution")


def subclasses(of: type[ServiceSettings]) -> Iterator[type[ServiceSettings]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_topic_is_documented() -> None:
    require(list(TOPICS))


def test_every_setting_is_documented() -> None:
    for service in SERVICES:
        importlib.import_module(f"wanamaker_{service}.settings")
    every: list[type[ServiceSettings]] = [ServiceSettings, *subclasses(ServiceSettings)]
    names = {name for each in every for name in each.model_fields}
    require([f"WANAMAKER_{name.upper()}" for name in names])


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    require([f"make {target}" for target in targets])


def test_every_command_is_documented() -> None:
    commands: Any = get_command(command_line)
    require([f"wanamaker {name}" for name in commands.commands])


def test_every_option_of_every_command_is_documented() -> None:
    commands: Any = get_command(command_line)
    options = {
        option
        for command in commands.commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    require(sorted(options))


def test_every_metric_is_documented() -> None:
    importlib.import_module("wanamaker_shared.service.metrics")
    ours = [family.name for family in REGISTRY.collect() if family.name.startswith("wanamaker_")]
    assert ours
    require([name for name in ours if missing([f"{name}_total"])])


@pytest.mark.parametrize("service", SERVICES)
async def test_every_endpoint_is_documented(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the service itself lists them; `{parameter}` may be called otherwise in the text."""
    write_keys(tmp_path / "keys.json", new_workspace("default"))
    monkeypatch.setenv("WANAMAKER_DATA", str(tmp_path))
    settings_module = importlib.import_module(f"wanamaker_{service}.settings")
    (settings,) = (each for each in subclasses(ServiceSettings) if each.__module__ == settings_module.__name__)
    app = importlib.import_module(f"wanamaker_{service}.app").create_app(settings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths
    text = anonymous("\n".join(pages().values()))
    absent = sorted(path for path in paths if anonymous(path) not in text)
    assert not absent, "not in README.md, docs/*.md or a service's README.md:\n  " + "\n  ".join(absent)


def anonymous(text: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", text)


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page}: {target}"
        for page, text in pages().items()
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        if not (ROOT / page).parent.joinpath(target).exists()
    ]
    assert broken == []


def test_no_page_needs_what_is_not_in_the_repository() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    named = {
        path
        for text in pages().values()
        for path in re.findall(r"`((?:docs|tests|deploy|services|shared)/[\w./-]+\.\w+)`", text)
    }
    assert sorted(named - set(tracked)) == []


def test_defaults_are_as_the_table_of_settings_says() -> None:
    rows = dict(re.findall(r"^\| `(WANAMAKER_\w+)` \|\s*(.*?)\s*\|", pages()["docs/running.md"], re.MULTILINE))
    wrong = {
        name: (rows.get(name), shown)
        for name, shown in sorted(defaults().items())
        if rows.get(name) != (f"`{shown}`" if shown else "")
    }
    assert wrong == {}


def defaults() -> dict[str, str]:
    """Variable → its default as one writes it; nothing if there is none. The services' ports differ and are left out."""
    for service in SERVICES:
        importlib.import_module(f"wanamaker_{service}.settings")
    found = {}
    every: list[type[ServiceSettings]] = [ServiceSettings, *subclasses(ServiceSettings)]
    for each in every:
        for name, field in each.model_fields.items():
            shown = "" if field.default in (None, ()) else str(field.default)
            found[f"WANAMAKER_{name.upper()}"] = shown.lower() if isinstance(field.default, bool) else shown
    del found["WANAMAKER_PORT"]
    return found
