"""What all cells of a file together say of its numbers and dates: row by row, in memory that does not grow."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import dates, numbers
from .cells import Cell, Numeral, is_empty
from .columns import Layout
from .options import DECIMALS, Options
from .reading import Reading, reading_of
from .refusal import Refused
from .signs import ASSUMED, SEVERAL, sign_in_heading
from .words import STATUSES, plain

_ANOTHER = {"$": "another dollar", "¥": "CNY"}
_DECIMAL_IN = {"en": ".", "fr": ",", "de": ",", "pl": ","}
DATE_FIELDS = ("created_at", "closed_at", "won_at", "updated_at")


@dataclass(slots=True)
class Survey:
    """`take` every row, then `decide`. Each of these is the first line at which something was seen."""

    decimals: dict[str, int] = field(default_factory=dict)
    open_numbers: dict[str, int] = field(default_factory=dict)
    """By the sign that may group or be the decimal one."""
    orders: dict[str, int] = field(default_factory=dict)
    open_date: int | None = None
    assumed: set[str] = field(default_factory=set)
    other_words: int = 0
    """Rows whose status is no word for one."""
    other_word: int | None = None

    def take(self, line: int, cells: dict[str, Cell]) -> None:
        amount = cells.get("amount")
        which = not is_empty(cells.get("currency"))
        if isinstance(amount, str) and amount.strip():
            self._number(line, amount, which)
        elif isinstance(amount, Numeral) and not which:
            self._assume(SEVERAL.get(amount.currency or "", ()))
        status = cells.get("status")
        if isinstance(status, str) and status.strip() and plain(status) not in STATUSES:
            self.other_words += 1
            self.other_word = self.other_word or line
        for name in DATE_FIELDS:
            cell = cells.get(name)
            if isinstance(cell, str) and cell.strip():
                self._date(line, cell)

    def _number(self, line: int, text: str, which: bool) -> None:
        """`which`: the row says what its currency is."""
        try:
            written = numbers.take_apart(text)
            shown = numbers.shows(written.digits)
            if shown is not None:
                numbers.amount_of(text, shown)  # what is no amount proves nothing: a date among them, 01.02.2026
        except numbers.NoNumber:
            return
        if shown is not None:
            self.decimals.setdefault(shown, line)
        elif (sign := numbers.open_sign(written.digits)) is not None:
            self.open_numbers.setdefault(sign, line)
        if not which:
            self._assume(written.several)

    def _assume(self, may_be: tuple[str, ...]) -> None:
        self.assumed |= {sign for sign, currencies in ASSUMED.items() if may_be == currencies}

    def _date(self, line: int, text: str) -> None:
        shown = dates.shows(text)
        if shown is not None:
            self.orders.setdefault(shown, line)
        elif self.open_date is None and dates.is_open(text):
            self.open_date = line

    def decide(self, layout: Layout, options: Options, delimiter: str | None) -> Reading:
        """Raises Refused where the file leaves something open that nobody said."""
        heading = next((column.currency for column in layout.of("amount")), None)
        return reading_of(
            options,
            decimal=self._decimal(layout, options, delimiter),
            date_order=self._order(options),
            currency=options.currency or heading,
            headings=headings_of(layout),
        )

    def notes(self, layout: Layout, options: Options) -> tuple[str, ...]:
        """What was taken for granted and may be otherwise; each says what to do then."""
        named, assumed = options.currency, set(self.assumed)
        for column in layout.of("amount") if named is None else ():
            if (sign := sign_in_heading(column.heading)) is not None:
                assumed.add(sign)
            else:
                named = column.currency
        notes = [
            f"{sign} is read as {currencies[0]}; say with `currency` if it is {_ANOTHER[sign]}"
            for sign, currencies in ASSUMED.items()
            if sign in assumed and named not in currencies
        ]
        fields = {column.field for column in layout.columns}
        if not fields & {"status", "stage", "won", "won_at"} and options.status is None:
            notes.append("no column says whether a deal is won; say status=won if all are")
        stating = [f'"{column.heading}"' for column in layout.columns if column.field in ("status", "won", "won_at")]
        if options.status is not None:
            stating.append(f"status={options.status}")
        if stating and not options.makes_ids:
            notes.append(
                f"{' and '.join(stating)}: a status decides, whatever stage {options.connection} tells later; of a CRM that "
                "tells stages and no status (HubSpot, Zoho) leave it out, and give the stage"
            )
        if self.other_words:
            notes.append(
                f"the status of {self.other_words:,} rows, of line {self.other_word} first, is none of the words for won, lost "
                "and open: it is read as their stage"
            )
        notes += [
            f'"{c.heading}" is read as {c.field} by what stands in it' for c in layout.columns if c.how == "content"
        ]
        return tuple(notes)

    def _decimal(self, layout: Layout, options: Options, delimiter: str | None) -> str | None:
        if options.decimal is not None:
            return DECIMALS[options.decimal]
        if len(self.decimals) == 2:
            raise Refused(
                f"the amount of line {self.decimals[',']} has a decimal comma and that of line {self.decimals['.']} a decimal "
                "point; say with `decimal` which is right (comma or point): the other rows are told as bad",
                option="decimal",
            )
        if self.decimals:
            return next(iter(self.decimals))
        if not self.open_numbers:
            return None
        hints = {_DECIMAL_IN[layout.language]} if layout.language else set()
        hints |= {","} if delimiter == "semicolon" else set()
        # all may group, and language and delimiter say so: money of three decimals is nobody's
        if len(self.open_numbers) == 1 and hints == {",", "."} - self.open_numbers.keys():
            return hints.pop()
        raise Refused(
            f"the amount of line {min(self.open_numbers.values())} may be a thousand times another: neither it nor any other "
            "tells whether its sign is a decimal one; say with `decimal` which is (comma or point)",
            option="decimal",
        )

    def _order(self, options: Options) -> str | None:
        if options.date_order is not None:
            return options.date_order
        if len(self.orders) == 2:
            raise Refused(
                f"the date of line {self.orders['day_first']} has its day first and that of line {self.orders['month_first']} "
                "its month; say with `date_order` which is right (day_first or month_first): the other rows are told as bad",
                option="date_order",
            )
        if self.orders:
            return next(iter(self.orders))
        if self.open_date is not None:
            raise Refused(
                f"the date of line {self.open_date} may be two days: no date of the file tells whether the day or the month "
                "stands first; say it with `date_order` (day_first or month_first)",
                option="date_order",
            )
        return None


def headings_of(layout: Layout) -> tuple[tuple[str, str], ...]:
    return tuple((name, column.heading) for name, column in zip(names_of(layout), layout.columns, strict=True))


def names_of(layout: Layout) -> tuple[str, ...]:
    """By what names a row's cells stand in the inbox: their fields, further columns of addresses as `email_2`, …"""
    emails = 0
    names = []
    for column in layout.columns:
        if column.field == "email":
            emails += 1
            names.append("email" if emails == 1 else f"email_{emails}")
        else:
            names.append(column.field)
    return tuple(names)
