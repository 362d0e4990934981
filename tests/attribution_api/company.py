"""A small company's first weeks: the worked example, and beside it what makes reports hard.

Ann    google/cpc/brand on 1 January (/offer), newsletter/email on the 5th, directly on the 8th, then a form; mql on the 12th;
       D1 opened on the 10th, won on the 20th with 100.01 EUR.
Bob    bing/cpc/brand with term crm and content ad1 on 25 January (/pricing) and a form; D2 opened on the 26th, won on
       2 February with 500 USD = 400.00 EUR (1.25); 100 USD given back on the 10th = 80.00 EUR (1.25 on the 8th).
D3     no contact, won on 3 February with 9000 JPY, for which there is no rate.
D4     no contact, won on 4 February with 10 EUR; the CRM says PAID_SEARCH.
Spend  google/cpc/brand 60 + 30 + 10 EUR in the three posts, adnet/display/launch 50 EUR for nothing, 5000 JPY without a rate.
"""

from __future__ import annotations

from tests.oracle.dedup import Entry
from tests.oracle.histories.test_worked_example import told
from tests.oracle.story import Story


def story() -> Story:
    company = told()
    company.contact("C1", "2026-01-12 09:00", lifecycle="mql")
    company.page("c2", "2026-01-25 10:00", "bing/cpc/brand/crm/ad1", url="shop.test/pricing")
    company.form("c2", "2026-01-25 10:10", email="bob@example.com")
    company.contact("C2", "2026-01-26 09:00", emails=["bob@example.com"])
    company.deal(
        "D2",
        "2026-02-02 12:00",
        ["C2"],
        status="won",
        created_at="2026-01-26T09:00:00Z",
        closed_at="2026-02-02T12:00:00Z",
        amount="500.00",
        currency="USD",
    )
    company.rate("2026-02-01", "EUR", "USD", "1.25")
    company.rate("2026-02-08", "EUR", "USD", "1.25")
    company.adjustment("R1", "D2", "-100.00", "2026-02-10", "2026-02-10 12:00", currency="USD")
    _won_alone(company, "D3", "2026-02-03", amount="9000", currency="JPY")
    _won_alone(company, "D4", "2026-02-04", amount="10.00", currency="EUR", original_source="PAID_SEARCH")
    company.spend("2026-01-02", "google/cpc/brand", "60.00")
    company.spend("2026-01-03", "google/cpc/brand", "30.00", post="convert")
    company.spend("2026-01-20", "google/cpc/brand", "10.00", post="close")
    company.spend("2026-01-03", "adnet/display/launch", "50.00")
    company.spend("2026-01-04", "adnet/display/launch", "5000", currency="JPY")
    return company


def two_companies() -> list[Entry]:
    """w1 is the company; w2 has the same cookies, addresses and deal ids with other amounts."""
    other = Story("w2")
    other.page("c1", "2026-01-03 10:00", "partner/affiliate/spring")
    other.form("c1", "2026-01-03 10:05", email="ann@example.com")
    other.contact("C1", "2026-01-03 11:00", emails=["ann@example.com"])
    won_at = "2026-01-09T12:00:00Z"
    other.deal("D1", "2026-01-09 12:00", ["C1"], status="won", closed_at=won_at, amount="7.77", currency="EUR")
    other.spend("2026-01-03", "partner/affiliate/spring", "1.11")
    return [*story().entries, *other.entries]


def _won_alone(company: Story, deal: str, day: str, **stated: str) -> None:
    moment = f"{day}T12:00:00Z"
    company.deal(deal, f"{day} 12:00", [], status="won", created_at=moment, closed_at=moment, **stated)
