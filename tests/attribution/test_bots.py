"""Bots by what they do: judged from the set, at a cost that does not grow with the crawler's day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event, select

from tests.attribution.identity_by_oracle import identity_updates
from tests.attribution.product_tables import COMPARED, product_tables
from tests.attribution.test_against_oracle import KEYRING, batches
from tests.oracle import tables
from tests.oracle.dedup import Entry
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS, Story, at
from wanamaker_attribution import tables as t
from wanamaker_attribution.bots import bot_days
from wanamaker_attribution.days import day_of, span_of
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.eventlog.compare import lines
from wanamaker_shared.eventlog.port import Batch, StoredRecord
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.postgres import PostgresDatabase

MINUTE = 60_000_000
LIMITS = WorkspaceSettings(bot_pages_per_day=3, bot_pages_per_minute=2)


@pytest.mark.parametrize(
    ("minutes", "bots"),
    [
        ([0, 1, 2], set()),
        ([0, 1, 2, 3], {"1970-01-01"}),
        ([0, 0], set()),
        ([0, 0, 0], {"1970-01-01"}),
        ([0, 1, 1440, 1441], set()),
        ([0, 1440, 1440, 1440], {"1970-01-02"}),
        ([-1, -1, -1], {"1969-12-31"}),
    ],
)
def test_a_day_with_too_many_views_is_a_bots(minutes: list[int], bots: set[str]) -> None:
    assert bot_days([minute * MINUTE for minute in minutes], LIMITS) == bots


def test_nothing_is_too_many_for_a_limit_of_nothing() -> None:
    views = [0] * 10_000
    assert bot_days(views, WorkspaceSettings(bot_pages_per_day=0, bot_pages_per_minute=0)) == set()
    assert bot_days(views, WorkspaceSettings(bot_pages_per_day=0)) == {"1970-01-01"}
    assert bot_days(views, WorkspaceSettings(bot_pages_per_minute=0)) == {"1970-01-01"}


@pytest.mark.parametrize(
    ("day", "zone", "whole"),
    [
        ("2026-03-29", "Europe/Warsaw", True),
        ("2018-11-03", "America/Sao_Paulo", True),  # the next day has no midnight
        ("2018-11-04", "America/Sao_Paulo", True),
        ("2026-11-01", "America/Havana", False),  # midnight comes twice
        ("2010-11-06", "America/St_Johns", False),  # at 0:01 the clock goes back into the day before
        ("2010-11-07", "America/St_Johns", False),
        ("1890-05-05", "Europe/Amsterdam", True),  # an offset with seconds
    ],
)
def test_a_days_span_holds_all_of_it_and_as_a_rule_nothing_else(day: str, zone: str, whole: bool) -> None:
    span = span_of(day, zone)
    around = range(span.start - 180 * MINUTE, span.end + 180 * MINUTE, MINUTE)
    its = [moment for moment in around if day_of(moment, zone) == day]
    assert (its[0], its[-1] + MINUTE) == (span.start, span.end)
    assert span.whole == whole
    if whole:
        assert len(its) * MINUTE == span.end - span.start


class Attribution:
    """Its projection alone, told by the oracle what identity says."""

    def __init__(self) -> None:
        self.connection = create_engine("sqlite://").connect()
        self.projection = AttributionProjection(KEYRING)
        self.projection.metadata.create_all(self.connection)

    def take(self, entries: Sequence[Entry]) -> None:
        for topic, _, value in logged(entries):
            self.projection.apply(self.connection, Batch(topic, 0, 0, 1, (StoredRecord(0, "", value),)))

    def take_updates(self, updates: Sequence[tuple[str, str, bytes]]) -> None:
        for topic, _, value in updates:
            self.projection.apply(self.connection, Batch(topic, 0, 0, 1, (StoredRecord(0, "", value),)))

    def leads(self) -> list[str]:
        statement = select(t.conversion.c.day).where(t.conversion.c.kind == "lead").order_by(t.conversion.c.day)
        return list(self.connection.scalars(statement))

    def sessions(self) -> list[str]:
        return list(self.connection.scalars(select(t.touchpoint.c.day).order_by(t.touchpoint.c.start_at)))


def test_a_late_page_takes_the_days_sessions_and_leads_back_and_a_revision_gives_them_back() -> None:
    story = Story()
    story.settings("2026-01-01 00:00", bot_pages_per_day=2)
    story.page("c1", "2026-01-01 10:00")
    story.page("c1", "2026-01-02 10:00")
    story.form("c1", "2026-01-02 10:05", email="ann@example.com")
    story.page("c1", "2026-01-02 15:00")
    attribution = Attribution()
    attribution.take(story.entries)
    attribution.take_updates(identity_updates(story.tables()))
    assert attribution.sessions() == ["2026-01-01", "2026-01-02", "2026-01-02"]
    assert attribution.leads() == ["2026-01-02"]

    late = story.page("c1", "2026-01-02 09:00")
    attribution.take(story.entries[-1:])
    assert attribution.sessions() == ["2026-01-01"]
    assert attribution.leads() == []

    moved = late.model_copy(update={"occurred_at": at("2026-01-05 09:00"), "revision": 1})
    attribution.take([("web-events", moved, encode(moved))])
    assert attribution.sessions() == ["2026-01-01", "2026-01-02", "2026-01-02", "2026-01-05"]
    assert attribution.leads() == ["2026-01-02"]


def test_links_that_came_before_the_pages_fall_away_with_their_day() -> None:
    story = Story()
    story.settings("2026-01-01 00:00", bot_pages_per_minute=1)
    story.form("c1", "2026-01-02 10:05", email="ann@example.com")
    attribution = Attribution()
    attribution.take_updates(identity_updates(story.tables()))
    attribution.take(story.entries)
    assert attribution.leads() == ["2026-01-02"]
    pages = [story.page("c1", "2026-01-02 10:00:10"), story.page("c1", "2026-01-02 10:00:50")]
    attribution.take(story.entries[-len(pages) :])
    assert attribution.leads() == []


def test_a_changed_setting_judges_history_anew() -> None:
    story = Story()
    for minute in range(5):
        story.page("c1", f"2026-01-02 1{minute}:00")
    attribution = Attribution()
    attribution.take(story.entries)
    for stated, sessions in ((4, 0), (5, 5), (0, 5), (1, 0), (None, 5)):
        story.settings(f"2026-02-01 10:00:{len(story.entries):02}", bot_pages_per_day=stated)
        attribution.take(story.entries[-1:])
        assert len(attribution.sessions()) == sessions, stated


def test_where_a_clock_goes_back_over_midnight_each_view_counts_on_its_own_day() -> None:
    """In St. John's 00:00 of November 7 came at 2:30 UTC for one minute, then November 6 went on for 59."""
    views = ["2010-11-07 02:30:30", "2010-11-07 02:45:00", "2010-11-07 03:31:00", "2010-11-07 12:00:00"]
    story = Story()
    story.settings("2010-11-01 00:00", zone="America/St_Johns", bot_pages_per_day=2)
    for view in views:
        story.page("c1", view)
    assert [day_of(at(view), "America/St_Johns")[-2:] for view in views] == ["07", "06", "07", "07"]
    attribution = Attribution()
    attribution.take(story.entries)
    assert attribution.sessions() == ["2010-11-06"]
    assert product_tables(attribution.connection)["touchpoints"] == tables(story.entries, KEYS)["touchpoints"]


def crawled(pages: int) -> list[Entry]:
    """Pages of one cookie on one day, one a second: sixty in each minute."""
    page = Story().page("crawler", "2026-01-02 00:00:00")
    template, start = encode(page), at("2026-01-02 00:00:00")
    return [
        (
            "web-events",
            page,
            template.replace(b'"e01"', b'"p%d"' % number).replace(b"%d" % start, b"%d" % (start + number * 1_000_000)),
        )
        for number in range(pages)
    ]


def steps_of(attribution: Attribution, entries: Sequence[Entry]) -> int:
    """About how many instructions of SQLite's machine it takes to take the records in: the same on any computer."""
    done = 0

    def count() -> None:
        nonlocal done
        done += 1

    driver: Any = attribution.connection.connection.driver_connection
    driver.set_progress_handler(count, 10)
    attribution.take(entries)
    driver.set_progress_handler(None, 0)
    return done * 10 // len(entries)


@pytest.mark.parametrize(
    ("stated", "bot"),
    [({}, True), ({"bot_pages_per_day": 0, "bot_pages_per_minute": 59}, True), ({"bot_pages_per_day": 0}, False)],
    ids=["a bot by its day", "a bot by its minutes", "never a bot"],
)
def test_a_page_more_costs_a_crawler_no_more_than_the_first_ones(stated: dict[str, int], bot: bool) -> None:
    attribution = Attribution()
    story = Story()
    story.settings("2026-01-01 00:00", **stated)
    attribution.take(story.entries)
    pages = crawled(6_000)
    attribution.take(pages[:1_000])
    early = steps_of(attribution, pages[1_000:1_050])
    for start in range(1_050, 5_900, 500):
        records = tuple(StoredRecord(0, "", value) for _, _, value in pages[start : min(start + 500, 5_900)])
        attribution.projection.apply(attribution.connection, Batch("web-events", 0, 0, 1, records))
    late = steps_of(attribution, pages[5_900:5_950])
    assert late <= 1.1 * early
    assert (attribution.sessions() == []) == bot


def test_page_views_are_counted_in_the_index_alone() -> None:
    attribution = Attribution()
    statements: dict[str, Any] = {}

    @event.listens_for(attribution.connection, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if "OFFSET" in statement:
            statements[statement] = parameters

    attribution.take(crawled(3))
    [(statement, parameters)] = statements.items()
    plan = [
        row[3] for row in attribution.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    ]
    [search] = [step for step in plan if "web_event" in step]
    assert "COVERING INDEX web_event_in_time (workspace=? AND cookie=? AND at>? AND at<?)" in search


def busy_days() -> list[Entry]:
    """Days that become a bot's and cease to be one, by day and by minute, in a zone whose days are not UTC's."""
    story = Story()
    story.settings("2026-01-01 00:00", zone="Europe/Warsaw", bot_pages_per_day=3, bot_pages_per_minute=2)
    for cookie in ("c1", "ć2"):
        for when in ("01 23:30", "02 07:00", "02 11:00", "02 11:00:30", "02 23:30", "03 10:00"):
            story.page(cookie, f"2026-01-{when}", "google/cpc")
        story.form(cookie, "2026-01-02 11:00", email="ann@example.com")
        story.form(cookie, "2026-01-03 10:05", email="bob@example.com")
    page = story.page("c1", "2026-01-03 10:00:10")
    away = page.model_copy(update={"occurred_at": at("2026-01-09 10:00"), "revision": 1})
    return [*story.entries, ("web-events", away, encode(away))]


async def filled(database: Database, records: Sequence[tuple[str, str, bytes]], seed: int) -> list[Any]:
    projection = AttributionProjection(KEYRING)
    await prepare_tables(projection, database)
    for batch in batches(records, random.Random(seed)):
        await database.write(partial(projection.apply, batch=batch))

    def read(connection: Connection) -> tuple[list[Any], Any]:
        return list(lines(connection, projection.metadata)), product_tables(connection)

    rows, found = await database.read(read)
    expected = tables(busy_days(), KEYS)
    for name in COMPARED:
        assert found[name] == expected[name], name
    return rows


@pytest.mark.postgres
async def test_both_databases_judge_alike(postgres_url: str, tmp_path: Path) -> None:
    entries = busy_days()
    records = logged(entries) + identity_updates(tables(entries, KEYS))
    ours, theirs = SqliteDatabase(tmp_path / "attribution.db"), PostgresDatabase(postgres_url, "attribution")
    try:
        assert await filled(ours, records, 1) == await filled(theirs, records, 2)
    finally:
        await ours.close()
        await theirs.close()
