"""A failed event's record: the contract's bytes, and as much of the raw bytes as a log message holds."""

from __future__ import annotations

import base64

from wanamaker_collector.failing import RAW_BYTES, failed_record
from wanamaker_shared.contracts import failed_events
from wanamaker_shared.contracts.record import encode


def test_the_contracts_canonical_bytes() -> None:
    failed_id, new = failed_record(
        b"\xff\x00{", "bad", workspace="w", source="s", whose="c1", where="/v1/page[0]", received_at=5
    )
    model = failed_events.adapter.validate_json(new.value)
    assert encode(model) == new.value
    assert (model.event_id, model.origin, new.key) == (failed_id, "collector", "w/collector")
    assert base64.b64decode(model.personal.v["raw"]) == b"\xff\x00{"


def test_a_huge_event_is_kept_in_part_with_its_length() -> None:
    _, new = failed_record(
        b"x" * (RAW_BYTES + 5), "big", workspace="w", source="s", whose="", where="/v1/page[0]", received_at=5
    )
    kept = failed_events.adapter.validate_json(new.value).personal.v
    assert len(base64.b64decode(kept["raw"])) == RAW_BYTES
    assert kept["bytes"] == RAW_BYTES + 5
    assert len(new.value) < 1_000_000
