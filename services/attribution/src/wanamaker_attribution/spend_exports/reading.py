"""From the bytes of an export to costs by campaign and day, with a word for each line that cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..currencies import is_currency
from .amounts import Decimal, NoAmount, decimal_of, is_nothing, plain, split_amount
from .days import NoDay, day_of, is_day, needs_order, order_of
from .layout import Asked, BadExport, Cost, DateOrder, Export, Field, Refused
from .recognising import Recognised, recognise
from .table import Line, folded, lines_of
from .text import text_of

_TOTALS = (
    *(
        "total",
        "totals",
        "overall total",
        "grand total",
        "gesamt",
        "gesamtsumme",
        "gesamtergebnis",
        "insgesamt",
        "summe",
    ),
    *("totaux", "razem", "łącznie", "suma", "ogółem", "totale", "totales", "totali", "totaal", "totais"),
)
_TOTAL = re.compile(rf"({'|'.join(_TOTALS)})(?!\w)")
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_CURRENCY_LINE = re.compile(r"(currency|währung|devise|waluta|moneda|divisa|valuta|moeda)", re.IGNORECASE)
_DAY_FIRST = frozenset(["de", "fr", "pl", "es", "it", "nl", "pt"])
_OPENED = "is a formula. Send the file as the platform gave it"


class _Bad(ValueError):
    """Why a line cannot be taken."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line's cells by what they are; absent ones are empty."""

    line: int
    cells: dict[Field, str]
    digits: str
    beside: str | None
    """The currency that stands beside the amount."""


def read_export(content: bytes, asked: Asked) -> Export:
    """Every line below the headings becomes a cost, a refusal or is skipped, and none is lost. Raises BadExport."""
    text = text_of(content)
    found = recognise(text, asked.platform)
    _check_columns(found)
    rows: list[_Row] = []
    refused: list[Refused] = []
    skipped = 0
    for line in lines_of(text, found.delimiter):
        if line.number <= found.heading.number:
            continue
        cells = _cells(line, found)
        if _is_no_cost(line, cells, found):
            skipped += 1
            continue
        try:
            rows.append(_row(line, cells, found))
        except _Bad as error:
            refused.append(Refused(line.number, str(error)))
    if not rows and not refused:
        raise BadExport(f"The file has no line of costs below its headings (line {found.heading.number}).")
    _check_period(rows, found, asked)
    order = _order(rows, found, asked)
    default = _currency_of_file(found, asked)
    decimal = _decimal(rows, found, default, asked)
    costs: list[Cost] = []
    for row in rows:
        try:
            costs.append(_cost(row, order, decimal, default, found, asked))
        except _Bad as error:
            refused.append(Refused(row.line, str(error)))
    return Export(found.platform, tuple(costs), tuple(sorted(refused, key=lambda each: each.line)), skipped)


def _check_columns(found: Recognised) -> None:
    headings = [folded(cell) for cell in found.heading.cells]
    for at in found.columns.values():
        if headings.count(headings[at]) > 1:
            raise BadExport(
                f"Line {found.heading.number} names two columns {found.heading.cells[at][:40]!r}; leave one out."
            )
    if not {"day", "starts"} & found.columns.keys():
        what = "It is by week or longer" if "coarser" in found.columns else "It has no column of days"
        raise BadExport(
            f"The file is an export of {found.platform.title}, but not by day. {what}. {found.platform.by_day}"
        )


def _cells(line: Line, found: Recognised) -> dict[Field, str]:
    return {field: line.cells[at] if at < len(line.cells) else "" for field, at in found.columns.items()}


def _is_no_cost(line: Line, cells: dict[Field, str], found: Recognised) -> bool:
    """Totals and footers: they have no day of their own, and say so or name no campaign."""
    filled = [cell for cell in line.cells if cell]
    if len(filled) == 1 and filled[0].startswith(("©", "(c)")):
        return True
    day = cells["day"] if "day" in cells else cells.get("starts", "")
    if is_nothing(day) or not is_day(day):
        told = (filled[0], day, cells["campaign"])
        return is_nothing(cells["campaign"]) or any(_TOTAL.match(folded(cell)) for cell in told)
    return "day" not in cells and is_nothing(cells["campaign"]) and cells.get("ends", day) != day


def _row(line: Line, cells: dict[Field, str], found: Recognised) -> _Row:
    if any(line.cells[len(found.heading.cells) :]):
        raise _Bad("has more cells than there are headings")
    for field, cell in cells.items():
        if cell.startswith("="):
            raise _Bad(f"{_heading(found, field)} {_OPENED}")
    if is_nothing(cells["cost"]):
        return _Row(line.number, cells, "0", None)
    try:
        digits, beside = split_amount(cells["cost"])
    except NoAmount as error:
        raise _Bad(f"{_heading(found, 'cost')} {error}") from None
    return _Row(line.number, cells, digits, beside)


def _heading(found: Recognised, field: Field) -> str:
    return found.heading.cells[found.columns[field]][:40] if field in found.columns else field


def _day_cell(row: _Row) -> str:
    return row.cells["day"] if "day" in row.cells else row.cells["starts"]


def _check_period(rows: Sequence[_Row], found: Recognised, asked: Asked) -> None:
    """Each line is of one day. A sum that bears only its first day shows by all lines having that one."""
    if asked.by_day:
        return
    told = f"The file is an export of {found.platform.title}, but not by day."
    long = next((row for row in rows if not is_nothing(row.cells.get("ends", "")) and _is_long(row)), None)
    if long is not None:
        raise BadExport(f"{told} Line {long.line} is of several days. {found.platform.by_day}")
    if found.platform.one_date and "ends" not in found.columns:
        days = {_day_cell(row) for row in rows}
        firsts = {day for day in days if re.search(r"(?<!\d)0?1(?!\d)", day)}
        if len(days) == 1 and len(_days_above(found)) > 1 and days & _days_above(found):
            raise BadExport(
                f"{told} All lines bear the first day of the report, as those of a sum of the whole period do. "
                f"{found.platform.by_day} If it is by day, say so: by_day=true"
            )
        if len(days) > 1 and days == firsts and _are_months(days):
            raise BadExport(
                f"{told} All lines bear the first day of a month. {found.platform.by_day} "
                "If it is by day, say so: by_day=true"
            )


def _is_long(row: _Row) -> bool:
    begins = row.cells.get("starts") or row.cells.get("day", "")
    return bool(begins) and folded(begins) != folded(row.cells["ends"])


def _days_above(found: Recognised) -> set[str]:
    """The days that the lines above the table name, as they are written there."""
    return {
        part.strip()
        for line in found.above
        for cell in line.cells
        for part in re.split(r"\s[-–]\s|:\s|,\s(?=\D*\d+[/.-])", cell)
        if is_day(part.strip())
    }


def _are_months(days: set[str]) -> bool:
    for order in ("dmy", "mdy"):
        try:
            if all(day_of(day, "dmy" if order == "dmy" else "mdy").endswith("-01") for day in days):
                return True
        except NoDay:
            continue
    return False


def _order(rows: Sequence[_Row], found: Recognised, asked: Asked) -> DateOrder | None:
    """Whether the day or the month stands first: as asked, as the file shows, as its language has it."""
    cells = [_day_cell(row) for row in rows] + [row.cells["ends"] for row in rows if "ends" in row.cells]
    above = [cell for line in found.above for cell in line.cells]
    try:
        shown = order_of([*cells, *above])
    except NoDay as error:
        raise BadExport(f"The days of the file {error}; export it again in one form.") from None
    if asked.date_order is not None:
        if shown not in (None, asked.date_order):
            raise BadExport(
                f"The days of the file are not {asked.date_order}, as date_order says: one of them could not be."
            )
        return asked.date_order
    if shown is None and found.languages and found.languages <= _DAY_FIRST:
        return "dmy"
    unclear = next((row for row in rows if needs_order(_day_cell(row))), None) if shown is None else None
    if unclear is not None:
        raise BadExport(
            f"Whether the day or the month stands first cannot be told from the file (line {unclear.line} is the first such "
            "day). Say which: date_order=dmy or date_order=mdy"
        )
    return shown


def _currency_of_file(found: Recognised, asked: Asked) -> str | None:
    """The one currency that heading and lines above the table name. Raises BadExport if they name several."""
    named = set(_codes(found.unit or ""))
    if not named:
        named = {
            code
            for line in found.above
            for cell in line.cells
            if _CURRENCY_LINE.search(" ".join(line.cells))
            for code in _codes(cell)
        }
    if len(named) > 1:
        raise BadExport(f"The file names several currencies above its table: {', '.join(sorted(named))}.")
    own = named.pop() if named else None
    if asked.currency is not None and own not in (None, asked.currency):
        raise BadExport(f"The file is in {own}, not in {asked.currency}; leave out currency=")
    return own or asked.currency


def _codes(text: str) -> list[str]:
    return [code for code in _CODE.findall(text) if is_currency(code)]


def _decimal(rows: Sequence[_Row], found: Recognised, default: str | None, asked: Asked) -> Decimal:
    if asked.decimal is not None:
        return asked.decimal
    currencies = [code for row in rows if (code := row.cells.get("currency", "").upper() or row.beside or default)]
    known = [code for code in currencies if is_currency(code)]
    try:
        shown = decimal_of((row.digits for row in rows), known)
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


def _cost(
    row: _Row, order: DateOrder | None, decimal: Decimal, default: str | None, found: Recognised, asked: Asked
) -> Cost:
    """Raises _Bad."""
    if is_nothing(row.cells["campaign"]):
        raise _Bad(f"{_heading(found, 'campaign')} is missing")
    try:
        day = day_of(_day_cell(row), order)
    except NoDay as error:
        raise _Bad(f"{_heading(found, 'day' if 'day' in row.cells else 'starts')} {error}") from None
    currency = _currency(row, default, found, asked)
    try:
        amount = plain(row.digits, decimal, currency)
    except NoAmount as error:
        raise _Bad(f"{_heading(found, 'cost')} {error}") from None
    said = {field: None if is_nothing(cell) else cell for field, cell in row.cells.items()}
    return Cost(
        line=row.line,
        day=day,
        campaign=said["campaign"],
        campaign_id=said.get("campaign_id"),
        account=said.get("account_id") or said.get("account") or asked.account,
        amount=amount,
        currency=currency,
    )


def _currency(row: _Row, default: str | None, found: Recognised, asked: Asked) -> str:
    """What the line says, else the file, else who sent it; they must not contradict one another. Raises _Bad."""
    cell = row.cells.get("currency", "")
    own = None if is_nothing(cell) else cell.upper()
    if own is not None and not is_currency(own):
        raise _Bad(f"{_heading(found, 'currency')} is not a currency of ISO 4217")
    said = list(dict.fromkeys(code for code in (own, row.beside, default) if code is not None))
    if not said:
        raise _Bad(f"names no currency. {found.platform.currency}, or say it: currency=EUR")
    if len(said) > 1:
        hint = "; leave out currency=" if asked.currency in said else ""
        raise _Bad(f"is in {' and in '.join(said)} at once{hint}")
    return said[0]
