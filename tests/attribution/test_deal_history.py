"""A deal's history: what each record changed, and that its end is the deal that the reports show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry as Told
from tests.oracle.dedup import winners
from tests.oracle.scenes_crm import crm, sales
from tests.oracle.scenes_merges import merges
from tests.oracle.scenes_stages import pipelines
from tests.oracle.story import Story
from wanamaker_attribution.deal_history import CONTACTS, Entry, history_of
from wanamaker_attribution.deals import Place, Statement, fold_deals
from wanamaker_attribution.stages import Words
from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.contracts.settings import WorkspaceSettings

ZONE = "UTC"
READ = Words(WorkspaceSettings(stage_maps={"*": {"*": {"S1": "won", "S2": "sql"}}})).stages_of("generic")


def statements_of(told: Sequence[Told]) -> list[Statement]:
    """What one connection of one workspace said of deals."""
    return [
        Statement(
            Place(record.occurred_at, record.source, record.event_id),
            record.model_dump(mode="json", exclude={"personal"}),
        )
        for record in winners(told)
        if isinstance(record, CrmEvent)
        and (record.workspace, record.connection) == ("w1", "generic")
        and record.type.startswith(("deal.", "revenue."))
    ]


def history(story: Story, deal: str) -> list[Entry]:
    return history_of(deal, statements_of(story.entries), ZONE, READ)


def told(entries: Sequence[Entry]) -> list[tuple[str, dict[str, tuple[Any, Any]]]]:
    return [
        (entry.statement.type, {each.property: (each.before, each.after) for each in entry.changes})
        for entry in entries
    ]


def test_what_each_record_changed() -> None:
    story = Story()
    story.deal("D1", "2026-01-01 10:00", ["C1"], stage="offer", amount="100.00", currency="EUR")
    story.deal("D1", "2026-01-03 10:00", stage="S1", amount="100.00")
    story.deal("D1", "2026-01-02 10:00", amount="80.00", added=["C2"])
    story.adjustment("R1", "D1", "-5.00", "2026-01-05", "2026-01-05 10:00")
    story.adjustment("R1", "D1", "-6.00", "2026-01-05", "2026-01-06 10:00", currency="PLN")
    story.deal_deleted("D1", "2026-01-07 10:00")
    story.deal_restored("D1", "2026-01-08 10:00")
    entries = history(story, "D1")
    first = {"amount": "-5.00", "currency": None, "at": "2026-01-05"}
    assert told(entries) == [
        (
            "deal.revised",
            {
                "amount": (None, "100.00"),
                "currency": (None, "EUR"),
                "stage": (None, "offer"),
                "contacts": ([], ["C1"]),
            },
        ),
        ("deal.revised", {"amount": ("100.00", "80.00"), "contacts": (["C1"], ["C1", "C2"])}),
        ("deal.revised", {"amount": ("80.00", "100.00"), "stage": ("offer", "S1")}),
        ("revenue.adjusted", {"adjustment R1": (None, first)}),
        ("revenue.adjusted", {"adjustment R1": (first, first | {"amount": "-6.00", "currency": "PLN"})}),
        ("deal.deleted", {"deleted": (False, True)}),
        ("deal.restored", {"deleted": (True, False)}),
    ]
    assert [entry.after.status for entry in entries] == ["open", "open", *["won"] * 5]
    assert [entry.after.amount for entry in entries] == ["100.00", "80.00", *["100.00"] * 5]
    assert [entry.after.exists for entry in entries] == [True] * 5 + [False, True]
    won_at = entries[2].statement.place.at
    assert [entry.after.won_at for entry in entries] == [None, None, *[won_at] * 5]


def test_merges_are_told_of_both_deals() -> None:
    story = Story()
    story.deal("D1", "2026-01-01 10:00", ["C1"], status="won", amount="100.00")
    story.deal("D2", "2026-01-01 11:00", ["C2"], status="won", amount="70.00")
    story.deal_merged("D2", "D1", "2026-01-03 10:00")
    story.deal_merged("D1", "D2", "2026-01-04 10:00")
    story.adjustment("R1", "D2", "-5.00", "2026-01-05", "2026-01-05 10:00")
    into, away = history(story, "D1"), history(story, "D2")
    assert told(into) == [
        ("deal.revised", {"amount": (None, "100.00"), "status": (None, "won"), "contacts": ([], ["C1"])}),
        ("deal.merged", {"contacts": (["C1"], ["C1", "C2"])}),
        ("deal.merged", {}),
        ("revenue.adjusted", {"adjustment R1": (None, {"amount": "-5.00", "currency": None, "at": "2026-01-05"})}),
    ]
    assert [(entry.deal_id, entry.in_force) for entry in into[1:]] == [("D2", True), ("D1", False), ("D2", True)]
    assert told(away)[1:] == [
        ("deal.merged", {"merged_into": (None, "D1")}),
        ("deal.merged", {}),
        ("revenue.adjusted", {"adjustment R1": (None, {"amount": "-5.00", "currency": None, "at": "2026-01-05"})}),
    ]
    assert [entry.after.exists for entry in away] == [True, False, False, False]


def test_a_long_chain_of_merges_is_followed() -> None:
    """As of a CRM whose duplicates go into the newest, again and again."""
    story, length = Story(), 1_200
    for number in range(length):
        minute = f"2026-01-01 {number // 60:02}:{number % 60:02}"
        story.deal(f"D{number}", minute, added=[f"C{number}"])
        story.deal_merged(f"D{number}", f"D{number + 1}", f"{minute}:30")
    story.deal(f"D{length}", "2026-01-02 00:00", amount="1.00")
    statements, last = statements_of(story.entries), f"D{length}"
    (deal,) = fold_deals(statements, ZONE, READ).values()
    assert (deal.deal_id, len(deal.contacts)) == (last, length)
    merged, revised = history_of(last, statements, ZONE, READ)
    assert [len(each.after) for each in merged.changes] == [length]
    assert revised.after.amount == "1.00"


def test_nothing_said_is_no_history() -> None:
    story = Story()
    story.deal("D1", "2026-01-01 10:00")
    assert history(story, "D2") == []


@settings(max_examples=300, deadline=None)
@given(histories(of=st.one_of(crm(), crm(), sales(), pipelines(), merges()), max_scenes=8), st.randoms())
def test_its_end_is_the_deal(drawn: list[Told], shuffler: Any) -> None:
    """Whatever was said, however it is read: the last entry is the deal, and each change begins where the last ended."""
    statements = statements_of(drawn)
    folded = fold_deals(statements, ZONE, READ)
    shuffler.shuffle(statements)
    for deal_id in ("D1", "D2", "D3"):
        entries = history_of(deal_id, statements, ZONE, READ)
        values: dict[str, Any] = {CONTACTS: [], "deleted": False}
        for entry in entries:
            for change in entry.changes:
                assert change.before == values.get(change.property)
                values[change.property] = change.after
        last = entries[-1].after if entries else None
        assert (last is not None and last.exists) is (deal_id in folded)
        if last is not None and last.exists:
            deal = folded[deal_id]
            assert (last.status, last.stage, last.pipeline) == (deal.status, deal.stage, deal.pipeline)
            assert (last.amount, last.currency, last.won_at) == (deal.amount, deal.currency, deal.won_at)
            assert values[CONTACTS] == list(deal.contacts)
            adjusted = {each.id: (each.amount, each.currency) for each in deal.adjustments}
            said = {name.removeprefix("adjustment "): its for name, its in values.items() if name.startswith("adj")}
            assert adjusted == {name: (its["amount"], its["currency"]) for name, its in said.items()}
