"""The ECB's table as facts: what is taken of it, and that money is worth what the whole table says, whenever it was taken."""

from __future__ import annotations

import re
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from wanamaker_attribution.money import Rate, Rates
from wanamaker_attribution.rate_table import Quote, needed_since, quotes_in, table_records
from wanamaker_attribution.repository.rate_table import read_quotes

LINES = [
    "Date,USD,JPY,BGN,PLN,",
    "2026-03-10,1.1,160.5,N/A,4.25,",
    "2026-03-09,1.2,,1.9558,4.20,",
    "2026-03-06,1.3,161,1.9558,N/A,",
    "2026-03-05,1.4,162,1.9558,4.10,",
]


def test_what_is_needed_is_a_week_before_the_first_money() -> None:
    first = {"PLN": "2026-03-10", "USD": "2026-03-20"}
    assert needed_since(first, "EUR") == {"PLN": "2026-03-04", "USD": "2026-03-14"}
    assert needed_since({**first, "EUR": "2026-04-01"}, "CHF") == {
        "PLN": "2026-03-04",
        "USD": "2026-03-14",
        "CHF": "2026-03-04",
    }
    assert needed_since({"EUR": "2026-03-10"}, "PLN") == {"PLN": "2026-03-04"}
    assert needed_since({"USD": "0001-01-01"}, "EUR") == {"USD": "1998-12-29"}
    assert needed_since({}, "PLN") == {}
    assert needed_since({"PLN": "2026-03-10"}, "PLN") == {}


def test_quotes_are_what_the_table_writes() -> None:
    found = quotes_in(LINES, {"JPY": "2026-03-06", "PLN": "2026-03-09", "XXX": "1999-01-01"})
    assert found == [
        Quote("2026-03-06", "JPY", "161"),
        Quote("2026-03-09", "PLN", "4.20"),
        Quote("2026-03-10", "JPY", "160.5"),
        Quote("2026-03-10", "PLN", "4.25"),
    ]
    assert quotes_in(LINES, {"XXX": "1999-01-01"}) == []
    assert quotes_in(LINES, {"USD": "2026-03-11"}) == []


def test_a_rate_is_one_record_whoever_appends_it() -> None:
    quotes = quotes_in(LINES, {"PLN": "2026-03-05"})
    (first, again) = (list(table_records("w1", quotes, (), received_at=at)) for at in (2 * 10**15, 3 * 10**15))
    assert [record.identity for record in first] == [record.identity for record in again]
    assert [record.model_dump(exclude={"received_at"}) for record in first] == [
        record.model_dump(exclude={"received_at"}) for record in again
    ]
    assert [(r.day, r.base, r.currency, r.rate, r.origin) for r in first] == [
        ("2026-03-05", "EUR", "PLN", "4.10", "table"),
        ("2026-03-09", "EUR", "PLN", "4.20", "table"),
        ("2026-03-10", "EUR", "PLN", "4.25", "table"),
    ]
    known = {first[1].event_id}
    assert [r.day for r in table_records("w1", quotes, known, received_at=0)] == ["2026-03-05", "2026-03-10"]


DAYS = [str(date(2026, 3, 1) + timedelta(days=day)) for day in range(24)]
CURRENCIES = ("USD", "PLN", "JPY")


@st.composite
def printed_tables(draw: st.DrawFn) -> list[str]:
    """Newest first; days and rates are missing."""
    cells = st.sampled_from(["1.25", "4.2", "0.5", "N/A", ""])
    days = sorted(draw(st.sets(st.sampled_from(DAYS))), reverse=True)
    return ["Date,USD,PLN,JPY,", *(f"{day},{draw(cells)},{draw(cells)},{draw(cells)}," for day in days)]


@settings(max_examples=300)
@given(
    printed_tables(),
    st.lists(st.tuples(st.sampled_from([*CURRENCIES, "EUR"]), st.sampled_from(DAYS)), min_size=1, max_size=6),
    st.sampled_from(["EUR", "PLN", "CHF"]),
    st.data(),
)
def test_money_is_worth_what_the_whole_table_says(
    table: list[str], money: list[tuple[str, str]], reporting: str, data: st.DataObject
) -> None:
    """However the money came, and in how many looks its rates were taken."""
    taken: dict[tuple[str, str], Rate] = {}
    seen: dict[str, str] = {}
    for currency, day in data.draw(st.permutations(money)):
        seen[currency] = min(day, seen.get(currency, day))
        if data.draw(st.booleans()) or (currency, day) == money[-1]:
            taken |= rates_of(quotes_in(table, needed_since(foreign(seen, reporting), reporting)))
    taken |= rates_of(quotes_in(table, needed_since(foreign(seen, reporting), reporting)))
    whole = Rates(rates_of(quotes_in(table, dict.fromkeys(CURRENCIES, "1999-01-01"))).values())
    part = Rates(taken.values())
    for currency, day in money:
        assert part.convert("100", currency, reporting, day) == whole.convert("100", currency, reporting, day)


def foreign(first: dict[str, str], reporting: str) -> dict[str, str]:
    return {currency: day for currency, day in first.items() if currency != reporting}


def rates_of(quotes: list[Quote]) -> dict[tuple[str, str], Rate]:
    return {
        (quote.day, quote.currency): Rate(quote.day, "EUR", quote.currency, Fraction(quote.rate), uploaded=False)
        for quote in quotes
    }


def test_the_package_carries_the_ecbs_table() -> None:
    """Euros have been quoted since 4 January 1999. A new version of the package: the page says where its table ends."""
    quotes = read_quotes({"USD": "1999-01-01", "PLN": "2026-01-05"})
    assert quotes[0] == Quote("1999-01-04", "USD", "1.1789")
    ends = re.search(r"ends on (\d{4}-\d\d-\d\d)", (Path(__file__).parents[2] / "docs" / "rates.md").read_text())
    assert ends
    assert ends[1] == quotes[-1].day
    assert {quote.currency for quote in quotes[-2:]} == {"USD", "PLN"}
    assert read_quotes({"VND": "1999-01-01"}) == []
