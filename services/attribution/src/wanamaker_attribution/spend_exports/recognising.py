"""Which platform wrote a file, where its table begins, and which column is what: from the headings, in any of their languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ..spend_exports import google_ads, linkedin_ads, meta_ads, microsoft_ads
from .layout import BadExport, Field, Platform
from .table import DELIMITERS, Line, folded, lines_of, shown, without_unit

PLATFORMS: Mapping[str, Platform] = {
    module.PLATFORM.name: module.PLATFORM for module in (google_ads, meta_ads, linkedin_ads, microsoft_ads)
}
_LINES_ABOVE = 50
"""In which the headings are looked for."""
_LONGEST = 200
"""Of a heading and of what is read above the table; longer cells there are nobody's words."""
_END = 500
_NEEDED: tuple[Field, ...] = ("cost", "campaign")
_WITH_UNIT: tuple[Field, ...] = ("cost", "day", "ends")
"""`Amount spent (EUR)`, `Start Date (in UTC)`."""


@dataclass(frozen=True, slots=True)
class Recognised:
    platform: Platform
    delimiter: str
    above: tuple[tuple[str, ...], ...]
    """The cells of the lines above the headings."""
    heading: Line
    columns: Mapping[Field, int]
    languages: frozenset[str]
    """Those that the headings may be of; empty if they are of several."""
    unit: str | None
    """What stands in parentheses behind the heading of the costs, as it is written."""


@dataclass(frozen=True, slots=True)
class _Headings:
    """A line's cells by their folded text, whole and without what stands in parentheses behind; of two the first."""

    line: Line
    whole: Mapping[str, int]
    bare: Mapping[str, int]


def recognise(text: str, wanted: str | None) -> Recognised:
    """The first line that holds a platform's headings. Raises BadExport, telling what was found instead."""
    platforms = [PLATFORMS[wanted]] if wanted else list(PLATFORMS.values())
    found: list[Recognised] = []
    heads: list[list[Line]] = []
    unreadable: list[BadExport] = []
    for delimiter in DELIMITERS:
        lines, error = _head(text, delimiter)
        heads.append(lines)
        unreadable += [error] if error is not None else []
        headings = [_headings(line) for line in lines]
        fitting = (_in_lines(headings, platform, delimiter) for platform in platforms)
        found += [recognised for recognised in fitting if recognised is not None]
    if found and not wanted:
        found = _proven(found, text)
    if not found:
        has_table = any(len(line.cells) > 1 for lines in heads for line in lines)
        raise unreadable[0] if unreadable and not has_table else BadExport(_not_found(heads, platforms))
    likely = [each for each in found if _is_marked(each)] or [each for each in found if _has_time(each)] or found
    names = sorted({each.platform.name for each in likely})
    if len(names) > 1:
        raise BadExport(f"The file may be of {' or of '.join(names)}; say which: platform={names[0]}")
    return max(likely, key=lambda each: len(each.columns))


def _head(text: str, delimiter: str) -> tuple[list[Line], BadExport | None]:
    """The first lines, as far as they can be read with this delimiter, and why no further."""
    lines: list[Line] = []
    try:
        for line in islice(lines_of(text, delimiter), _LINES_ABOVE):
            lines.append(line)
    except BadExport as error:
        return lines, error
    return lines, None


def _headings(line: Line) -> _Headings:
    cells = [folded(cell) if len(cell) <= _LONGEST else "" for cell in line.cells]
    whole: dict[str, int] = {}
    bare: dict[str, int] = {}
    for at, cell in enumerate(cells):
        whole.setdefault(cell, at)
        bare.setdefault(without_unit(cell)[0], at)
    return _Headings(line, whole, bare)


def _in_lines(lines: Sequence[_Headings], platform: Platform, delimiter: str) -> Recognised | None:
    for place, headings in enumerate(lines):
        named = {field: (at, names) for field, at, names in _columns(headings, platform)}
        if all(field in named for field in _NEEDED):
            columns = {field: at for field, (at, _) in named.items()}
            return Recognised(
                platform=platform,
                delimiter=delimiter,
                above=tuple(tuple(cell[:_LONGEST] for cell in above.line.cells) for above in lines[:place]),
                heading=headings.line,
                columns=columns,
                languages=frozenset.intersection(*(names for _, names in named.values())),
                unit=without_unit(headings.line.cells[columns["cost"]])[1],
            )
    return None


def _columns(headings: _Headings, platform: Platform) -> Iterator[tuple[Field, int, frozenset[str]]]:
    """(what a column is, which, the languages that call it so)."""
    for field, by_language in platform.headings.items():
        for name in _by_preference(by_language):
            at = headings.whole.get(name)
            if at is None and field in _WITH_UNIT:
                at = headings.bare.get(name)
            if at is not None:
                yield field, at, frozenset(language for language, names in by_language.items() if name in names)
                break


def _by_preference(by_language: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The first names of all languages, then the second, and so on."""
    for place in range(max(map(len, by_language.values()))):
        yield from (names[place] for names in by_language.values() if place < len(names))


def _proven(found: Sequence[Recognised], text: str) -> list[Recognised]:
    """Those whose platform wrote the file, and not one with the same columns. Raises BadExport if there is none."""
    proven = [each for each in found if not each.platform.proof or _has_proof(each, text)]
    if not proven:
        platform = found[0].platform
        raise BadExport(
            f"The file has columns as {platform.title} has them, and other platforms too. If it is of {platform.title}, say so: "
            f"platform={platform.name}; else send its rows to POST /v1/spend."
        )
    return proven


def _has_proof(recognised: Recognised, text: str) -> bool:
    above = [cell for cells in recognised.above for cell in cells]
    said = [folded(cell[:_LONGEST]) for cell in (*above, *recognised.heading.cells)]
    end = folded(text[-_END:])
    return any(word in end or any(word in cell for cell in said) for word in recognised.platform.proof)


def _is_marked(recognised: Recognised) -> bool:
    """Whether a line above the table is one that only this platform writes."""
    return any(folded(cells[0]).startswith(recognised.platform.marks) for cells in recognised.above)


def _has_time(recognised: Recognised) -> bool:
    return bool({"day", "starts", "coarser"} & recognised.columns.keys())


def _not_found(heads: Sequence[Sequence[Line]], platforms: Sequence[Platform]) -> str:
    widest = max((line for lines in heads for line in lines), key=lambda line: len(line.cells), default=None)
    if widest is None:
        return "The file is empty."
    of = platforms[0].title if len(platforms) == 1 else "Google Ads, Meta Ads, LinkedIn Ads and Microsoft Ads"
    return (
        f"No line has the headings that exports of {of} have: at least the campaign and the cost, in English, German, French, "
        f"Polish, Spanish, Italian, Dutch or Portuguese. Line {widest.number} has: {shown(widest.cells)}. "
        "Costs in columns of your own go to POST /v1/spend."
    )
