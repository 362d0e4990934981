"""ROI facts by content, term, landing page, original source and account: from the credits and sessions, which alone know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection, func, select

from ..account_tables import person_account
from ..original_sources import original_source_of_cost
from ..reports.dimensions import ACCOUNT, FINE, NOT_SET, ORIGINAL_SOURCE, STORED
from ..reports.facts import Fact, facts
from ..reports.measures import Sums
from ..reports.question import Question
from ..tables import identifier, touchpoint
from .credited import read_credited
from .sums import read_traffic, within

_POSTS = ("attract_minor", "convert_minor", "close_minor")
_UTM = ("source", "medium", "campaign")
_LACKING = (*(name for name in FINE if name != ORIGINAL_SOURCE), ACCOUNT)
"""What spend reads `(not set)` of."""
_SESSION = {
    **{name: touchpoint.c[name] for name in ("day", *STORED, *FINE)},
    ACCOUNT: func.coalesce(person_account.c.account, NOT_SET),
}
_WITH_ACCOUNTS = touchpoint.outerjoin(
    identifier,
    (identifier.c.workspace == touchpoint.c.workspace) & (identifier.c.identifier == touchpoint.c.owner),
).outerjoin(
    person_account,
    (person_account.c.workspace == identifier.c.workspace) & (person_account.c.profile == identifier.c.profile),
)


def read_fine_facts(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    """Credits and sessions with all their dimensions; spend has its original source, and otherwise reads `(not set)`."""
    for _, credited in read_credited(connection, workspace, question):
        for fact in facts(credited, question.basis):
            if question.keeps(fact.dimensions):
                yield fact
    yield from _sessions(connection, workspace, question)
    if all(question.only.get(name, NOT_SET) == NOT_SET for name in _LACKING):
        yield from _spend(connection, workspace, question)


def _spend(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    if ORIGINAL_SOURCE not in question.names:
        yield from read_traffic(connection, workspace, question, _POSTS)
        return
    wanted = question.only.get(ORIGINAL_SOURCE)
    groups = tuple(dict.fromkeys((*question.group_by, *_UTM)))
    for fact in read_traffic(connection, workspace, replace(question, group_by=groups), _POSTS):
        group = original_source_of_cost(*(fact.dimensions[name] for name in _UTM))
        if wanted in (None, group):
            yield fact._replace(dimensions={**fact.dimensions, ORIGINAL_SOURCE: group})


def _sessions(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    names = [name for name in _SESSION if name in question.names or (name == "day" and question.by_time)]
    columns = [_SESSION[name].label(name) for name in names]
    kept = (_SESSION[name] == value for name, value in question.only.items() if name in _SESSION and name != "day")
    statement = (
        select(*columns, func.count())
        .select_from(_WITH_ACCOUNTS if ACCOUNT in names else touchpoint)
        .where(touchpoint.c.workspace == workspace, *within(touchpoint, question), *kept)
        .group_by(*columns)
    )
    for *values, number in connection.execute(statement):
        yield Fact(None, dict(zip(names, values, strict=True)), Sums(sessions=number))
