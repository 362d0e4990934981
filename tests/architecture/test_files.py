"""Files stay small, say what they own, and are named after it."""

from __future__ import annotations

import ast

from .tree import ROOT, shown, sources, suites

MOST_LINES = 400
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def test_no_file_has_more_than_four_hundred_lines() -> None:
    long = [
        f"{shown(path)}: {lines} lines"
        for path in [*sources(), *suites()]
        if (lines := len(path.read_text().splitlines())) > MOST_LINES
    ]
    assert long == []


def test_no_file_is_named_after_nothing() -> None:
    vague = [
        shown(path)
        for path in [*sources(), *suites()]
        if NAMES_THAT_SAY_NOTHING & {path.stem, *path.relative_to(ROOT).parts[:-1]}
    ]
    assert vague == []


def test_no_class_is_a_manager_or_a_helper() -> None:
    vague = [
        f"{shown(path)}: {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Utils"))
    ]
    assert vague == []


def test_every_module_says_what_it_owns() -> None:
    silent = [
        shown(path)
        for path in sources()
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_every_package_is_typed() -> None:
    untyped = [
        shown(package)
        for package in (path for path in ROOT.glob("*/src/wanamaker_*"))
        if not (package / "py.typed").exists()
    ]
    assert untyped == []
