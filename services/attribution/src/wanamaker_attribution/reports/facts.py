"""What a report adds up: facts with their dimensions and measures, and the credits of one conversion as such facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..conversions import Adjusted, Conversion, Credit, unattributed_place
from ..journeys import Touch
from .dimensions import ACCOUNT, FINE, ORIGINAL_SOURCE, STORED
from .measures import MEASURE_OF_KIND, Sums
from .question import Basis, Question


class Fact(NamedTuple):
    """`model` is None for traffic, which is the same for all models."""

    model: str | None
    dimensions: Mapping[str, str]
    sums: Sums


@dataclass(frozen=True, slots=True)
class Credited:
    """A conversion with the credits that one model gave it."""

    conversion: Conversion
    model: str
    credit: Credit
    account: str | None = None
    """Of its person or deal; None where it has none, or where nobody asked."""

    @property
    def seconds_to_close(self) -> int:
        """Whole seconds from the first touchpoint, else from the deal's creation, until it was won; never below 0."""
        journey, opened_at = self.conversion.journey, self.conversion.opened_at
        start = journey[0].at if journey else opened_at
        return max(0, self.conversion.at - start) // 1_000_000 if start is not None else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One touchpoint's credit of one conversion: what of it falls where. `touch` is None if nothing was found to credit."""

    touch: Touch | None
    dimensions: Mapping[str, str]
    """Without the day."""
    day: str
    micro: int
    revenue_minor: int
    adjusted: tuple[tuple[Adjusted, str, int], ...] = field(default=())
    """(adjustment, the day it counts on, its credit)."""


def lines(credited: Credited, basis: Basis) -> Iterator[Line]:
    """The credits of a conversion, one line a touchpoint; by basis `touch` all of a line stands on its touchpoint's day."""
    conversion, credit = credited.conversion, credited.credit
    whose = {} if credited.account is None else {ACCOUNT: credited.account}
    for index, touch in enumerate(conversion.journey or (None,)):
        day = touch.day if basis == "touch" and touch else conversion.day
        yield Line(
            touch=touch,
            dimensions=_dimensions(touch, conversion) | whose,
            day=day,
            micro=credit.micro[index],
            revenue_minor=credit.revenue[index],
            adjusted=tuple(
                (item, item.day if basis == "conversion" else day, parts[index])
                for item, parts in zip(conversion.adjustments, credit.adjustments, strict=True)
            ),
        )


def cut(line: Line, question: Question) -> Line | None:
    """What of a line the question asks for; None if that is nothing."""

    def kept(day: str) -> bool:
        return question.keeps({**line.dimensions, "day": day})

    whole = kept(line.day)
    part = replace(
        line,
        micro=line.micro if whole else 0,
        revenue_minor=line.revenue_minor if whole else 0,
        adjusted=tuple(entry for entry in line.adjusted if entry[2] and kept(entry[1])),
    )
    return part if part.micro or part.revenue_minor or part.adjusted else None


def facts(credited: Credited, basis: Basis) -> Iterator[Fact]:
    """The same credits as facts with measures, so that they add up to the ROI rows."""
    kind = credited.conversion.kind
    seconds = credited.seconds_to_close if kind == "deal" else 0
    for line in lines(credited, basis):
        counted = {MEASURE_OF_KIND[kind]: line.micro}
        sums = Sums(revenue_minor=line.revenue_minor, close_seconds=line.micro * seconds, **counted)
        yield Fact(credited.model, {**line.dimensions, "day": line.day}, sums)
        for _, day, minor in line.adjusted:
            yield Fact(credited.model, {**line.dimensions, "day": day}, Sums(revenue_minor=minor))


def _dimensions(touch: Touch | None, conversion: Conversion) -> dict[str, str]:
    """Of a conversion without touchpoints only what is stored of it: the rest reads `(not set)`."""
    if touch is None:
        stored = dict(zip(STORED, unattributed_place(conversion)[1:], strict=True))
        return stored | {ORIGINAL_SOURCE: conversion.crm_original_source}
    return {name: getattr(touch, name) for name in (*STORED, *FINE)}
