"""What decides how a file is read, and what rows of one deal come to: the rules of docs/imports.md by example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.crm_bridge.importing import deals
from tests.crm_bridge.judging import BEGUN, judged
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_crm_bridge.spreadsheet.refusal import Refused
from wanamaker_shared.failed.schemas import rfc3339

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


@pytest.mark.parametrize(
    ("head", "row", "properties"),
    [
        ("Status", "Won", {"status": "won"}),
        ("Status", "Negotiation", {"status": None, "stage": "Negotiation"}),
        ("Status,Stage", "Parked,Proposal", {"status": None, "stage": "Proposal"}),
        ("Stage,Pipeline", "Closed won,Sales", {"stage": "Closed won", "pipeline": "Sales"}),
        ("Is Won,Stage", "TRUE,S4", {"status": "won", "stage": "S4"}),
        ("Is Won,Stage", "FALSE,S4", {"stage": "S4"}),
        ("Won time,Stage", "2026-01-31,S4", {"status": "won", "stage": "S4", "closed_at": "2026-01-31"}),
        ("Won time,Status", "2026-01-31,Lost", {"status": "lost", "closed_at": "2026-01-31"}),
        ("Won time,Stage", "-,S4", {"stage": "S4"}),
        ("Won time,Close Date", "2026-01-31,2026-03-01", {"status": "won", "closed_at": "2026-01-31"}),
        ("Status,Stage", ",", {}),
    ],
)
def test_the_status_is_what_the_row_itself_says(
    head: str, row: str, properties: dict[str, Any], tmp_path: Path
) -> None:
    assert judged(f"Deal ID,{head}\nD1,{row}\n", tmp_path).events[0].properties == properties


def test_a_file_of_sales_says_nothing_of_status_until_it_is_told(tmp_path: Path) -> None:
    body = "Deal ID,Amount\nD1,5\n"
    found = judged(body, tmp_path)
    assert "no column says whether a deal is won; say status=won if all are" in found.reading["notes"]
    assert judged(body, tmp_path, status="won").events[0].properties == {"amount": "5", "status": "won"}


def test_a_status_in_the_name_of_a_crm_is_pointed_at(tmp_path: Path) -> None:
    def told(head: str, row: str, **stated: str) -> list[str]:
        notes = judged(f"Deal ID,{head}\nD1,{row}\n", tmp_path, **stated).reading["notes"]
        return [
            note.partition(":")[0] for note in notes if "a status decides, whatever stage hubspot tells later" in note
        ]

    assert told("Status", "Won", connection="hubspot") == ['"Status"']
    assert told("Is Closed Won,Stage", "yes,S4", connection="hubspot", status="lost") == [
        '"Is Closed Won" and status=lost'
    ]
    assert told("Won time,Stage", "2026-01-31,S4", connection="hubspot") == ['"Won time"']
    assert told("Stage", "S4", connection="hubspot") == []
    assert told("Status", "Won") == []


def test_a_status_that_is_no_word_for_one_is_pointed_at(tmp_path: Path) -> None:
    notes = judged("Deal ID,Status\nD1,Won\nD2,Gewonen\nD3,\nD4,Parked\n", tmp_path).reading["notes"]
    assert [note for note in notes if note.startswith("the status of 2 rows, of line 3 first, is none of the words")]


def test_several_rows_of_one_deal_unite_their_contacts_and_the_later_line_holds(tmp_path: Path) -> None:
    body = "Deal ID,Amount,Email\nD1,5,a@b.example\nD2,1,\nD1,5,c@d.example\nD1,7,\n"
    found = judged(body, tmp_path)
    assert found.verdicts() == {2: "good", 3: "good", 4: "good", 5: "warned"}
    assert found.reasons(5) == ("says another amount than line 4; this line holds",)
    deal = deals(found.events)["D1"]
    assert (deal["amount"], len(deal["contacts"])) == ("7", 2)


def test_of_lines_of_one_time_the_later_holds_and_of_two_times_the_newer(tmp_path: Path) -> None:
    head = "Deal ID,Amount,Stage,Last modified\n"
    at = "2026-01-02 10:00:00Z"
    found = judged(f"{head}D1,5,a,{at}\nD1,5,a,{at}\nD1,6,,{at}\nD1,7,,{at}\nD2,9,,{at}\nD2,8,,2026-01-01\n", tmp_path)
    assert [each.placed.shift for each in found.judged] == [0, 0, 1, 2, 0, 0]
    assert list(found.verdicts().values()) == ["good", "good", "warned", "warned", "good", "good"]
    assert {name: deal["amount"] for name, deal in deals(found.events).items()} == {"D1": "7", "D2": "9"}
    first, second = found.events[:2]
    assert first.identity == second.identity


def test_of_two_names_at_one_time_the_later_line_holds(tmp_path: Path) -> None:
    row = "D1,{},5,2026-01-02 10:00:00Z\n"
    for first, second in (("One", "Two"), ("Two", "One")):
        found = judged("Deal ID,Name,Amount,Last modified\n" + row.format(first) + row.format(second), tmp_path)
        assert max(found.events, key=lambda event: event.order).personal.v["name"] == second
        assert found.reasons(3) == ("says another name than line 2; this line holds",)


def test_the_lines_of_a_file_in_another_order_say_the_same(tmp_path: Path) -> None:
    """Of rows with a time of their own even the records are the same; of others what they come to."""
    rows = [f"D{n % 7},{n},p{n}@shop.example,2026-01-02 10:{n:02d}:00Z\n" for n in range(20)]
    head = "Deal ID,Amount,Email,Last modified\n"
    one, other = (judged(head + "".join(lines), tmp_path).events for lines in (rows, rows[::-1]))
    assert {event.identity for event in one} == {event.identity for event in other}
    timeless = [f"D{n},{n},p{n}@shop.example\n" for n in range(20)]
    one, other = (
        judged("Deal ID,Amount,Email\n" + "".join(lines), tmp_path).events for lines in (timeless, timeless[::-1])
    )
    assert deals(one) == deals(other)


def test_a_row_counts_at_its_own_time_or_when_the_import_began(tmp_path: Path) -> None:
    rows = "D1,2026-01-02\nD2,2026-01-02 10:00\nD3,2026-01-02T10:00:00+02:00\nD4,\nD5,2027-01-01\n"
    found = judged("Deal ID,Last modified\n" + rows, tmp_path, zone="Europe/Warsaw")
    times = {event.deal_id: event.occurred_at for event in found.events}
    assert {name: rfc3339(at) for name, at in times.items() if name in ("D1", "D2", "D3")} == {
        "D1": "2026-01-01T23:00:00Z",
        "D2": "2026-01-02T09:00:00Z",
        "D3": "2026-01-02T08:00:00Z",
    }
    assert times["D4"] == BEGUN + 5
    assert times["D5"] == BEGUN + 300_000_000


def test_a_deal_without_an_id_is_the_same_deal_in_another_file(tmp_path: Path) -> None:
    head = "Name,Created,Email,Amount\n"
    one = judged(head + "Relaunch,2026-01-02,Ann@Shop.example,5\n", tmp_path)
    two = judged(head + "Audit,2026-01-03,,9\nRELAUNCH ,02.01.2026,ann@shop.example,6\n", tmp_path)
    assert one.events[0].deal_id == two.events[-2].deal_id
    assert one.reasons(2) == ("has no id: one is made of its name, date and e-mail",)
    assert one.events[0].deal_id not in {event.deal_id for event in two.events[:1]}
    assert "ann" not in one.events[0].deal_id.lower()
    bad = judged(head + ",2026-01-02,,5\nRelaunch,,,5\n,2026-01-02,a@b.example,5\n", tmp_path)
    assert bad.verdicts() == {2: "bad", 3: "bad", 4: "warned"}
    assert "none can be made" in bad.reasons(2)[0]


def test_a_deal_without_an_id_is_another_by_its_name_its_date_or_its_first_address(tmp_path: Path) -> None:
    rows = [
        "One,2026-01-02,a@b.example",
        "Two,2026-01-02,a@b.example",
        "One,2026-01-03,a@b.example",
        "One,2026-01-02,c@d.example",
    ]
    found = judged("Name,Created,Email\n" + "\n".join(rows) + "\n", tmp_path)
    assert found.counts.deals == 4


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("31.12.69", "2069-12-31"),
        ("31.12.70", "1970-12-31"),
        ("1/31/26 12:05 AM", "2026-01-31T00:05:00Z"),
        ("1/31/26 12:05 PM", "2026-01-31T12:05:00Z"),
        ("1/31/26, 1:05 p.m.", "2026-01-31T13:05:00Z"),
    ],
)
def test_years_of_two_digits_and_hours_of_two_halves(cell: str, expected: str, tmp_path: Path) -> None:
    found = judged(f'Deal ID,Close Date\nD1,"{cell}"\n', tmp_path, zone="UTC")
    assert found.events[0].properties["closed_at"] == expected


def test_in_the_name_of_a_crm_nothing_gets_a_made_id(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="rows of hubspot's deals need it"):
        judged("Name,Created,Email\nx,2026-01-02,\n", tmp_path, connection="hubspot")
    found = judged(
        "Deal ID,Name,Created,Company\nD1,x,2026-01-02,Acme\n,x,2026-01-02,Acme\n", tmp_path, connection="hubspot"
    )
    assert found.verdicts() == {2: "good", 3: "bad"}
    assert [event.type for event in found.events] == ["deal.revised"]
    assert "company_id" not in found.events[0].properties
    own = judged("Deal ID,Company\nD1,Acme\nD2, ACME\n", tmp_path, connection="spreadsheet-old")
    one, other = [event.properties["company_id"] for event in own.events if event.type == "deal.revised"]
    assert one == other


@pytest.mark.parametrize(
    ("head", "row", "contacts"),
    [
        ("Email", '"a@b.example; c@d.example"', [["a@b.example"], ["c@d.example"]]),
        ("Email", "Ann <a@b.example>", [["a@b.example"]]),
        ("Contact ID,Email,E-mail", "7,a@b.example,c@d.example", [["a@b.example", "c@d.example"]]),
        ("Contact ID,Email", "51;52,a@b.example", [None, None, ["a@b.example"]]),
        ("Contact ID,Contact", "7,Ann", [None]),
        ("Email", "test@b.example", []),
        ("Email", "nobody", []),
        ("Email", "", []),
    ],
)
def test_who_a_row_speaks_of(head: str, row: str, contacts: list[Any], tmp_path: Path) -> None:
    found = judged(f"Deal ID,{head}\nD1,{row}\n", tmp_path)
    said = [event for event in found.events if event.type == "contact.revised"]
    assert [(event.personal.v.get("emails") if event.personal else None) for event in said] == contacts
    assert found.events[0].contacts_added == [event.contact_id for event in said]
    assert all("@" not in event.contact_id for event in said)
    assert found.verdicts()[2] == ("warned" if row in ("test@b.example", "nobody") else "good")


@pytest.mark.parametrize(
    ("head", "row", "stated"),
    [
        ("Email,Lifecycle", "a@b.example,MQL", ["mql"]),
        ("Email,Lifecycle", "a@b.example;c@d.example,mql", [None, None]),
        ("Contact ID,Email,Lifecycle", "7,a@b.example;c@d.example,mql", ["mql"]),
        ("Contact ID,Email,Lifecycle", "7;8,a@b.example,mql", [None, None, None]),
    ],
)
def test_a_lifecycle_is_an_only_contacts(head: str, row: str, stated: list[str | None], tmp_path: Path) -> None:
    found = judged(f"Deal ID,{head}\nD1,{row}\n", tmp_path)
    said = [event for event in found.events if event.type == "contact.revised"]
    assert [event.properties.get("lifecycle") for event in said] == stated


def test_the_companies_of_a_row(tmp_path: Path) -> None:
    found = judged("Deal ID,Company ID,Company,Website\nD1,7,Acme,https://www.Acme.example/x\nD2,7;8,A;B,\n", tmp_path)
    one, company, two = found.events
    assert one.properties == {"company_id": "7", "company_domain": "acme.example"}
    assert (company.company_id, company.properties) == ("7", {"name": "Acme", "domain": "acme.example"})
    assert two.properties == {"company_id": "7"}
    assert "has 2 ids; the first is the deal's company" in found.reasons(3)[0]


def webhook(amount: str, at: str) -> list[Any]:
    body = f'{{"type": "deal.updated", "occurred_at": "{at}", "deal": {{"id": "D1", "amount": "{amount}", "status": "open"}}}}'
    return list(
        DIALECTS["generic"](
            Webhook("default", "hubspot", f"m{at}", BEGUN, body.encode()), Context(bytes(range(32)))
        ).events
    )


def test_a_file_and_a_webhook_speak_of_one_deal_whatever_came_first(tmp_path: Path) -> None:
    body = "Deal ID,Amount,Status,Last modified\nD1,50,Won,2026-01-10 12:00:00Z\n"
    file = judged(body, tmp_path, connection="hubspot").events
    older, newer = webhook("10", "2026-01-09T00:00:00Z"), webhook("90", "2026-01-11T00:00:00Z")
    for events in ([*file, *older], [*older, *file]):
        assert deals(events)["D1"]["amount"] == "50"
    for events in ([*file, *newer], [*newer, *file], [*older, *newer, *file]):
        assert deals(events) == {"D1": {"amount": "90", "status": "open", "contacts": []}}


def test_next_weeks_file_repeats_what_did_not_change(tmp_path: Path) -> None:
    head = "Deal ID,Amount,Email,Last modified\n"
    row = "D1,50,a@b.example,2026-01-10 12:00:00Z\n"
    one = judged(head + row, tmp_path).events
    two = judged(head + "D9,1,,2026-01-12 00:00:00Z\n" + row, tmp_path).events
    assert {event.identity for event in one} < {event.identity for event in two}
