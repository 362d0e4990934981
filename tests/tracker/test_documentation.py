"""docs/tracking.md names every option, call and limit of the tracker's source."""

from __future__ import annotations

import re
from pathlib import Path

from .test_build import SOURCE

PAGE = (Path(__file__).parents[2] / "docs" / "tracking.md").read_text()
PICTURE = Path(__file__).parents[2] / "docs" / "demo-page.png"


def source(name: str) -> str:
    return (SOURCE / "src" / name).read_text()


def test_every_option() -> None:
    read = re.search(r"const \{ (.*) \} = \(script \? script\.dataset", source("options.ts"))
    assert read is not None
    for name in read[1].split(", "):
        assert f'`data-{name}="' in PAGE, name


def test_every_call() -> None:
    calls = re.findall(r"^  (\w+)(?:\(|: view)", source("api.ts"), re.MULTILINE)
    assert {"track", "identify", "page", "consent", "push"} == set(calls)
    for name in set(calls) - {"push"}:
        assert f'| `["{name}"' in PAGE, name


def test_the_limits() -> None:
    assert "const QUEUE_EVENTS = 500;" in source("limits.ts")
    assert "const QUEUE_CHARACTERS = 250_000;" in source("limits.ts")
    assert "500 events or 250,000 characters" in PAGE
    assert "const BATCH_BYTES = 30_000;" in source("limits.ts")
    assert "batches of 30 KB" in PAGE
    assert "const FIELD_CHARACTERS = 1000;" in source("limits.ts")
    assert "at most 1,000 characters" in PAGE


def test_the_picture_is_there_and_small() -> None:
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    assert PICTURE.stat().st_size < 150_000
