"""What the readers of exports share: how a platform's export looks, what was asked, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Field = Literal[
    "day",
    "starts",
    "ends",
    "coarser",
    "partial",
    "campaign",
    "campaign_id",
    "account",
    "account_id",
    "cost",
    "currency",
]
"""`starts`, `ends`: of the row's own period. `coarser`: a week, a month, a quarter or a year.
`partial`: by what a report is broken down that leaves costs out."""

DateOrder = Literal["dmy", "mdy"]
Headings = Mapping[Field, Mapping[str, tuple[str, ...]]]
"""By field and language (ISO 639-1) the headings, as `folded` gives them; the first that a file has is taken."""


@dataclass(frozen=True, slots=True)
class Platform:
    """An ad platform: how its site writes an export, and where its costs belong if no rule says otherwise."""

    name: str
    """The `provider` of its costs."""
    title: str
    source: str
    medium: str
    headings: Headings
    by_day: str
    """What to tick there so that each line is of one day."""
    currency: str
    """What to tick there so that the file names its currency."""
    marks: tuple[str, ...] = ()
    """Beginnings of lines above the table (folded) that only this platform writes."""
    coarse: tuple[str, ...] = ()
    """Beginnings of lines above the table (folded) that say that its lines are of more than a day."""
    proof: tuple[str, ...] = ()
    """Words (folded) of which one stands above the table, in its headings or at the end of the file.

    Other platforms' exports have the same columns; without a proof the sender has to say the platform.
    """
    totals_unnamed: bool = False
    """Whether a line without a campaign is a line of totals, whatever days it bears."""
    one_date: bool = False
    """Whether a sum of a whole period bears its first day only, so that it looks like a day's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever sends the file says about it. All of it may be left to the file."""

    platform: str | None = None
    currency: str | None = None
    date_order: DateOrder | None = None
    decimal: Literal[".", ","] | None = None
    account: str | None = None
    by_day: bool = False
    """The lines are of one day each, whatever they look like."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a line says: what a campaign cost on a day. `amount` is decimal text, `currency` of ISO 4217."""

    line: int
    day: str
    campaign: str | None
    campaign_id: str | None
    account: str | None
    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a line cannot be taken; the reason repeats none of its values."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Export:
    platform: Platform
    costs: tuple[Cost, ...]
    refused: tuple[Refused, ...]
    skipped: int
    """Lines that are no costs: totals, footers."""


class BadExport(ValueError):
    """The file as a whole cannot be taken; the message says what is wrong, where, and what to do."""
