"""The same histories through the oracle and through the projection, in any order and cut: the same people and links."""

from __future__ import annotations

from typing import Any, Protocol

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import tables
from tests.oracle.alphabet import histories
from tests.oracle.dedup import Entry
from tests.oracle.story import KEYS
from wanamaker_shared.contracts import crm_events, decisions, web_events
from wanamaker_shared.contracts import settings as settings_topic

from .harness import Kept

TOPICS = {web_events.TOPIC, crm_events.TOPIC, decisions.TOPIC, settings_topic.TOPIC}
some = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class Rows(Protocol):
    """Identity's rows by table name, whoever keeps them."""

    def rows(self, table: str, /) -> list[dict[str, Any]]: ...


def concerning(history: list[Entry]) -> list[Entry]:
    return [entry for entry in history if entry[0] in TOPICS]


def persons(kept: Rows) -> dict[tuple[str, ...], Any]:
    return {
        (row["workspace"], row["identifier"]): {"profile": row["profile"], "since": row["at"], "via": row["via"]}
        for row in kept.rows("identifier")
    }


def links(kept: Rows) -> dict[tuple[str, ...], Any]:
    ties = {(row["workspace"], row["cookie"], row["identifier"]): row["status"] for row in kept.rows("tie")}
    return {
        (row["workspace"], row["cookie"], row["source"], row["event_id"]): {
            "at": row["at"],
            "identifier": row["identifier"],
            "lead": row["email_key"] is not None,
            "status": ties[row["workspace"], row["cookie"], row["identifier"]],
            "trust": row["trust"],
        }
        for row in kept.rows("link")
        if row["identifier"] is not None
    }


@some
@given(histories(), st.data())
def test_people_and_links_are_the_oracle_s(history: list[Entry], data: st.DataObject) -> None:
    entries = concerning(history)
    cuts = data.draw(st.lists(st.integers(0, len(entries))))
    expected = tables(entries, KEYS)
    with Kept(KEYS) as kept:
        kept.take(entries, cuts)
        assert persons(kept) == expected["persons"]
        assert links(kept) == expected["links"]


@some
@given(histories(), st.data())
def test_what_was_emitted_last_says_the_same(history: list[Entry], data: st.DataObject) -> None:
    entries = concerning(history)
    with Kept(KEYS) as kept:
        kept.take(entries, data.draw(st.lists(st.integers(0, len(entries)))))
        latest = kept.latest()
    expected = tables(entries, KEYS)
    people = {key: (row["profile"], row["since"], row["via"]) for key, row in expected["persons"].items()}
    active: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for (workspace, cookie, source, event_id), row in expected["links"].items():
        if row["status"] == "active":
            link = {"at": row["at"], "source": source, "event_id": event_id}
            link |= {"identifier": row["identifier"], "lead": row["lead"]}
            active.setdefault((workspace, f"cookie:{cookie}"), []).append(link)
    for several in active.values():
        several.sort(key=lambda link: (link["at"], link["source"], link["event_id"]))
    assert latest == people | active
