"""What must hold of the oracle's tables whatever happened: the invariants, on histories of the small alphabet."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from wanamaker_shared.contracts import ad_spend, crm_events, decisions, rates, web_events
from wanamaker_shared.contracts import settings as settings_topic
from wanamaker_shared.contracts.decisions import Decision
from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import Record
from wanamaker_shared.contracts.settings import SettingsRevised

from . import Tables, tables
from .alphabet import histories
from .dedup import Entry
from .letters import ADDRESSES
from .story import CONNECTION, KEYS, Story

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    topic.TOPIC: topic.adapter for topic in (ad_spend, crm_events, decisions, rates, settings_topic, web_events)
}
KIND_COLUMNS = {
    "lead": "leads",
    "mql": "mqls",
    "sql": "sqls",
    "opportunity": "opportunities",
    "deal": "deals",
    "customer": "customers",
}

examples = settings(max_examples=60, deadline=None)


@examples
@given(histories())
def test_the_log_holds_what_was_drawn(history: list[Entry]) -> None:
    assert all(ADAPTERS[topic].validate_json(value) == record for topic, record, value in history)


@examples
@given(st.data())
def test_order_and_repetition_change_nothing(data: st.DataObject) -> None:
    history = data.draw(histories())
    shuffled = data.draw(st.permutations(history + data.draw(st.lists(st.sampled_from(history), max_size=5))))
    assert tables(shuffled, KEYS) == tables(history, KEYS)


@examples
@given(histories())
def test_credits_sum_to_their_conversion_in_every_model(history: list[Entry]) -> None:
    result = tables(history, KEYS)
    assert len(result["credits"]) == 8 * len(result["conversions"])
    for (workspace, kind, key, _), credit in result["credits"].items():
        conversion = result["conversions"][workspace, kind, key]
        assert len(credit["micro"]) == len(credit["revenue"]) == max(1, len(conversion["journey"]))
        assert sum(credit["micro"]) == 1_000_000
        assert sum(credit["revenue"]) == conversion["revenue_minor"]
        assert {id: sum(parts) for id, parts in credit["adjustments"].items()} == {
            each["id"]: each["revenue_minor"] for each in conversion["adjustments"]
        }


@examples
@given(histories())
def test_roi_rows_are_the_sums_of_the_credits(history: list[Entry]) -> None:
    result = tables(history, KEYS)
    expected = credits_by_row(result)
    found = Counter[tuple[str, ...]]()
    for (workspace, model, basis, day, *dimensions), row in result["roi_credit"].items():
        assert any(row.values())
        # A conversion without touchpoint stands under a channel that only its own day and deal tell.
        seen = not set(dimensions) & {"(unattributed)", "(crm)"}
        for column in [*KIND_COLUMNS.values(), "revenue_minor"]:
            place = dimensions if seen else ["nobody seen"]
            found[workspace, model, basis, day, *place, column] += row[column]
    assert {key: value for key, value in found.items() if value} == {
        key: value for key, value in expected.items() if value
    }


def credits_by_row(result: Tables) -> Counter[tuple[str, ...]]:
    """The ROI rows once more, from the tables of credits, conversions and touchpoints."""
    sums = Counter[tuple[str, ...]]()
    for (workspace, kind, key, model), credit in result["credits"].items():
        conversion = result["conversions"][workspace, kind, key]
        adjusted_on = {each["id"]: each["day"] for each in conversion["adjustments"]}
        for place in range(len(credit["micro"])):
            day, dimensions = conversion["day"], ["nobody seen"]
            if conversion["journey"]:
                touchpoint = result["touchpoints"][workspace, conversion["journey"][place]]
                day = touchpoint["day"]
                dimensions = [touchpoint[name] for name in ("channel", "source", "medium", "campaign")]
            for basis, dated in (("touch", day), ("conversion", conversion["day"])):
                row = (workspace, model, basis, dated, *dimensions)
                sums[*row, KIND_COLUMNS[kind]] += credit["micro"][place]
                sums[*row, "revenue_minor"] += credit["revenue"][place]
            for id, parts in credit["adjustments"].items():
                sums[workspace, model, "touch", day, *dimensions, "revenue_minor"] += parts[place]
                sums[workspace, model, "conversion", adjusted_on[id], *dimensions, "revenue_minor"] += parts[place]
    return sums


@examples
@given(
    histories(),
    st.sampled_from(["cookie:c1", "contact:generic/C1", "user:u1"]),
    st.sampled_from([*ADDRESSES, "contact:generic/C2", "user:u0"]),
)
def test_revoked_then_released_is_never_revoked(history: list[Entry], a: str, other: str) -> None:
    """Where no limit binds: a released pair is exempt from limits, which may make others fit or not."""
    b = f"email:{email_key(KEYS['w1'], other)}" if "@" in other else other
    never = [each for each in history if not _decides(each[1], {a, b}) and not _limits(each[1])]
    story = Story()
    story.revoke(a, b, "2026-04-10 09:00")
    story.release(a, b, "2026-04-11 09:00")
    assert tables([*never, *story.entries], KEYS) == tables(never, KEYS)


@examples
@given(histories(), histories(max_scenes=6))
def test_strangers_move_nobodys_credit(history: list[Entry], others: list[Entry]) -> None:
    """Records of people who share no cookie, deal, company or identifier with a person never move that person's credits."""
    strangers = [
        renamed(each) for each in others if not isinstance(each[1], SettingsRevised) and each[0] != rates.TOPIC
    ]
    alone, together = tables(history, KEYS), tables([*history, *strangers], KEYS)
    for name in ("persons", "links", "touchpoints", "deals", "conversions", "credits"):
        for key, row in alone[name].items():
            assert together[name][key] == row, (name, key)


@examples
@given(histories())
def test_workspaces_do_not_mix(history: list[Entry]) -> None:
    together = tables(history, KEYS)
    for workspace in KEYS:
        alone = tables([each for each in history if each[1].workspace == workspace], KEYS)
        for name, rows in alone.items():
            assert rows == {key: row for key, row in together[name].items() if key[0] == workspace}


def renamed(entry: Entry) -> Entry:
    """The same statement about people, deals and companies whom nobody knows."""
    topic, _, value = entry
    names = [("c1", "z1"), ("c2", "z2"), ("u1", "z-u1"), ("u0", "z-u0"), ("u:u1", "u:z-u1"), ("C1", "Z1"), ("C2", "Z2")]
    names += [("D1", "Z-D1"), ("D2", "Z-D2"), ("D3", "Z-D3"), ("A1", "Z-A1")]
    names += [("cookie:c1", "cookie:z1"), ("cookie:c2", "cookie:z2")]
    names += [("user:u1", "user:z-u1"), ("user:u0", "user:z-u0")]
    names += [
        (f"contact:{CONNECTION}/{old}", f"contact:{CONNECTION}/{new}") for old, new in (("C1", "Z1"), ("C2", "Z2"))
    ]
    for key in KEYS.values():
        for address in ADDRESSES:
            old, new = email_key(key, address), email_key(key, f"stranger-{address}")
            names += [(old, new), (f"email:{old}", f"email:{new}")]
    for old, new in names:
        value = value.replace(f'"{old}"'.encode(), f'"{new}"'.encode())
    value = value.replace(b'"event_id":"e', b'"event_id":"z')
    return topic, ADAPTERS[topic].validate_json(value), value


def _decides(record: Record, pair: set[str]) -> bool:
    return isinstance(record, Decision) and record.workspace == "w1" and {record.a, record.b} == pair


def _limits(record: Record) -> bool:
    names = {"emails_per_cookie", "cookies_per_email", "identifiers_per_person"}
    return isinstance(record, SettingsRevised) and bool(names & set(record.stated))
