"""What only the whole file tells: that it is by day, the order of day and month, the currency, the decimal sign.

Nothing is guessed: where file and sender leave two readings, BadExport says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..currencies import is_currency
from .amounts import Decimal, NoAmount, decimal_of, is_nothing
from .days import NoDay, day_of, is_day, needs_order, order_of
from .layout import Asked, BadExport, DateOrder
from .lines import Row
from .recognising import Recognised
from .table import folded

_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_CURRENCY_LINE = re.compile(r"currency|währung|devise|waluta|moneda|divisa|valuta|moeda", re.IGNORECASE)
_BETWEEN_DAYS = re.compile(r"\s[-–]\s|: ?|,(?! \d{4})")
_DAY_FIRST = frozenset(["de", "fr", "pl", "es", "it", "nl", "pt"])


def check_columns(found: Recognised) -> None:
    """Each is there once, one is of days, and none says that the report leaves costs out."""
    headings = [folded(cell) for cell in found.heading.cells]
    for at in found.columns.values():
        if headings.count(headings[at]) > 1:
            name = found.heading.cells[at][:40]
            raise BadExport(f"Line {found.heading.number} names two columns {name!r}; leave one out.")
    if "partial" in found.columns:
        raise BadExport(
            f"The file is a report of search terms, and {found.platform.title} leaves out the costs of those that few people "
            "used. Export the campaigns."
        )
    if not {"day", "starts"} & found.columns.keys():
        what = "It is by week or longer." if "coarser" in found.columns else "It has no column of days."
        raise BadExport(f"{_not_by_day(found)} {what} {found.platform.by_day}")


def check_period(rows: Sequence[Row], order: DateOrder | None, found: Recognised) -> None:
    """Each line is of one day.

    On some platforms a sum of a period bears its first day only: then all lines bear the day on which the report begins, or
    all bear the first of a month.
    """
    long = next((row for row in rows if not is_nothing(row.cells.get("ends", "")) and _is_long(row)), None)
    if long is not None:
        raise BadExport(f"{_not_by_day(found)} Line {long.line} is of several days. {found.platform.by_day}")
    said = next((cells[0] for cells in found.above if folded(cells[0]).startswith(found.platform.coarse)), None)
    if said is not None:
        raise BadExport(f"{_not_by_day(found)} It says {said[:40]!r}. {_or_say(found)}")
    if not found.platform.one_date or "ends" in found.columns:
        return
    days = _read([row.day for row in rows], order)
    named = _read([part for cells in found.above for cell in cells for part in _BETWEEN_DAYS.split(cell)], order)
    if len(set(days)) == 1 and len(named) > 1 and named[0] == days[0] != named[1]:
        raise BadExport(f"{_not_by_day(found)} All lines bear the day on which the report begins. {_or_say(found)}")
    if len(set(days)) > 1 and all(day.endswith("-01") for day in days):
        raise BadExport(f"{_not_by_day(found)} All lines bear the first day of a month. {_or_say(found)}")


def order_in(rows: Sequence[Row], found: Recognised, asked: Asked) -> DateOrder | None:
    """Whether the day or the month stands first: as asked, as the file shows, as its language has it.

    None if it does not matter.
    """
    cells = [row.day for row in rows] + [row.cells["ends"] for row in rows if "ends" in row.cells]
    above = [cell for cells in found.above for cell in cells]
    try:
        shown = order_of([*cells, *above])
    except NoDay as error:
        raise BadExport(f"The days of the file {error}; export it again in one form.") from None
    if asked.date_order is not None:
        if shown not in (None, asked.date_order):
            raise BadExport(f"Some days of the file cannot be {asked.date_order}, as date_order says; leave it out.")
        return asked.date_order
    if shown is not None:
        return shown
    if found.languages and found.languages <= _DAY_FIRST:
        return "dmy"
    unclear = next((row for row in rows if needs_order(row.day)), None)
    if unclear is not None:
        raise BadExport(
            f"Whether the day or the month stands first cannot be told from the file (line {unclear.line} is the first such "
            "day). Say which: date_order=dmy or date_order=mdy"
        )
    return None


def currency_in(rows: Sequence[Row], found: Recognised, asked: Asked) -> str | None:
    """The one currency that the heading of the costs or a line above the table names, else the one asked for.

    None if the lines say it themselves.
    """
    named = set(_codes(found.unit or "")) or {
        code
        for cells in found.above
        if any(_CURRENCY_LINE.search(cell) for cell in cells)
        for cell in cells
        for code in _codes(cell)
    }
    if len(named) > 1:
        raise BadExport(f"The file names several currencies above its table: {', '.join(sorted(named))}.")
    own = named.pop() if named else None
    if asked.currency is not None and own not in (None, asked.currency):
        raise BadExport(f"The file is in {own}, not in {asked.currency}; leave out currency=")
    if (
        own is None
        and asked.currency is None
        and "currency" not in found.columns
        and not any(row.beside for row in rows)
    ):
        raise BadExport(f"The file names no currency. {found.platform.currency}, or say it: currency=EUR")
    return own or asked.currency


def decimal_in(rows: Sequence[Row], default: str | None, found: Recognised, asked: Asked) -> Decimal:
    """What stands before the cents: as asked, as the amounts show, in English a point."""
    if asked.decimal is not None:
        return asked.decimal
    currencies = {row.cells.get("currency", "").upper() or row.beside or default or "" for row in rows}
    try:
        shown = decimal_of({row.digits for row in rows}, [code for code in currencies if is_currency(code)])
    except NoAmount as error:
        raise BadExport(f"The costs of the file {error}; export it again in one form.") from None
    if shown is not None:
        return shown
    unclear = next((row for row in rows if "." in row.digits or "," in row.digits), None)
    if unclear is not None and found.languages != {"en"}:
        raise BadExport(
            f"Whether a comma or a point stands before the cents cannot be told from the file (line {unclear.line} is the "
            "first such cost). Say which: decimal=, or decimal=."
        )
    return "."


def _not_by_day(found: Recognised) -> str:
    return f"The file is an export of {found.platform.title}, but not by day."


def _or_say(found: Recognised) -> str:
    return f"{found.platform.by_day} If it is by day, say so: by_day=true"


def _is_long(row: Row) -> bool:
    begins = row.cells.get("starts") or row.cells.get("day", "")
    return bool(begins) and folded(begins) != folded(row.cells["ends"])


def _read(cells: Sequence[str], order: DateOrder | None) -> list[str]:
    """Those that are days."""
    return [day_of(cell.strip(), order) for cell in cells if is_day(cell.strip())]


def _codes(text: str) -> list[str]:
    return [code for code in _CODE.findall(text) if is_currency(code)]
