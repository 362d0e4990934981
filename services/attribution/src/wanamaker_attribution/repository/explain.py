"""The credits behind an ROI row, a page at a time, each with the records of the log that made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from wanamaker_shared.contracts import web_events

from ..conversions import Conversion
from ..reports.facts import Credited, Line, cut, lines
from ..reports.question import Question
from ..tables import cookie
from .credited import read_credited
from .people import identifiers_of
from .records import Origin, read_origins
from .touchpoints import TouchpointRow, read_journey


class CreditPlace(NamedTuple):
    """Where a credit stands: that of its conversion, and the touchpoint's number in the journey."""

    turn: int
    day: str
    kind: str
    key: str
    step: int


@dataclass(frozen=True, slots=True)
class Explained:
    """A credit, as far as the row holds it. `touchpoint` is None where nothing was found to credit."""

    place: CreditPlace
    credited: Credited
    line: Line
    touchpoint: TouchpointRow | None
    page: Origin | None
    link: Origin | None
    origins: tuple[Origin, ...]


def read_explained(
    connection: Connection, workspace: str, question: Question, *, limit: int, after: CreditPlace | None = None
) -> list[Explained]:
    """The next credits, in the order of their conversions' days. `question` has one model."""
    found: list[Explained] = []
    evidence = _Evidence(connection, workspace)
    for place, credited, line in _lines(connection, workspace, question, after):
        found.append(evidence.of(place, credited, line))
        if len(found) == limit:
            break
    return found


def _lines(
    connection: Connection, workspace: str, question: Question, after: CreditPlace | None
) -> Iterator[tuple[CreditPlace, Credited, Line]]:
    since = after[:4] if after else None
    for its, credited in read_credited(connection, workspace, question, since=since):
        for index, line in enumerate(lines(credited, question.basis)):
            place = CreditPlace(*its, index)
            if (after is None or place > after) and (part := cut(line, question)) is not None:
                yield place, credited, part


class _Evidence:
    """Looks up what stands behind credits; the conversion's own records once for all its credits in a row."""

    def __init__(self, connection: Connection, workspace: str) -> None:
        self._connection = connection
        self._workspace = workspace
        self._key: tuple[str, str] | None = None
        self._touchpoints: dict[str, TouchpointRow] = {}
        self._origins: tuple[Origin, ...] = ()
        self._links: dict[str, list[list[Any]]] = {}

    def of(self, place: CreditPlace, credited: Credited, line: Line) -> Explained:
        if self._key != (credited.conversion.kind, credited.conversion.key):
            self._load(credited.conversion)
        row = self._touchpoints.get(line.touch.id) if line.touch else None
        return Explained(
            place=place,
            credited=credited,
            line=line,
            touchpoint=row,
            page=Origin(web_events.TOPIC, row.record_source, row.cookie, row.event_id, row.start_at) if row else None,
            link=self._link(row) if row else None,
            origins=self._origins,
        )

    def _load(self, conversion: Conversion) -> None:
        self._key = (conversion.kind, conversion.key)
        owners = identifiers_of(self._connection, self._workspace, conversion.people)
        starts = [touch.at for touch in conversion.journey]
        self._touchpoints = read_journey(self._connection, self._workspace, owners, starts) if starts else {}
        self._origins = tuple(read_origins(self._connection, self._workspace, conversion, owners))

    def _link(self, row: TouchpointRow) -> Origin | None:
        if row.cookie not in self._links:
            stored = self._connection.scalar(
                select(cookie.c.links).where(cookie.c.workspace == self._workspace, cookie.c.cookie == row.cookie)
            )
            self._links[row.cookie] = orjson.loads(stored) if stored else []
        return next(
            (
                Origin(web_events.TOPIC, source, row.cookie, event_id, at)
                for at, source, event_id, owner, _ in self._links[row.cookie]
                if (event_id, owner) == (row.owned_by, row.owner)
            ),
            None,
        )
