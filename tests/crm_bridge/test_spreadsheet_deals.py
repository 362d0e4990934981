"""What rows of one deal come to: the rules of docs/imports.md by example."""

from __future__ import annotations

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
