"""The import contracts of .importlinter hold, and no module of a service is left out of them."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .tree import ROOT, module_of, shown, sources

SHELL = (
    # What every service may have of it (docs/architecture.md).
    r"__main__|app|api(\..+)?|settings|tables|repository(\..+)?|projection|schemas(\..+)?|migrations(\..+)?",
    # collector
    r"again|answers|body|browsers|credentials|dialects|front_door|intake|limits|preflight|rejecting|short_links|sink|tally|\w+_api",
    # crm-bridge
    r"acknowledging|emitting|fetching|importing(\..+)?|intake|readers(\..+)?|reconcile_api|reconciling|senders|watching",
    # identity
    r"steps(\..+)?|\w+_relay",
    # attribution: SQL in and out, one step or one question a file
    r"steps(\..+)?|ports|filling|link_making|\w+_tables|dashboard(\..+)?",
)
"""Modules of a service that may do I/O. All others are pure core and stand in the contract `pure-core`."""

_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("uuid", "uuid4")}


def pure_core() -> list[str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    return contracts["importlinter:contract:pure-core"]["source_modules"].split()


def is_pure(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in pure_core())


def service_modules() -> list[tuple[Path, str]]:
    modules = ((path, module_of(path)) for path in sources() if "services" in path.relative_to(ROOT).parts)
    return [(path, module) for path, module in modules if "." in module]


def test_the_contracts_hold() -> None:
    """The same program that `make lint` runs."""
    lint = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_every_module_of_a_service_is_pure_core_or_named_as_shell() -> None:
    shell = [re.compile(pattern) for pattern in SHELL]
    unplaced = [
        module
        for _, module in service_modules()
        if not is_pure(module) and not any(pattern.fullmatch(module.partition(".")[2]) for pattern in shell)
    ]
    assert unplaced == [], "pure: add it to pure-core in .importlinter; shell: name it in SHELL above"


def test_the_pure_core_reads_no_clock() -> None:
    """Imports cannot show it: `datetime` is a type too."""
    readers = [
        f"{shown(path)}:{node.lineno}"
        for path in sources()
        if is_pure(module_of(path))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in _CLOCKS
    ]
    assert readers == []


@pytest.mark.parametrize("service", ["collector", "identity", "crm_bridge", "attribution"])
def test_no_service_names_another(service: str) -> None:
    """Not even where an import linter does not look: in text given to importlib or to a subprocess."""
    others = {"collector", "identity", "crm_bridge", "attribution"} - {service}
    named = [
        f"{shown(path)} names wanamaker_{other}"
        for path, module in service_modules()
        if module.startswith(f"wanamaker_{service}.")
        for other in others
        if f"wanamaker_{other}" in path.read_text()
    ]
    assert named == []


def test_only_main_modules_parse_arguments_and_only_settings_read_the_environment() -> None:
    """So that a process can be configured in one place. The supervisor hands its environment on."""
    readers = [
        f"{shown(path)}: {name}"
        for path in sources()
        if path.stem not in {"__main__", "settings"} and "supervisor" not in path.parts
        for name in ("sys.argv", "os.environ", "os.getenv", "argparse")
        if name in path.read_text()
    ]
    assert readers == []


@pytest.mark.parametrize(
    ("imported", "spared"),
    [
        ("wanamaker_collector.app", ["sqlalchemy", "httpx"]),
        ("wanamaker_identity.projection, wanamaker_shared.service.consuming", ["fastapi", "uvicorn"]),
        ("wanamaker_standalone.__main__", ["sqlalchemy", "fastapi", "httpx"]),
    ],
)
def test_nobody_waits_for_a_library_that_is_not_for_him(imported: str, spared: list[str]) -> None:
    program = f"import {imported}, sys; print([name for name in {spared!r} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"
