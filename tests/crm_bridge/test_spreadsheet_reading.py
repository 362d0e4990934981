"""What decides how a file is read: the rules of docs/imports.md by example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.crm_bridge.judging import judged
from wanamaker_crm_bridge.spreadsheet.refusal import Refused

ENGLISH = "Deal ID,Amount,Close Date"
GERMAN = "Auftrags-Nr.,Betrag,Abschlussdatum"


def amounts(found: Any) -> list[str]:
    return [event.properties["amount"] for event in found.events]


@pytest.mark.parametrize(
    ("head", "delimiter", "cells", "expected"),
    [
        (ENGLISH, ",", ["1,234", "5.50"], ["1234", "5.50"]),
        (ENGLISH, ",", ["1.234", "5,50"], ["1234", "5.50"]),
        (ENGLISH, ",", ["1.234", "1.234.567"], ["1234", "1234567"]),
        (ENGLISH, ",", ["1,234", "10"], ["1234", "10"]),
        (ENGLISH, "\t", ["1,234"], ["1234"]),
        (GERMAN, ";", ["1.234"], ["1234"]),
        (GERMAN, "\t", ["1.234", "7"], ["1234", "7"]),
        (ENGLISH, ",", ["10", "7"], ["10", "7"]),
        (GERMAN, ",", ["1.234", "0,125"], ["1234", "0.125"]),
        (GERMAN, ",", ["1.234", "1 234,500"], ["1234", "1234.500"]),
        (ENGLISH, ",", ["50,-", "1.234"], ["50", "1234"]),
        (ENGLISH, ",", ["CHF 50.–", "1'250.—", "1,234"], ["50", "1250", "1234"]),
    ],
)
def test_the_decimal_sign_is_what_the_column_proves(
    head: str, delimiter: str, cells: list[str], expected: list[str], tmp_path: Path
) -> None:
    rows = [head.replace(",", delimiter), *(f'D{n}{delimiter}"{cell}"{delimiter}' for n, cell in enumerate(cells))]
    assert amounts(judged("\n".join(rows), tmp_path)) == expected


@pytest.mark.parametrize(
    ("head", "delimiter", "cells", "why"),
    [
        (ENGLISH, ";", ["1,234"], "line 2 may be a thousand times another"),
        (ENGLISH, ";", ["1.234"], "line 2 may be a thousand times another"),
        (ENGLISH, ",", ["5", "1.234"], "line 3 may be a thousand times another"),
        (GERMAN, ",", ["1,234"], "line 2 may be a thousand times another"),
        (ENGLISH, ",", ["1,234", "1.234"], "line 2 may be a thousand times another"),
        (ENGLISH, ",", ["1,50", "1.50"], "line 2 has a decimal comma and that of line 3 a decimal point"),
        (ENGLISH, ",", ["1.50", "x", "1,50"], "line 4 has a decimal comma and that of line 2 a decimal point"),
    ],
)
def test_what_nothing_proves_is_asked(head: str, delimiter: str, cells: list[str], why: str, tmp_path: Path) -> None:
    rows = [head.replace(",", delimiter), *(f'D{n}{delimiter}"{cell}"{delimiter}' for n, cell in enumerate(cells))]
    with pytest.raises(Refused, match=why) as refusal:
        judged("\n".join(rows), tmp_path)
    assert refusal.value.option == "decimal"
    told = judged("\n".join(rows), tmp_path, decimal="comma")
    assert told.reading["decimal"] == "comma"


@pytest.mark.parametrize("stray", ["01.02.2026", "1,234,5", "1.2.3,4"])
def test_a_cell_that_is_no_amount_proves_no_decimal_sign(stray: str, tmp_path: Path) -> None:
    found = judged(f'Deal ID,Amount\nD1,"1,234"\nD2,10\nD3,"{stray}"\n', tmp_path)
    assert found.verdicts() == {2: "good", 3: "good", 4: "bad"}
    assert amounts(found) == ["1234", "10"]


def test_with_a_decimal_that_was_said_the_rows_of_the_other_kind_are_bad(tmp_path: Path) -> None:
    found = judged('Deal ID,Amount\nD1,"1,50"\nD2,1.50\nD3,1.500\n', tmp_path, decimal="comma")
    assert found.verdicts() == {2: "good", 3: "bad", 4: "good"}
    assert found.reasons(3) == ('amount ("Amount") is written with another decimal sign than `,`',)
    assert amounts(found) == ["1.50", "1500"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01/02/2026", "13/02/2026"], ["2026-02-01", "2026-02-13"]),
        (["01/02/2026", "02/13/2026"], ["2026-01-02", "2026-02-13"]),
        (["02/02/2026"], ["2026-02-02"]),
        (["01.02.2026"], ["2026-02-01"]),
        (["01-02-2026", "31-01-2026"], ["2026-02-01", "2026-01-31"]),
        (["2026/02/01"], ["2026-02-01"]),
    ],
)
def test_the_order_of_dates_is_what_the_file_proves(cells: list[str], expected: list[str], tmp_path: Path) -> None:
    found = judged("Deal ID,Close Date\n" + "".join(f"D{n},{c}\n" for n, c in enumerate(cells)), tmp_path)
    assert [event.properties["closed_at"] for event in found.events] == expected


@pytest.mark.parametrize("cell", ["13/25/2026", "45/01/2026", "01/45/2026", "00/13/2026"])
def test_what_is_no_date_proves_no_order_and_asks_for_none(cell: str, tmp_path: Path) -> None:
    assert judged(f"Deal ID,Close Date\nD1,{cell}\nD2,2026-01-31\n", tmp_path).verdicts() == {2: "bad", 3: "good"}
    with pytest.raises(Refused, match="line 3 may be two days"):
        judged(f"Deal ID,Close Date\nD1,{cell}\nD2,03/04/2026\n", tmp_path)


def test_one_column_of_dates_proves_the_order_of_the_others(tmp_path: Path) -> None:
    found = judged("Deal ID,Created,Close Date\nD1,01/02/2026,\nD2,,12/31/2026\n", tmp_path)
    assert found.events[0].properties["created_at"] == "2026-01-02"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["01/02/2026"], "line 2 may be two days"),
        (["13/01/2026", "01/13/2026"], "line 2 has its day first and that of line 3 its month"),
    ],
)
def test_an_order_that_nothing_proves_is_asked(cells: list[str], why: str, tmp_path: Path) -> None:
    body = "Deal ID,Close Date\n" + "".join(f"D{n},{c}\n" for n, c in enumerate(cells))
    with pytest.raises(Refused, match=why) as refusal:
        judged(body, tmp_path)
    assert refusal.value.option == "date_order"
    assert judged(body, tmp_path, date_order="day_first").verdicts()[2] == "good"


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("Record ID,Deal ID,Amount", {"Deal ID": "id", "Amount": "amount"}),
        ("Deal ID,Amount in company currency,Amount", {"Deal ID": "id", "Amount": "amount"}),
        ("DEAL_ID,ÀMOUNT,e-Mail", {"DEAL_ID": "id", "ÀMOUNT": "amount", "e-Mail": "email"}),
        ("Deal - ID,Deal - Value", {"Deal - ID": "id", "Deal - Value": "amount"}),
        ("Id,Email,Work email,E-mail", {"Id": "id", "Email": "email", "E-mail": "email"}),
    ],
)
def test_columns_are_found_by_their_headings(head: str, fields: dict[str, str], tmp_path: Path) -> None:
    width = head.count(",")
    found = judged(f"{head}\nD1{',' * width}\n", tmp_path)
    assert {column["heading"]: column["field"] for column in found.reading["columns"]} == fields


def test_two_headings_that_mean_the_same_equally_well_are_asked(tmp_path: Path) -> None:
    body = "Deal ID,Amount,Amount\nD1,5,6\n"
    with pytest.raises(Refused, match=r'"Amount", "Amount \(2\)" may each be the amount') as refusal:
        judged(body, tmp_path)
    assert refusal.value.option == "columns"
    assert amounts(judged(body, tmp_path, columns='{"Amount (2)": "amount"}')) == ["6"]
    assert amounts(judged(body, tmp_path, columns='{"Amount (2)": null}')) == ["5"]


def test_columns_are_what_the_sender_says(tmp_path: Path) -> None:
    body = "Kennwort,Reihe,Amount\nD1,9,5\n"
    found = judged(body, tmp_path, columns='{"Kennwort": "id", "Reihe": "amount"}')
    assert amounts(found) == ["9"]
    assert found.reading["not_read"] == ["Amount"]
    for columns, why in (
        ('{"Zeile": "id"}', "has all the headings that `columns` names"),
        ('{"Reihe": "money"}', "columns: a JSON object"),
        ('["Reihe"]', "columns: a JSON object"),
        ("{", "columns: a JSON object"),
        ('{"Reihe": "id", "Amount": "id"}', "names 2 headings for id"),
    ):
        with pytest.raises(Refused, match=why):
            judged(body, tmp_path, columns=columns)


def test_columns_of_addresses_and_dates_are_known_by_what_stands_in_them(tmp_path: Path) -> None:
    rows = "".join(f"D{n},p{n}@shop.example,{n + 1:02d}.03.2026\n" for n in range(12))
    found = judged("Deal ID,Status,Wer,Wann\n" + rows.replace(",p", ",won,p"), tmp_path)
    assert {column["field"]: column["how"] for column in found.reading["columns"]} == {
        "id": "heading",
        "status": "heading",
        "email": "content",
        "closed_at": "content",
    }
    assert '"Wann" is read as closed_at by what stands in it' in found.reading["notes"]


@pytest.mark.parametrize(
    ("heading", "currency"),
    [
        ("Amount (EUR)", "EUR"),
        ("Amount €", "EUR"),
        ("Kwota [zł]", "PLN"),
        ("Betrag in CHF", "CHF"),
        ("Montant en €", "EUR"),
        ("Amount", None),
        ("Amount (eur)", "EUR"),
        ("Amount (TOP)", "TOP"),
    ],
)
def test_a_heading_may_name_the_currency(heading: str, currency: str | None, tmp_path: Path) -> None:
    found = judged(f"Deal ID;{heading}\nD1;5\nD2;6 GBP\n", tmp_path)
    assert [event.properties.get("currency") for event in found.events] == [currency, "GBP"]


def test_a_word_of_a_heading_is_no_currency(tmp_path: Path) -> None:
    for heading in ("Amount (all)", "Amount (ALL)", "Amount top", "Amount (try)"):
        found = judged(f"Deal ID;{heading}\nD1;5\n", tmp_path, columns=json.dumps({heading: "amount"}))
        assert (found.events[0].properties, found.reading["currency"]) == ({"amount": "5"}, None)


def test_a_sign_of_several_currencies_needs_a_word(tmp_path: Path) -> None:
    assert "several currencies (SEK, NOK, DKK, ISK)" in judged("Deal ID;Amount\nD1;5 kr\n", tmp_path).reasons(2)[0]
    assert judged("Deal ID;Amount\nD1;5 kr\n", tmp_path, currency="sek").events[0].properties["currency"] == "SEK"
    assert judged("Deal ID;Amount;Currency\nD1;5 kr;NOK\n", tmp_path).events[0].properties["currency"] == "NOK"

    assert "another currency" in judged("Deal ID;Amount;Currency\nD1;5 kr;EUR\n", tmp_path).reasons(2)[0]
    assert "several currencies" in judged("Deal ID;Amount\nD1;5 kr\n", tmp_path, currency="EUR").reasons(2)[0]


@pytest.mark.parametrize(
    ("heading", "cell", "column", "said", "currency", "noted"),
    [
        ("Amount", "$5", "", None, "USD", True),
        ("Amount", "$5", "", "CAD", "CAD", False),
        ("Amount", "$5", "", "EUR", "USD", True),
        ("Amount", "$5", "CAD", None, "CAD", False),
        ("Amount", "$5", "CAD", "AUD", "CAD", False),
        ("Amount (CAD)", "$5", "", None, "CAD", False),
        ("Amount ($)", "5", "", None, "USD", True),
        ("Amount ($)", "5", "", "CAD", "CAD", False),
        ("Amount ($)", "5", "", "EUR", "EUR", False),
        ("Amount (US$)", "5", "", None, "USD", False),
        ("Amount", "$5 CAD", "", None, "CAD", False),
        ("Amount", "US$ 5", "", "CAD", "USD", False),
        ("Amount", "Fr. 5", "", None, "CHF", False),
        ("Amount", "5 Fr.", "", None, "CHF", False),
    ],
)
def test_a_dollar_is_whose_else_is_said_or_the_answer_says_what_it_was_taken_for(
    heading: str, cell: str, column: str, said: str | None, currency: str, noted: bool, tmp_path: Path
) -> None:
    stated = {} if said is None else {"currency": said}
    found = judged(f"Deal ID;{heading};Currency\nD1;{cell};{column}\n", tmp_path, **stated)
    assert found.events[0].properties["currency"] == currency
    assert any(note.startswith("$ is read as USD") for note in found.reading["notes"]) == noted


def test_a_yen_sign_may_be_a_yuan(tmp_path: Path) -> None:
    assert (
        "¥ is read as JPY; say with `currency` if it is CNY"
        in judged("Deal ID;Amount\n1;¥5\n", tmp_path).reading["notes"]
    )
    found = judged("Deal ID;Amount;Currency\nD1;¥5;CNY\nD2;¥5;EUR\n", tmp_path)
    assert (found.verdicts(), found.events[0].properties["currency"]) == ({2: "good", 3: "bad"}, "CNY")
