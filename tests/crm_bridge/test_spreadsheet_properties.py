"""A table that somebody writes in their own way is read as they meant it, or refused with what to say; never read otherwise."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crm_bridge.judging import judged
from wanamaker_crm_bridge.dialects.spreadsheet import map_rows
from wanamaker_crm_bridge.mapping import Context, Webhook
from wanamaker_crm_bridge.spreadsheet import dates, numbers
from wanamaker_crm_bridge.spreadsheet.deliveries import read_delivery
from wanamaker_crm_bridge.spreadsheet.months import MONTHS
from wanamaker_crm_bridge.spreadsheet.refusal import Refused
from wanamaker_crm_bridge.spreadsheet.words import HEADINGS, LANGUAGES, STATUSES, plain
from wanamaker_crm_bridge.unmappable import Unmappable

ENGLISH_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
HEADINGS_IN = {
    "en": ("Deal ID", "Deal Name", "Status", "Amount", "Created", "Close Date"),
    "fr": ("Numéro d'affaire", "Nom de l'affaire", "Statut", "Montant", "Créé le", "Date de clôture"),
    "de": ("Auftrags-Nr.", "Bezeichnung", "Status", "Betrag", "Erstellt am", "Abschlussdatum"),
    "pl": ("Nr zamówienia", "Nazwa", "Status", "Kwota", "Data utworzenia", "Data zamknięcia"),
}
STATUS_IN = {
    "en": {"won": "Won", "lost": "Closed Lost", "open": "Open"},
    "fr": {"won": "Gagnée", "lost": "Perdue", "open": "En cours"},
    "de": {"won": "Gewonnen", "lost": "Verloren", "open": "Offen"},
    "pl": {"won": "Wygrana", "lost": "Przegrana", "open": "W toku"},
}


@dataclass(frozen=True)
class Manner:
    """How somebody writes."""

    language: str
    delimiter: str
    decimal: str
    group: str
    sign: str
    day: str
    encoding: str


manners = st.builds(
    Manner,
    language=st.sampled_from(LANGUAGES),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([",", "."]),
    group=st.sampled_from(["", " ", "\u00a0", "'", ".", ","]),
    sign=st.sampled_from(["", "€ {}", "{} €", "{} zł", "PLN {}", "{} EUR"]),
    day=st.sampled_from(
        "{d:02}.{m:02}.{y}|{d}.{m}.{y}|{y}-{m:02}-{d:02}|{d:02}/{m:02}/{y}|{m:02}/{d:02}/{y}|{d} {n} {y}".split("|")
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
).filter(lambda manner: manner.group != manner.decimal)


@dataclass(frozen=True)
class Deal:
    status: str
    amount: Decimal
    created: date
    closed: date


days = st.dates(date(1980, 1, 1), date(2069, 12, 31))
amounts = st.decimals(Decimal(-9_999_999), Decimal(9_999_999), places=2) | st.integers(0, 9_999_999).map(Decimal)
deals = st.builds(Deal, st.sampled_from(["won", "lost", "open"]), amounts, days, days)


def amount_in(manner: Manner, amount: Decimal) -> str:
    sign, _, exponent = amount.as_tuple()
    assert isinstance(exponent, int)
    whole, _, fraction = f"{abs(amount):.{-exponent}f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", manner.group)
    number = grouped + (manner.decimal + fraction if fraction else "")
    return (manner.sign or "{}").format(f"-{number}" if sign and amount else number)


def day_in(manner: Manner, day: date) -> str:
    return manner.day.format(d=day.day, m=day.month, y=day.year, n=ENGLISH_MONTHS[day.month - 1])


def written(manner: Manner, rows: list[Deal]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=manner.delimiter)
    writer.writerow(HEADINGS_IN[manner.language])
    for number, deal in enumerate(rows):
        status = STATUS_IN[manner.language][deal.status]
        created, closed = day_in(manner, deal.created), day_in(manner, deal.closed)
        writer.writerow([f"D{number}", "Żółć & Müller", status, amount_in(manner, deal.amount), created, closed])
    return out.getvalue().encode(manner.encoding)


def plain_amount(amount: Decimal) -> str:
    return str(amount if amount else abs(amount))


def currency_in(manner: Manner) -> str | None:
    return "EUR" if "€" in manner.sign or "EUR" in manner.sign else "PLN" if manner.sign else None


@settings(max_examples=300, deadline=None)
@given(manner=manners, rows=st.lists(deals, min_size=1, max_size=6))
def test_a_table_is_read_as_it_was_meant_or_not_at_all(manner: Manner, rows: list[Deal]) -> None:
    with TemporaryDirectory() as directory:
        try:
            found = judged(written(manner, rows), Path(directory))
        except Refused as refusal:
            asked = refusal.option
        else:
            asked = None
    if asked is not None:
        assert asked in ("decimal", "date_order")
        return
    assert found.failures == []
    assert [(event.deal_id, event.properties) for event in found.events] == [
        (
            f"D{number}",
            {
                "status": deal.status,
                "amount": plain_amount(deal.amount),
                **({"currency": currency} if (currency := currency_in(manner)) else {}),
                "created_at": deal.created.isoformat(),
                "closed_at": deal.closed.isoformat(),
            },
        )
        for number, deal in enumerate(rows)
    ]


@settings(max_examples=200, deadline=None)
@given(manner=manners, rows=st.lists(deals, max_size=5), amount=amounts, data=st.data())
def test_one_row_that_proves_it_is_enough(
    manner: Manner, rows: list[Deal], amount: Decimal, data: st.DataObject
) -> None:
    """Cents, and a day past the twelfth: then no file is refused, whatever the others leave open."""
    proof = Deal("won", Decimal("12.34"), date(2025, 7, 31), date(2025, 12, 13))
    every = data.draw(st.permutations([*rows, proof]))
    with TemporaryDirectory() as directory:
        found = judged(written(manner, every), Path(directory))
    assert [event.properties["amount"] for event in found.events] == [
        str(abs(d.amount) if not d.amount else d.amount) for d in every
    ]
    assert [event.properties["created_at"] for event in found.events] == [d.created.isoformat() for d in every]


@settings(max_examples=300)
@given(st.text(alphabet="0123456789.,' -+€$()kr\u00a0zł", max_size=14), st.sampled_from([",", ".", None]))
def test_an_amount_is_a_plain_decimal_or_none(text: str, decimal: str | None) -> None:
    try:
        found = numbers.amount_of(text, decimal)
    except numbers.NoNumber:
        return
    assert str(Decimal(found.text)).lstrip("-")[0].isdigit()
    digits = [letter for letter in text if letter.isdigit()]
    assert [letter for letter in found.text if letter.isdigit()] in (digits, ["0", *digits])


@settings(max_examples=300)
@given(
    st.text(alphabet="0123456789./-: TZaprJnuDc,+é", max_size=20), st.sampled_from(["day_first", "month_first", None])
)
def test_a_date_is_a_day_or_none(text: str, order: str | None) -> None:
    try:
        found = dates.day_of(text, order)
    except dates.NoDate:
        return
    assert 1900 <= found.day.year < 2200
    assert dates.stated(found, None)[:4] in {str(found.day.year), str(found.day.year - 1), str(found.day.year + 1)}
    assert isinstance(dates.instant(found, "Europe/Warsaw"), int)


@settings(max_examples=200)
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_whatever_stands_in_the_inbox_maps_or_fails(body: bytes) -> None:
    mapped = map_rows(Webhook("w", "spreadsheet", "import:x/line-1", 0, body), Context(bytes(32)))
    assert mapped.failures or mapped.events == ()
    with pytest.raises(Unmappable):
        read_delivery(body)


def test_headings_are_written_as_they_are_looked_up() -> None:
    """And mean one field, in whatever language: which one a file is in is not known before."""
    meanings: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for heading, (field, _) in HEADINGS[language].items():
            assert heading == plain(heading)
            meanings.setdefault(heading, set()).add(field)
    assert {heading: fields for heading, fields in meanings.items() if len(fields) > 1} == {}
    assert [word for word in [*STATUSES, *MONTHS] if word != plain(word)] == []
