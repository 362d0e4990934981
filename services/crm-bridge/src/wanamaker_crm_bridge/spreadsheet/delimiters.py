"""What stands between the cells of a CSV: told by its first line `sep=;`, else by which sign gives the most known headings."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from .columns import recognised
from .options import DELIMITERS
from .refusal import Refused

_TOLD = re.compile(r"\ufeff?sep=(.)\r?\n?", re.IGNORECASE)
NAMES = {sign: name for name, sign in DELIMITERS.items()}


def told_by(first_line: str) -> str | None:
    """Excel's own line above the headings."""
    match = _TOLD.fullmatch(first_line)
    return match[1] if match and match[1] in NAMES else None


def delimiter_of(sample: Sequence[str]) -> str:
    """From the first lines as they stand. Raises Refused if no sign gives at least two columns."""
    ranked = sorted(((*_fit(sample, sign), sign) for sign in NAMES), key=lambda fit: fit[:3], reverse=True)
    _, _, width, sign = ranked[0]
    if width < 2:
        raise Refused(
            "the file has one column: none of comma, semicolon, tab and | parts its cells; say with `delimiter` what does",
            option="delimiter",
        )
    if ranked[0][:3] == ranked[1][:3]:
        raise Refused(
            f"{NAMES[sign]} and {NAMES[ranked[1][3]]} part the cells equally well; say with `delimiter` which it is",
            option="delimiter",
        )
    return sign


def _fit(sample: Sequence[str], sign: str) -> tuple[int, float, int]:
    """How many headings a row at most has, the share of rows of the usual width, and that width."""
    try:
        rows = [row for row in csv.reader(sample, delimiter=sign) if any(cell.strip() for cell in row)]
    except csv.Error:
        return 0, 0.0, 0
    if not rows:
        return 0, 0.0, 0
    (width, count), *_ = Counter(map(len, rows)).most_common(1)
    known = max(recognised(row) for row in rows[:21])
    return known, count / len(rows) if width > 1 else 0.0, width
