"""Single values: what a CRM may write, and the one form in which it leaves."""

from __future__ import annotations

import pytest

from wanamaker_crm_bridge.json_body import Number
from wanamaker_crm_bridge.mapping import Unmappable
from wanamaker_crm_bridge.values import (
    amount,
    currency,
    domain,
    host,
    identifier,
    microseconds,
    number,
    text_of,
    time_or_date,
)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1000.00", "1000.00"),
        (Number("1000.00"), "1000.00"),
        (Number("0.1"), "0.1"),
        (Number("123456789012.12345678901234567890"), "123456789012.12345678901234567890"),
        (Number("1e3"), "1000"),
        (Number("1.5E-2"), "0.015"),
        (Number("-0"), "-0"),
        (" -100.00 ", "-100.00"),
        ("+7", "7"),
        ("007.10", "007.10"),
        ("99999999999999.99", "99999999999999.99"),
    ],
)
def test_amounts_keep_the_sent_decimal(sent: object, kept: str) -> None:
    assert amount(sent, "amount") == kept


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1000", "1000"),
        ("1000.0", "1000"),
        ("1000.00", "1000"),
        ("1000.50", "1000.5"),
        ("1e3", "1000"),
        ("0", "0"),
        ("-0.0", "0"),
        ("-7.10", "-7.1"),
        ("99999999999999.123456789012345678901234567890", "99999999999999.12345678901234567890123456789"),
    ],
)
def test_numbers_have_one_form(sent: str, kept: str) -> None:
    assert number(Number(sent), "value") == kept


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("example.com", "example.com"),
        ("https://www.Example.com/about?x=1#y", "example.com"),
        ("http://shop.example.co.uk:8080", "shop.example.co.uk"),
        ("www.example.com.", "example.com"),
        ("//example.com/", None),
        ("user:pw@example.com", "example.com"),
        ("example.com / example.org", "example.com"),
        ("none", None),
        ("", None),
        ("https://", None),
    ],
)
def test_a_website_names_a_host(written: str, named: str | None) -> None:
    assert host(written, "website") == named


@pytest.mark.parametrize(
    "sent", ["", ".5", "5.", "1,000.00", "1 000", "EUR 5", "0x10", "1_000", "100000000000000", "--1"]
)
def test_other_amounts_are_refused(sent: str) -> None:
    with pytest.raises(Unmappable, match="amount must be"):
        amount(sent, "amount")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-01-20", "2026-01-20"),
        ("2026-01-20T12:00:00Z", "2026-01-20T12:00:00Z"),
        ("2026-01-20t12:00:00z", "2026-01-20T12:00:00Z"),
        ("2026-01-20 12:00:00+00:00", "2026-01-20T12:00:00Z"),
        ("2026-01-20T12:00:00.123456789Z", "2026-01-20T12:00:00.123456Z"),
        ("2026-01-20T01:30:00+02:00", "2026-01-19T23:30:00Z"),
        ("2026-01-20T23:30:00-05:30", "2026-01-21T05:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_times_leave_in_utc_and_dates_as_they_are(sent: str, kept: str) -> None:
    assert time_or_date(sent, "at") == kept


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "2026",
        "2026-1-2",
        "20260102",
        "2026-W01-1",
        "2025-02-29",
        "2026-01-20T12:00:00",
        "2026-01-20T12:00Z",
        "2026-01-20T24:00:00Z",
        "2026-01-20T12:00:00+24:00",
        "1899-12-31",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-01-02",
        None,
    ],
)
def test_other_times_are_refused(sent: object) -> None:
    with pytest.raises(Unmappable, match=r"^at "):
        time_or_date(sent, "at")


def test_a_moment_is_whole_microseconds_and_back() -> None:
    assert microseconds("1970-01-01T00:00:00.000001Z", "t") == 1
    assert text_of(1_767_607_200_000_000) == "2026-01-05T10:00:00Z"
    with pytest.raises(Unmappable, match="RFC 3339 time"):
        microseconds("2026-01-05", "t")


def test_currencies_are_upper_case_iso_4217() -> None:
    assert currency(" eur", "c") == "EUR"
    assert currency("JPY", "c") == "JPY"
    for wrong in ("EU", "EURO", "XAU", "", None, Number("978")):
        with pytest.raises(Unmappable, match="ISO 4217"):
            currency(wrong, "c")


def test_ids_are_text_or_whole_numbers() -> None:
    assert identifier("D 1/ä", "id") == "D 1/ä"
    assert identifier(Number("12345678901234567890"), "id") == "12345678901234567890"
    wrong: object
    for wrong in ("", "  ", "a\nb", "x" * 257, Number("1.0"), Number("1e3"), True, None, []):
        with pytest.raises(Unmappable, match=r"^id must"):
            identifier(wrong, "id")


def test_domains_are_lower_case() -> None:
    assert domain(" Example.COM. ", "d") == "example.com"
