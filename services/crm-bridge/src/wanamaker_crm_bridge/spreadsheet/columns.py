"""Which row is the heading, and what each column is: by its heading, else by what stands in it, else as the sender said.

Nothing is guessed silently: every column that is read is told with how it was found, every other as not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from wanamaker_crm_bridge.values import printable
from wanamaker_shared.contracts.identifiers import normalise_email

from .cells import Cell, is_empty
from .dates import looks_like_a_date
from .options import Options
from .refusal import Refused
from .signs import currency_in_heading
from .words import HEADINGS, LANGUAGES, plain

MOST_ABOVE = 20
"""So many rows may stand above the heading: a title, the date of the report."""
MOST_COLUMNS = 500
MOST_LETTERS = 200
"""Of a heading; what is longer is cut."""
SHARE = 0.8
"""A column is one of addresses or dates if so many of its cells are."""

How = Literal["heading", "content", "asked"]
Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Column:
    index: int
    heading: str
    field: str
    how: How
    currency: str | None = None
    """Of an amount whose heading names it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cells of a row are read. `columns` stand in the file's order."""

    heading_line: int
    width: int
    columns: tuple[Column, ...]
    not_read: tuple[str, ...]
    language: str | None
    """Of most headings; None if two have equally many."""

    def of(self, field: str) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.field == field)


def lay_out(rows: Sequence[Row], options: Options) -> Layout:
    """From the first rows of a file, each (line, cells). Raises Refused."""
    place = _heading(rows, options)
    line, cells = rows[place]
    headings = _named(cells)
    sample = [below for _, below in rows[place + 1 :]]
    chosen = _asked(headings, options)
    _by_heading(headings, chosen, options)
    _by_content(headings, sample, chosen, options)
    columns = tuple(chosen[index] for index in sorted(chosen))
    _check(columns, options)
    read = {column.index for column in columns}
    return Layout(
        heading_line=line,
        width=len(headings),
        columns=columns,
        not_read=tuple(heading for index, heading in enumerate(headings) if index not in read and heading),
        language=_language([headings[column.index] for column in columns if column.how == "heading"]),
    )


def meaning_of(heading: str) -> tuple[str, int] | None:
    """The field that a heading means and its rank, 0 the best; None if it means none."""
    for word in (plain(heading), plain(_without_currency(heading))):
        found = [HEADINGS[language][word] for language in LANGUAGES if word in HEADINGS[language]]
        if found:
            return min(found, key=lambda meaning: meaning[1])
    return None


def recognised(cells: Sequence[Cell]) -> int:
    """How many of the cells are headings with a meaning, each meaning counted once."""
    meanings = (meaning_of(cell) for cell in cells if isinstance(cell, str) and cell.strip())
    return len({meaning[0] for meaning in meanings if meaning is not None})


def _without_currency(heading: str) -> str:
    """`Amount (EUR)` → `Amount`, `Betrag in €` → `Betrag`."""
    if currency_in_heading(heading) is None:
        return heading
    bare = heading.partition("(")[0].partition("[")[0].strip() if heading.rstrip().endswith((")", "]")) else ""
    words = bare.split() if bare and bare != heading else heading.split()[:-1]
    return " ".join(words[:-1] if len(words) > 1 and words[-1].lower() in ("in", "en", "w") else words)


def _heading(rows: Sequence[Row], options: Options) -> int:
    """The index of the heading row: the first with all headings that were asked for, else the first with two known ones."""
    for place, (_, cells) in enumerate(rows[: MOST_ABOVE + 1]):
        if len(cells) > MOST_COLUMNS:
            raise Refused(
                f"line {rows[place][0]} has {len(cells):,} cells, and at most {MOST_COLUMNS} columns are read; "
                "save the columns that say something of deals as a file of their own"
            )
        texts = {cell for cell in _named(cells) if cell}
        if any(normalise_email(text) for text in texts):
            continue
        if options.columns and texts.issuperset(options.columns):
            return place
        if not options.columns and recognised(cells) >= 2:
            return place
    if not rows:
        raise Refused("the file has no rows")
    if options.columns:
        raise Refused(
            f"none of the first {MOST_ABOVE} rows has all the headings that `columns` names", option="columns"
        )
    raise Refused(
        f"none of the first {MOST_ABOVE} rows is a row of headings: at least two must be known, such as "
        '"Deal ID" and "Amount"; write a heading over each column, or say with `columns` which heading is what',
        option="columns",
    )


def _named(cells: Sequence[Cell]) -> list[str]:
    """The headings as text, the second of one name as `Name (2)`."""
    seen: Counter[str] = Counter()
    names = []
    for cell in cells:
        name = printable(cell).strip()[:MOST_LETTERS] if isinstance(cell, str) else ""
        seen[name] += 1
        names.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return names


def _asked(headings: Sequence[str], options: Options) -> dict[int, Column]:
    chosen = {}
    for heading, field in options.columns.items():
        index = headings.index(heading)
        if field is not None:
            currency = currency_in_heading(heading) if field == "amount" else None
            chosen[index] = Column(index, headings[index], field, "asked", currency)
    fields = Counter(column.field for column in chosen.values())
    for field, count in fields.items():
        if count > 1 and field != "email":
            raise Refused(f"`columns` names {count} headings for {field}; one is read", option="columns")
    return chosen


def _by_heading(headings: Sequence[str], chosen: dict[int, Column], options: Options) -> None:
    """The best heading of each field that is not taken. Two that are equally good are nobody's to choose from."""
    taken = {column.field for column in chosen.values()}
    passed_over = {heading for heading, field in options.columns.items() if field is None}
    candidates: dict[str, list[tuple[int, int]]] = {}
    for index, heading in enumerate(headings):
        if index in chosen or not heading or heading in passed_over:
            continue
        meaning = meaning_of(_first_name(heading))
        if meaning is not None and meaning[0] not in taken:
            candidates.setdefault(meaning[0], []).append((meaning[1], index))
    for field, found in candidates.items():
        found.sort()
        best = [index for rank, index in found if rank == found[0][0]]
        if field == "email":
            best = [index for _, index in found]
        elif len(best) > 1:
            names = ", ".join(f'"{headings[index]}"' for index in best)
            raise Refused(
                f"{names} may each be the {field}; say which with `columns`, such as "
                f'{{"{headings[best[0]]}": "{field}", "{headings[best[1]]}": null}}',
                option="columns",
            )
        for index in best:
            currency = currency_in_heading(headings[index]) if field == "amount" else None
            chosen[index] = Column(index, headings[index], field, "heading", currency)


def _first_name(heading: str) -> str:
    """`Name (2)` means what `Name` means."""
    bare, _, rest = heading.rpartition(" (")
    return bare if bare and rest.endswith(")") and rest[:-1].isdigit() else heading


def _by_content(
    headings: Sequence[str], sample: Sequence[Sequence[Cell]], chosen: dict[int, Column], options: Options
) -> None:
    """A column of addresses where no heading says e-mail; the only column of dates where none says when a deal closed."""
    passed_over = {heading for heading, field in options.columns.items() if field is None}
    taken = {column.field for column in chosen.values()}
    free = [index for index, heading in enumerate(headings) if index not in chosen and heading not in passed_over]
    unknown = [index for index in free if meaning_of(_first_name(headings[index])) is None]
    if "email" not in taken:
        for index in unknown:
            if _share(sample, index, lambda text: normalise_email(text) is not None) >= SHARE:
                chosen[index] = Column(index, headings[index], "email", "content")
    if not taken & {"created_at", "closed_at", "won_at"}:
        dates = [i for i in unknown if i not in chosen and _share(sample, i, looks_like_a_date) >= SHARE]
        if len(dates) == 1:
            chosen[dates[0]] = Column(dates[0], headings[dates[0]], "closed_at", "content")


def _share(sample: Sequence[Sequence[Cell]], index: int, fits: Callable[[str], bool]) -> float:
    texts = [row[index] for row in sample if len(row) > index and not is_empty(row[index])]
    if not texts:
        return 0.0
    return sum(isinstance(text, str) and fits(text) for text in texts) / len(texts)


def _check(columns: Sequence[Column], options: Options) -> None:
    fields = {column.field for column in columns}
    if "id" in fields:
        return
    if not options.makes_ids:
        raise Refused(
            f"no column is the deals' id, and rows of {options.connection}'s deals need it; name the column with `columns`, or "
            "leave `connection` out, so that the deals stand for themselves",
            option="columns",
        )
    if not (fields & {"created_at", "closed_at", "won_at"} and fields & {"name", "email"}):
        raise Refused(
            "no column says which deal a row is: it takes an id, or a date and a name or an e-mail; "
            "say with `columns` which heading is what",
            option="columns",
        )


def _language(headings: Sequence[str]) -> str | None:
    """The one language that knows more of the headings than any other."""
    known = Counter(
        language
        for heading in headings
        for language in LANGUAGES
        if {plain(heading), plain(_without_currency(heading))} & HEADINGS[language].keys()
    )
    ranked = known.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
