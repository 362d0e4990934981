"""ROI facts by content, term and landing page: from the credits and sessions themselves, which alone know them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from .read_credited import read_credited
from .read_sums import read_traffic, within
from .reports.dimensions import FINE, NOT_SET, STORED
from .reports.facts import Fact, facts
from .reports.measures import Sums
from .reports.question import Question
from .tables import touchpoint


def read_fine_facts(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    """Credits and sessions with all their dimensions; spend has none of the fine ones and reads `(not set)`."""
    for _, credited in read_credited(connection, workspace, question):
        for fact in facts(credited, question.basis):
            if question.keeps(fact.dimensions):
                yield fact
    yield from _sessions(connection, workspace, question)
    if all(question.only.get(name, NOT_SET) == NOT_SET for name in FINE):
        yield from read_traffic(connection, workspace, question, ("attract_minor", "convert_minor", "close_minor"))


def _sessions(connection: Connection, workspace: str, question: Question) -> Iterator[Fact]:
    names = [name for name in (*STORED, *FINE) if name in question.names]
    if question.by_time:
        names.insert(0, "day")
    columns = [touchpoint.c[name] for name in names]
    statement = (
        select(*columns, func.count())
        .where(touchpoint.c.workspace == workspace, *within(touchpoint, question))
        .where(*(touchpoint.c[name] == value for name, value in question.only.items() if name in (*STORED, *FINE)))
        .group_by(*columns)
    )
    for *values, number in connection.execute(statement):
        yield Fact(None, dict(zip(names, values, strict=True)), Sums(sessions=number))
