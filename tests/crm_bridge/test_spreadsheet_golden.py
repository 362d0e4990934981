"""Files as people of four countries save them, and what was understood, both written by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.crm_bridge.judging import KEY, judged
from wanamaker_crm_bridge.spreadsheet.words import plain
from wanamaker_shared.contracts.identifiers import linkable_email_key
from wanamaker_shared.failed.schemas import rfc3339

GOLDEN = Path(__file__).parent / "golden" / "spreadsheets"
FILES = sorted(GOLDEN.glob("*.csv"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_file_is_read_as_a_person_reads_it(file: Path, tmp_path: Path) -> None:
    expected = json.loads(file.with_suffix(".json").read_text())
    found = judged(file.read_bytes(), tmp_path)
    assert {name: found.reading[name] for name in expected["reading"]} == expected["reading"]
    assert [each.verdict for each in found.judged] == ["good"] * len(expected["deals"])
    assert {event.deal_id: _deal(event) for event in found.events if event.type == "deal.revised"} == {
        deal_id: _expected(deal) for deal_id, deal in expected["deals"].items()
    }
    by_time = sorted((event for event in found.events if event.type == "contact.revised"), key=lambda e: e.occurred_at)
    assert [event.personal.v for event in by_time] == expected["contacts"]
    companies = [event.properties for event in found.events if event.type == "company.revised"]
    assert companies == expected["companies"]
    times = {event.deal_id: rfc3339(event.occurred_at) for event in found.events if event.type == "deal.revised"}
    assert expected.get("times", {}).items() <= times.items()


def test_every_language_has_a_file() -> None:
    assert [file.stem for file in FILES] == ["deutsch", "english", "francais", "polski"]


def _deal(event: Any) -> dict[str, Any]:
    return {"name": event.personal.v["name"], **event.properties, "contacts": event.contacts_added}


def _expected(deal: dict[str, Any]) -> dict[str, Any]:
    """An address stands for the contact that it is, a company's name for the company."""
    contacts = [f"email:{key[:32]}" if (key := linkable_email_key(KEY, name)) else name for name in deal["contacts"]]
    company = deal.pop("company", None)
    made = {} if company is None else {"company_id": "row:" + hashlib.sha256(plain(company).encode()).hexdigest()[:32]}
    return {**deal, **made, "contacts": contacts}
