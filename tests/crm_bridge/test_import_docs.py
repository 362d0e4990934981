"""docs/imports.md says what the code does: its tables of amounts and dates are read as it says, its headings mean its fields."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wanamaker_crm_bridge.imports_api import ANSWERS
from wanamaker_crm_bridge.settings import BridgeSettings
from wanamaker_crm_bridge.spreadsheet import dates, numbers
from wanamaker_crm_bridge.spreadsheet.columns import meaning_of
from wanamaker_crm_bridge.spreadsheet.options import DECIMALS, Options
from wanamaker_crm_bridge.spreadsheet.words import FIELDS

TEXT = (Path(__file__).parents[2] / "docs" / "imports.md").read_text()


def table(head: str) -> list[list[str]]:
    lines = TEXT.partition(head)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


AMOUNTS = table("| in the cell | with decimal | is | in |")
DATES = table("| in the cell | order | is |")


@pytest.mark.parametrize(("cell", "decimal", "amount", "currency"), AMOUNTS, ids=lambda cell: cell or "-")
def test_an_amount_of_the_page(cell: str, decimal: str, amount: str, currency: str) -> None:
    found = numbers.amount_of(cell, DECIMALS[decimal])
    assert (found.text, found.currency or "") == (amount, currency)


@pytest.mark.parametrize(("cell", "order", "expected"), DATES, ids=lambda cell: cell or "-")
def test_a_date_of_the_page(cell: str, order: str, expected: str) -> None:
    assert dates.stated(dates.day_of(cell, order or None), None) == expected


def test_the_headings_of_the_page_mean_its_fields() -> None:
    told = set()
    for fields, headings, _ in table("| field | headings, for example | is |"):
        named = re.findall(r"\w+", fields)
        told |= set(named)
        for heading in re.split("[,;] ", headings):
            meaning = meaning_of(heading)
            assert meaning is not None, heading
            assert meaning[0] in named, heading
    assert told == set(FIELDS)


def test_every_parameter_answer_and_setting_is_told() -> None:
    names = [*Options.__dataclass_fields__, "dry_run", "again"]
    assert [name for name in names if f"`{name}`" not in TEXT and f"`{name}=" not in TEXT] == []
    assert [status for status in ANSWERS if f"| {status} |" not in TEXT] == []
    own = [name for name in BridgeSettings.model_fields if name.startswith("import_")]
    assert [name for name in own if f"`WANAMAKER_{name.upper()}`" not in TEXT] == []
