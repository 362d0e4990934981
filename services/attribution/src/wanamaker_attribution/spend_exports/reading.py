"""From the bytes of an export to costs by campaign and day, with a word for each line that cannot be taken."""

from __future__ import annotations

from ..currencies import is_currency
from .amounts import Decimal, NoAmount, is_nothing, plain
from .days import NoDay, day_of
from .deciding import check_columns, check_period, currency_in, decimal_in, order_in
from .layout import Asked, BadExport, Cost, DateOrder, Export, Refused
from .lines import BadLine, Row, cells_of, heading_of, is_no_cost, row_of
from .recognising import Recognised, recognise
from .table import lines_of
from .text import text_of


def read_export(content: bytes, asked: Asked) -> Export:
    """Every line below the headings becomes a cost, a refusal or is skipped, and none is lost. Raises BadExport."""
    text = text_of(content)
    found = recognise(text, asked.platform)
    check_columns(found)
    rows: list[Row] = []
    refused: list[Refused] = []
    skipped = 0
    for line in lines_of(text, found.delimiter):
        if line.number <= found.heading.number:
            continue
        cells = cells_of(line, found)
        if is_no_cost(line, cells, found):
            skipped += 1
            continue
        try:
            rows.append(row_of(line, cells, found))
        except BadLine as error:
            refused.append(Refused(line.number, str(error)))
    if not rows and not refused:
        raise BadExport(f"The file has no line of costs below its headings (line {found.heading.number}).")
    order = order_in(rows, found, asked)
    if not asked.by_day:
        check_period(rows, order, found)
    default = currency_in(rows, found, asked)
    decimal = decimal_in(rows, default, found, asked)
    costs: list[Cost] = []
    for row in rows:
        try:
            costs.append(_cost(row, order, decimal, default, found, asked))
        except BadLine as error:
            refused.append(Refused(row.line, str(error)))
    return Export(found.platform, tuple(costs), tuple(sorted(refused, key=lambda each: each.line)), skipped)


def _cost(
    row: Row, order: DateOrder | None, decimal: Decimal, default: str | None, found: Recognised, asked: Asked
) -> Cost:
    """Raises BadLine."""
    if is_nothing(row.cells["campaign"]):
        raise BadLine(f"{heading_of(found, 'campaign')} is missing")
    try:
        day = day_of(row.day, order)
    except NoDay as error:
        raise BadLine(f"{heading_of(found, 'day' if 'day' in row.cells else 'starts')} {error}") from None
    currency = _currency(row, default, found, asked)
    try:
        amount = plain(row.digits, decimal, currency)
    except NoAmount as error:
        raise BadLine(f"{heading_of(found, 'cost')} {error}") from None
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


def _currency(row: Row, default: str | None, found: Recognised, asked: Asked) -> str:
    """What the line says, else the file, else who sent it; they must not contradict one another. Raises BadLine."""
    cell = row.cells.get("currency", "")
    own = None if is_nothing(cell) else cell.upper()
    if own is not None and not is_currency(own):
        raise BadLine(f"{heading_of(found, 'currency')} is not a currency of ISO 4217")
    said = list(dict.fromkeys(code for code in (own, row.beside, default) if code is not None))
    if not said:
        raise BadLine(f"names no currency. {found.platform.currency}, or say it: currency=EUR")
    if len(said) > 1:
        hint = "; leave out currency=" if asked.currency in said else ""
        raise BadLine(f"is in {' and in '.join(said)} at once{hint}")
    return said[0]
