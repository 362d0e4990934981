"""Where the services of a running `wanamaker up` answer: written once all are ready, for commands that ask them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .lock import is_running

_NAME = "addresses.json"


@contextmanager
def published(data: Path, addresses: Mapping[str, str]) -> Iterator[None]:
    """Keep the file while the services run: service → base URL."""
    path = data / _NAME
    fresh = path.with_name(f".{_NAME}")
    fresh.write_text(json.dumps(dict(addresses), indent=2) + "\n")
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def addresses_of(data: Path) -> dict[str, str]:
    """Empty if nothing runs on the directory, or not all of it is ready yet. The file of a killed supervisor is not believed."""
    if not is_running(data):
        return {}
    try:
        found: dict[str, str] = json.loads((data / _NAME).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found
