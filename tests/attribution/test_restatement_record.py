"""Restatements are written without the contract's models; their bytes are the contract's all the same."""

from __future__ import annotations

from wanamaker_attribution.steps.restatements import restatement_record
from wanamaker_shared.contracts import restatements
from wanamaker_shared.contracts.record import encode


def test_the_bytes_are_those_of_the_contract() -> None:
    named = {"kind": "deal", "conversion": "crm/1", "model": "linear", "cause": '["w","crm","","e1"]'}
    listed: list[list[str | int]] = [
        ["t1", "2026-01-05", "Paid Search", 500_000, 12],
        ["", "2026-01-06", "(unattributed)", -1, -34],
    ]
    value = restatement_record("w", "id1", 1_700_000_000_000_000, named, listed)
    assert encode(restatements.adapter.validate_json(value)) == value
    record = restatements.adapter.validate_json(value)
    assert record.differences[1].revenue_minor == -34
    assert (record.differences[0].touchpoint, record.differences[0].micro) == ("t1", 500_000)
    assert record.occurred_at == record.received_at == 1_700_000_000_000_000
