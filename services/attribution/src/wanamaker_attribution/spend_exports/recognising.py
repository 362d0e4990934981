"""Which platform wrote a file, where its table begins, and which column is what: from the headings, in any of their languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from . import google_ads, linkedin_ads, meta_ads, microsoft_ads
from .layout import BadExport, Field, Platform
from .table import DELIMITERS, Line, folded, lines_of, shown

PLATFORMS: Mapping[str, Platform] = {
    module.PLATFORM.name: module.PLATFORM for module in (google_ads, meta_ads, linkedin_ads, microsoft_ads)
}
_LINES_ABOVE = 50
"""In which the headings are looked for."""
_UNIT = re.compile(r"(.*?) ?\((.*)\)")
_NEEDED: tuple[Field, ...] = ("cost", "campaign")


@dataclass(frozen=True, slots=True)
class Recognised:
    platform: Platform
    delimiter: str
    above: tuple[Line, ...]
    heading: Line
    columns: Mapping[Field, int]
    languages: frozenset[str]
    """Those that the headings may be of; empty if they are of several."""
    unit: str | None
    """What stands in parentheses behind the heading of the costs, as it is written."""


def recognise(text: str, wanted: str | None) -> Recognised:
    """The first line that holds a platform's headings. Raises BadExport, telling what was found instead."""
    heads = {delimiter: _head(text, delimiter) for delimiter in DELIMITERS}
    platforms = [PLATFORMS[wanted]] if wanted else list(PLATFORMS.values())
    found = [
        recognised
        for delimiter, lines in heads.items()
        for platform in platforms
        if (recognised := _in_lines(lines, platform, delimiter)) is not None
    ]
    names = {each.platform.name for each in found}
    if len(names) > 1:
        marked = [each for each in found if _is_marked(each)]
        found = marked or [each for each in found if _has_time(each)] or found
        names = {each.platform.name for each in found}
    if not found:
        raise BadExport(_not_found(heads, platforms))
    if len(names) > 1:
        raise BadExport(f"The file may be of {' or of '.join(sorted(names))}; say which: platform={min(names)}")
    return max(found, key=lambda each: len(each.columns))


def _head(text: str, delimiter: str) -> list[Line]:
    """The first lines, as far as they can be read with this delimiter."""
    lines: list[Line] = []
    try:
        for line in islice(lines_of(text, delimiter), _LINES_ABOVE):
            lines.append(line)
    except BadExport:
        pass  # of those that were read the headings are looked for; reading all of it will tell the same again
    return lines


def _in_lines(lines: Sequence[Line], platform: Platform, delimiter: str) -> Recognised | None:
    for place, line in enumerate(lines):
        cells = [folded(cell) for cell in line.cells]
        columns = dict(_columns(cells, platform))
        if all(field in columns for field in _NEEDED):
            languages = frozenset.intersection(
                *(_languages(cells[at], field, platform) for field, at in columns.items())
            )
            unit = _UNIT.fullmatch(line.cells[columns["cost"]])
            return Recognised(
                platform=platform,
                delimiter=delimiter,
                above=tuple(lines[:place]),
                heading=line,
                columns=columns,
                languages=languages,
                unit=unit[2] if unit else None,
            )
    return None


def _columns(cells: Sequence[str], platform: Platform) -> Iterator[tuple[Field, int]]:
    for field, by_language in platform.headings.items():
        for name in (name for names in zip_longest_of(by_language) for name in names):
            at = next((at for at, cell in enumerate(cells) if cell == name or _without_unit(cell, field) == name), None)
            if at is not None:
                yield field, at
                break


def zip_longest_of(by_language: Mapping[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """The first names of all languages, then the second, and so on: what is preferred stands first."""
    for place in range(max(map(len, by_language.values()))):
        yield [names[place] for names in by_language.values() if place < len(names)]


def _languages(cell: str, field: Field, platform: Platform) -> frozenset[str]:
    names = (cell, _without_unit(cell, field))
    return frozenset(
        language for language, known in platform.headings[field].items() if any(name in known for name in names)
    )


def _without_unit(cell: str, field: Field) -> str:
    """`amount spent (eur)` and `start date (in utc)` without what stands in parentheses."""
    unit = _UNIT.fullmatch(cell) if field in ("cost", "day", "ends") else None
    return unit[1] if unit else cell


def _is_marked(recognised: Recognised) -> bool:
    """Whether a line above the table is one that only this platform writes."""
    return any(folded(line.cells[0]).startswith(recognised.platform.marks) for line in recognised.above)


def _has_time(recognised: Recognised) -> bool:
    return bool({"day", "starts", "coarser"} & recognised.columns.keys())


def _not_found(heads: Mapping[str, Sequence[Line]], platforms: Sequence[Platform]) -> str:
    widest = max((line for lines in heads.values() for line in lines), key=lambda line: len(line.cells), default=None)
    if widest is None:
        return "The file is empty."
    of = platforms[0].title if len(platforms) == 1 else "Google Ads, Meta Ads, LinkedIn Ads and Microsoft Ads"
    return (
        f"No line has the headings that exports of {of} have: at least the campaign and the cost, in English, German, French, "
        f"Polish, Spanish, Italian, Dutch or Portuguese. Line {widest.number} has: {shown(widest.cells)}. "
        "Costs in columns of your own go to POST /v1/spend."
    )
