"""Hypothesis over a small alphabet: few people, few days, few amounts, so that things meet, tie and contradict one another.

`histories()` gives the records of all source topics as the oracle takes them; `log_keys.logged` turns them into what a log
holds. Two workspaces share all names. Event ids are counted per sender, so that two senders use the same ones. Statements are
drawn as scenes of a few records (a visit with a form, a deal with its contact, the whole loop), else few histories would
have a journey.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.record import Record, encode

from .clock import SECOND
from .dedup import Entry
from .letters import Draw, Scene
from .scenes_bots import crawls
from .scenes_companies import companies, firms, groups
from .scenes_crm import crm, sales
from .scenes_crowds import crowds
from .scenes_loop import loops
from .scenes_merges import merges
from .scenes_rest import choices, money, renamed_costs, verdicts
from .scenes_stages import explained, maps, moves, pipelines, words
from .scenes_web import visits


def scenes() -> st.SearchStrategy[Scene]:
    single = (
        visits(),
        visits(),
        visits(),
        crawls(),
        sales(),
        crm(),
        crm(),
        crm(),
        companies(),
        firms(),
        groups(),
        verdicts(),
        verdicts(),
        choices(),
        choices(),
        crowds(),
        money(),
        merges(),
        st.one_of(pipelines(), pipelines(), moves()),
        st.one_of(maps(), words()),
        explained(),
        renamed_costs(),
    )
    return st.one_of(*single, loops(), loops(), loops())


@st.composite
def histories(
    draw: Draw, *, of: st.SearchStrategy[Scene] | None = None, max_scenes: int = 12, max_repeats: int = 4
) -> list[Entry]:
    """Records of all source topics in any order, some of them more than once; `of` draws the scenes."""
    drawn = draw(st.lists(scenes() if of is None else of, min_size=2, max_size=max_scenes))
    told = numbered([each for scene in drawn for each in scene])
    for place in draw(st.lists(st.integers(0, len(told) - 1), max_size=max_repeats)):
        topic, record = told[place]
        told.append((topic, draw(_repeated(topic, record, [other for each, other in told if each == topic]))))
    return [(topic, record, encode(record)) for topic, record in told]


@st.composite
def with_a_page_taken_back(draw: Draw, history: st.SearchStrategy[list[Entry]]) -> list[Entry]:
    """A page view of the history turns out to have been another action: a higher revision says so."""
    told = draw(history)
    pages = [record for _, record, _ in told if isinstance(record, web_events.PageViewed)]
    if not pages:
        return told
    page = draw(st.sampled_from(pages))
    action = web_events.Tracked(**page.model_dump(exclude={"type", "page"}), event="Scrolled")
    revised = action.model_copy(update={"revision": page.revision + 1})
    return [*told, (web_events.TOPIC, revised, encode(revised))]


@st.composite
def _repeated(draw: Draw, topic: str, record: Record, others: Sequence[Record]) -> Record:
    """The record once more: received at another time, and now and then another record under its identity."""
    content = draw(st.sampled_from(others)) if draw(st.sampled_from([False, False, True])) else record
    change = {
        "workspace": record.workspace,
        "source": record.source,
        "sender": record.sender,
        "event_id": record.event_id,
        "received_at": record.received_at + draw(st.sampled_from([-SECOND, 0, SECOND])),
        "revision": draw(st.sampled_from([record.revision, record.revision, 1])),
    }
    if content.workspace != record.workspace:
        content = record  # keys of people belong to their workspace
    return content.model_copy(update=change)


def numbered(records: Iterable[tuple[str, Record]]) -> Scene:
    """Each record with the next event id of its sender."""
    counts: dict[tuple[str, ...], int] = {}
    told: Scene = []
    for topic, record in records:
        counter = (topic, record.workspace, record.source, record.sender)
        counts[counter] = counts.get(counter, 0) + 1
        told.append((topic, record.model_copy(update={"event_id": f"e{counts[counter]}"})))
    return told
