"""Requests and the records they became, byte for byte, for ever.

A file of `golden/` is a request body; beside it stand its records, one a line. Those of `golden/v2/` were accepted by version 2
of the mappings, the others by version 1. Add files; never change one: what stands there is in somebody's log, and mapping it
again must give the same identities and the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_shared.contracts import crm_events
from wanamaker_shared.contracts.record import encode

GOLDEN = Path(__file__).parent / "golden"
REQUESTS = sorted(GOLDEN.rglob("*.request.json"))
KEY = bytes(range(32))
RECEIVED = 1_769_000_000_000_000


def records_file(request: Path) -> Path:
    return request.with_name(request.name.replace(".request.json", ".records.jsonl"))


def mapped(request: Path) -> bytes:
    version = int(request.parent.name.removeprefix("v")) if request.parent != GOLDEN else 1
    webhook = Webhook(
        "default", "generic", f"msg_{request.stem}", RECEIVED, request.read_bytes(), mapping_version=version
    )
    outcome = DIALECTS["generic"](webhook, Context(KEY))
    assert outcome.failures == ()
    return b"".join(encode(event) + b"\n" for event in outcome.events)


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: path.stem.removesuffix(".request"))
def test_a_request_becomes_the_same_bytes_as_ever(request_file: Path) -> None:
    assert mapped(request_file) == records_file(request_file).read_bytes()


@pytest.mark.parametrize("request_file", REQUESTS, ids=lambda path: path.stem.removesuffix(".request"))
def test_its_records_are_read_and_written_alike(request_file: Path) -> None:
    for line in records_file(request_file).read_bytes().splitlines():
        assert encode(crm_events.adapter.validate_json(line)) == line


def test_every_record_type_has_a_golden_file() -> None:
    seen = {
        crm_events.adapter.validate_json(line).type
        for request in REQUESTS
        for line in records_file(request).read_bytes().splitlines()
    }
    assert seen == crm_events.TYPES
