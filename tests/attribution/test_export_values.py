"""Amounts and days as the platforms' sites write them: what is read, and what is refused rather than guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_attribution.spend_exports import amounts, days
from wanamaker_attribution.spend_exports.amounts import NoAmount, decimal_of, plain, split_amount
from wanamaker_attribution.spend_exports.days import NoDay, day_of, needs_order, order_of

NARROW, WIDE = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("cell", "digits", "currency"),
    [
        ("12.34", "12.34", None),
        ("1,234.56", "1,234.56", None),
        (f"1{NARROW}234,56", "1234,56", None),
        (f"1{WIDE}234,56{WIDE}€", "1234,56", "EUR"),
        ("€12.34", "12.34", "EUR"),
        ("£1,000", "1,000", "GBP"),
        ("1 234,56 zł", "1234,56", "PLN"),
        ("12,50 Kč", "12,50", "CZK"),
        ("PLN 12,34", "12,34", "PLN"),
        ("12.34USD", "12.34", "USD"),
        ("US$12.34", "12.34", None),
        ("$12.34", "12.34", None),
        ("R$ 12,34", "12,34", None),
        ("kr 12,50", "12,50", None),
        ("1'234.50", "1234.50", None),
        ("1\u2019234.50", "1234.50", None),
        ("-5.00", "-5.00", None),
        ("\u22125,00", "-5,00", None),
        ("(5.00)", "-5.00", None),
        ("-$5.00", "-5.00", None),
        ("５．００", "5.00", None),
        ("12.", "12.", None),
    ],
)
def test_a_cell_of_money(cell: str, digits: str, currency: str | None) -> None:
    assert split_amount(cell) == (digits, currency)


@pytest.mark.parametrize(
    "cell",
    [
        "ten",
        "12.34.x",
        "=1+1",
        "+12",
        "12 %",
        "1e5",
        "ABC 12",
        "12 34 €€",
        ".5",
        "٣",
        "--5",
        "€",
        "9" * 61,
        "1-2",
        "#N/A",
    ],
)
def test_what_is_no_money(cell: str) -> None:
    with pytest.raises(NoAmount):
        split_amount(cell)


@pytest.mark.parametrize(
    ("column", "decimal"),
    [
        (["12.34"], "."),
        (["12,34"], ","),
        (["1,234.56"], "."),
        (["1.234,56"], ","),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["12.5", "1234"], "."),
        (["0.125"], "."),
        (["1234,567"], ","),
        (["12.3456"], "."),
        (["1,234"], None),
        (["1.234", "5.678"], None),
        (["12", "0"], None),
        (["1,234", "5.00"], "."),
        (["1.234", "5,00"], ","),
    ],
)
def test_the_column_shows_what_stands_before_the_cents(column: list[str], decimal: str | None) -> None:
    assert decimal_of(column, ["EUR"]) == decimal


def test_a_column_that_contradicts_itself() -> None:
    with pytest.raises(NoAmount, match="decimal comma here"):
        decimal_of(["12.34", "12,34"], ["EUR"])


@pytest.mark.parametrize("written", ["1,234", "1.234", "1234"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_money_without_minor_units_has_groups_only(written: str, decimal: Literal[".", ","]) -> None:
    assert decimal_of(["1,234", "1.234"], ["JPY"]) == "."
    assert plain(written, decimal, "JPY") == "1234"


def test_money_without_minor_units_that_has_both_signs_has_decimals() -> None:
    assert plain("1,234.567", ".", "JPY") == "1234.567"
    assert decimal_of(["1,234"], []) is None, "nothing is known of no currency"


@pytest.mark.parametrize("written", ["1,23,4.5", "1,2345.5", "12,34", ",123", "1.5.5", "1,234,", "1234,567.1"])
def test_groups_stand_where_they_must(written: str) -> None:
    with pytest.raises(NoAmount):
        plain(written, ".", "EUR")


def test_indian_groups() -> None:
    assert plain("12,34,567.50", ".", "INR") == "1234567.50"


WRITTEN = st.sampled_from(["{:,.2f}", "{:.2f}"])


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1), WRITTEN, st.booleans())
def test_any_column_with_cents_is_read_back(column: list[Decimal], written: str, swapped: bool) -> None:
    """In English or with comma and point exchanged, as in German."""
    swap = str.maketrans(".,", ",.") if swapped else {}
    cells = [written.format(value).translate(swap) for value in column]
    digits = [split_amount(cell)[0] for cell in cells]
    decimal = decimal_of(digits, ["EUR"])
    assert decimal == ("," if swapped else ".")
    assert [Decimal(plain(each, decimal, "EUR")) for each in digits] == column


@pytest.mark.parametrize(
    ("cell", "order", "day"),
    [
        ("2026-09-01", None, "2026-09-01"),
        ("2026/9/1", None, "2026-09-01"),
        ("2026-09-01 00:00:00", None, "2026-09-01"),
        ("2026-09-01T00:00:00Z", None, "2026-09-01"),
        ("01.09.2026", None, "2026-09-01"),
        ("1. 9. 2026", None, "2026-09-01"),
        ("9/1/2026", "mdy", "2026-09-01"),
        ("9/1/2026", "dmy", "2026-01-09"),
        ("9/1/2026 12:00:00 AM", "mdy", "2026-09-01"),
        ("01-09-2026", "dmy", "2026-09-01"),
        ("Sep 1, 2026", None, "2026-09-01"),
        ("September 1, 2026", None, "2026-09-01"),
        ("1 Sept 2026", None, "2026-09-01"),
        ("1-Sep-2026", None, "2026-09-01"),
        ("1. September 2026", None, "2026-09-01"),
        ("3. Mrz. 2026", None, "2026-03-03"),
        ("3. März 2026", None, "2026-03-03"),
        ("31. Dez. 2026", None, "2026-12-31"),
        ("1er janv. 2026", None, "2026-01-01"),
        ("4 juil. 2026", None, "2026-07-04"),
        ("4 juin 2026", None, "2026-06-04"),
        ("15 août 2026", None, "2026-08-15"),
        ("5 wrz 2026", None, "2026-09-05"),
        ("5 października 2026", None, "2026-10-05"),
        ("5 maja 2026", None, "2026-05-05"),
        ("5 marca 2026", None, "2026-03-05"),
        ("1 de septiembre de 2026", None, "2026-09-01"),
        ("1 mei 2026", None, "2026-05-01"),
        ("1 maggio 2026", None, "2026-05-01"),
        (f"5{WIDE}wrz{WIDE}2026", None, "2026-09-05"),
    ],
)
def test_a_cell_of_a_day(cell: str, order: Literal["dmy", "mdy"] | None, day: str) -> None:
    assert day_of(cell, order) == day
    assert days.is_day(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "2026-02-30",
        "31/31/2026",
        "1/9/26",
        "09-2026",
        "2026",
        "Total",
        "Sep 2026",
        "1 Foo 2026",
        "=DATE(2026;9;1)",
        "9" * 61,
    ],
)
def test_what_is_no_day(cell: str) -> None:
    with pytest.raises(NoDay):
        day_of(cell, "dmy")
    assert not days.is_day(cell)


def test_the_column_shows_the_order_of_day_and_month() -> None:
    assert order_of(["03/04/2026", "13/04/2026"]) == "dmy"
    assert order_of(["03/04/2026", "04/13/2026"]) == "mdy"
    assert order_of(["03/04/2026", "2026-04-13"]) is None
    assert order_of(["Report Time: 9/1/2026,9/30/2026"]) == "mdy"
    with pytest.raises(NoDay, match="day first here"):
        order_of(["13/04/2026", "04/13/2026"])


def test_the_same_day_either_way_needs_no_order() -> None:
    assert not needs_order("04/04/2026")
    assert needs_order("03/04/2026")
    assert not needs_order("03.04.2026")


@given(st.lists(st.dates(date(2000, 1, 1)), min_size=1), st.booleans())
def test_days_are_read_back_or_not_at_all(column: list[date], american: bool) -> None:
    cells = [day.strftime("%m/%d/%Y" if american else "%d/%m/%Y") for day in column]
    order = order_of(cells)
    if order is not None:
        assert order == ("mdy" if american else "dmy")
        assert [day_of(cell, order) for cell in cells] == [day.isoformat() for day in column]
    else:
        assert all(day.day <= 12 or day.day == day.month for day in column)


def test_every_month_of_every_language_is_found() -> None:
    months = (
        "January February March April May June July August September October November December",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        "sty lut mar kwi maj cze lip sie wrz paź lis gru",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "jan. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "Jän. Feb. Mrz. Apr. Mai Jun. Jul. Aug. Sep. Okt. Nov. Dez.",
        "ene feb mar abr may jun jul ago sept oct nov dic",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "jan fev mar abr mai jun jul ago set out nov dez",
    )
    for line in months:
        found = [day_of(f"7 {name} 2026", None)[5:7] for name in line.split()]
        assert found == [f"{month:02}" for month in range(1, 13)], line


def test_nothing_said_is_nothing() -> None:
    assert all(amounts.is_nothing(cell) for cell in ("", " --", "-", "—"))
    assert not amounts.is_nothing("0")
