"""Whose address a request comes from: X-Forwarded-For counts only when a trusted proxy says it, and only its own part of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from .process import serving
from .test_endpoints import EVENTS

pytestmark = pytest.mark.e2e


def statuses(port: int, key: str, forwarded: Sequence[str]) -> list[int]:
    """The answers to requests that a proxy at 127.0.0.1 passes on; an address may ask once."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(key, "")) as client:
        headers = ([(b"x-forwarded-for", value.encode("latin-1"))] for value in forwarded)
        return [client.post("/v1/page", json=EVENTS["page"], headers=header).status_code for header in headers]


def test_a_trusted_proxy_tells_the_address(tmp_path: Path, keys: dict[str, Any]) -> None:
    key = keys["write_key"]
    with serving(tmp_path, rate_address="0.1", trusted_proxies="127.0.0.0/8,9.9.9.0/24") as port:
        assert statuses(port, key, ["8.8.8.8", "8.8.4.4", "8.8.8.8"]) == [200, 200, 429]
        assert statuses(port, key, ["1.1.1.1, 8.8.8.1", "2.2.2.2, 8.8.8.1"]) == [
            200,
            429,
        ]  # what visitors wrote themselves
        assert statuses(port, key, ["8.8.8.2, 9.9.9.1", "8.8.8.2, 9.9.9.2"]) == [200, 429]  # a chain of ours
        assert statuses(port, key, ["nonsense", "\xff", ""]) == [200, 200, 200]


def test_anybody_else_does_not(tmp_path: Path, keys: dict[str, Any]) -> None:
    with serving(tmp_path, rate_address="0.1", trusted_proxies="10.0.0.1") as port:
        assert statuses(port, keys["write_key"], ["8.8.8.8", "8.8.8.8"]) == [200, 200]
