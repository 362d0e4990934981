"""Exports of each platform in four languages, written by hand from their documented columns, land on the right campaign, day and
currency. The files stand in golden_exports/ as readable UTF-8; the table says how the platform encodes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wanamaker_attribution.spend_exports import Asked, Cost, read_export

FILES = Path(__file__).parent / "golden_exports"
READ = tuple[int, str, str, str | None, str | None, str, str]
"""line, day, campaign, its id, account, amount, currency"""

# By file: platform, encoding, lines passed over, costs.
GOLDEN: dict[str, tuple[str, str, int, list[READ]]] = {
    "google-en": (
        "google_ads",
        "utf-16",
        2,
        [
            (4, "2026-09-01", "Brand | Search", "12345678901", None, "1234.56", "USD"),
            (5, "2026-09-01", "Total Recall", "12345678902", None, "0.00", "USD"),
            (6, "2026-09-02", "Brand | Search", "12345678901", None, "7.05", "USD"),
            (7, "2026-09-03", 'Shoes, "Summer"', "12345678903", None, "0", "USD"),
        ],
    ),
    "google-de": (
        "google_ads",
        "utf-8",
        2,
        [
            (4, "2026-09-01", "Dach Frühling", "111", None, "1234.56", "EUR"),
            (5, "2026-09-02", "Dach Frühling", "111", None, "99.90", "EUR"),
            (6, "2026-09-02", "Fenster & Türen", "112", None, "0.00", "EUR"),
        ],
    ),
    "google-fr": (
        "google_ads",
        "utf-8-sig",
        2,
        [
            (4, "2026-09-01", "Toitures printemps", None, None, "12.34", "CAD"),
            (5, "2026-09-02", "Toitures printemps", None, None, "1020.50", "CAD"),
        ],
    ),
    "google-pl": (
        "google_ads",
        "utf-16-le",
        2,
        [
            (4, "2026-09-01", "Marka – wyszukiwarka", "555", "123-456-7890", "1234.56", "PLN"),
            (5, "2026-09-02", "Marka – wyszukiwarka", "555", "123-456-7890", "0.99", "PLN"),
        ],
    ),
    "meta-en": (
        "meta_ads",
        "utf-8-sig",
        1,
        [
            (3, "2026-09-01", "Retargeting, 30 days", "120210000000000001", None, "1234.56", "USD"),
            (4, "2026-09-02", "Retargeting, 30 days", "120210000000000001", None, "25.33", "USD"),
            (5, "2026-09-02", "🔥 Prospecting", "120210000000000002", None, "0", "USD"),
            (6, "2026-09-03", "🔥 Prospecting", "120210000000000002", None, "0", "USD"),
        ],
    ),
    "meta-de": (
        "meta_ads",
        "utf-8",
        1,
        [
            (2, "2026-09-01", "Neukunden Österreich", None, None, "1234.5", "EUR"),
            (3, "2026-09-02", "Neukunden Österreich", None, None, "3.07", "EUR"),
        ],
    ),
    "meta-fr": (
        "meta_ads",
        "utf-8",
        0,
        [
            (2, "2026-09-01", "Été – acquisition", "4001", "998877", "10.2", "EUR"),
            (3, "2026-09-02", "Été – acquisition", "4001", "998877", "1020.55", "EUR"),
        ],
    ),
    "meta-pl": (
        "meta_ads",
        "utf-8-sig",
        0,
        [
            (2, "2026-09-01", "Konwersje | Zimny ruch", None, None, "1234.5", "PLN"),
            (3, "2026-09-01", "Konwersje | Zimny ruch", None, None, "99.5", "PLN"),
            (4, "2026-09-02", "Konwersje | Zimny ruch", None, None, "0", "PLN"),
        ],
    ),
    "linkedin-en": (
        "linkedin_ads",
        "utf-16",
        1,
        [
            (7, "2026-09-01", "B2B contractors", "312345678", "Acme Inc", "1033.33", "USD"),
            (8, "2026-09-13", "B2B contractors", "312345678", "Acme Inc", "33.34", "USD"),
            (9, "2026-09-13", "CFOs", "312345679", "Acme Inc", "0.00", "USD"),
        ],
    ),
    "linkedin-de": (
        "linkedin_ads",
        "utf-16",
        0,
        [
            (3, "2026-09-01", "Entscheider Süd", "42", "Acme GmbH", "1033.33", "EUR"),
            (4, "2026-09-02", "Entscheider Süd", "42", "Acme GmbH", "5.00", "EUR"),
        ],
    ),
    "linkedin-fr": (
        "linkedin_ads",
        "utf-8-sig",
        0,
        [
            (3, "2026-04-03", "Décideurs", None, "Acme SA", "1033.33", "EUR"),
            (4, "2026-04-04", "Décideurs", None, "Acme SA", "5.00", "EUR"),
        ],
    ),
    "linkedin-pl": (
        "linkedin_ads",
        "utf-16-be",
        0,
        [
            (3, "2026-09-01", "Decydenci", "77", "Acme sp. z o.o.", "33.33", "PLN"),
            (4, "2026-09-02", "Decydenci", "77", "Acme sp. z o.o.", "1200.10", "PLN"),
        ],
    ),
    "microsoft-en": (
        "microsoft_ads",
        "utf-8-sig",
        2,
        [
            (12, "2026-09-01", "Brand", "501", "X0001", "1234.56", "USD"),
            (13, "2026-09-02", "Brand", "501", "X0001", "7.1", "USD"),
            (14, "2026-09-02", "Shoes", "502", "X0001", "0.00", "USD"),
        ],
    ),
    "microsoft-api": (
        "microsoft_ads",
        "utf-8-sig",
        0,
        [(2, "2026-09-01", "Brand", "501", "9001", "12.5", "GBP")],
    ),
    "microsoft-de": (
        "microsoft_ads",
        "utf-8-sig",
        1,
        [
            (5, "2026-09-01", "Marke", "501", "Contoso", "1234.56", "EUR"),
            (6, "2026-09-02", "Marke", "501", "Contoso", "7.10", "EUR"),
        ],
    ),
    "microsoft-fr": (
        "microsoft_ads",
        "utf-16",
        1,
        [
            (5, "2026-09-01", "Marque", None, "Contoso", "1234.56", "EUR"),
            (6, "2026-09-02", "Marque", None, "Contoso", "7.10", "EUR"),
        ],
    ),
    "microsoft-pl": (
        "microsoft_ads",
        "utf-8",
        1,
        [
            (4, "2026-09-01", "Marka", None, "Contoso", "1234.56", "PLN"),
            (5, "2026-09-02", "Marka", None, "Contoso", "7.10", "PLN"),
        ],
    ),
}


def read(cost: Cost) -> READ:
    return (cost.line, cost.day, cost.campaign or "", cost.campaign_id, cost.account, cost.amount, cost.currency)


@pytest.mark.parametrize("name", GOLDEN)
def test_an_export_lands_on_the_right_campaign_day_and_currency(name: str) -> None:
    platform, encoding, skipped, costs = GOLDEN[name]
    content = (FILES / f"{name}.csv").read_bytes().decode().encode(encoding)
    export = read_export(content, Asked())
    assert (export.platform.name, export.refused, export.skipped) == (platform, (), skipped)
    assert [read(cost) for cost in export.costs] == costs


def test_every_file_is_in_the_table() -> None:
    assert {path.stem for path in FILES.glob("*.csv")} == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("newline", ["\r\n", "\r\n\r\n"])
def test_line_ends_and_blank_lines_change_nothing_but_the_numbers_of_lines(name: str, newline: str) -> None:
    text = (FILES / f"{name}.csv").read_bytes().decode()
    export = read_export(text.replace("\n", newline).encode("utf-16"), Asked())
    assert [read(cost)[1:] for cost in export.costs] == [cost[1:] for cost in GOLDEN[name][3]]
