"""Reports by account, and the accounts' own pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.oracle.story import Story

from .serving import Api, lay_out, opened


def story() -> Story:
    """Example Ltd (A1): Ann, whom the CRM knows, and her colleague Bob, whom it does not. Cid is of a company without a CRM
    entry, Dan of none. Eve never said who she is."""
    told = Story()
    told.page("c1", "2026-01-01 10:00", "google/cpc/brand")
    told.form("c1", "2026-01-01 10:05", email="ann@example.com")
    told.page("c2", "2026-01-02 10:00", "newsletter/email")
    told.form("c2", "2026-01-02 10:05", email="bob@mail.example.com")
    told.page("c3", "2026-01-03 10:00", "google/cpc/brand")
    told.form("c3", "2026-01-03 10:05", email="cid@other.test")
    told.page("c4", "2026-01-04 10:00", "google/cpc/brand")
    told.form("c4", "2026-01-04 10:05", email="dan@gmail.com")
    told.page("c5", "2026-01-05 10:00", "google/cpc/brand")
    told.company("A1", "2026-01-05 12:00", name="Example Ltd", domain="example.com")
    told.contact("C1", "2026-01-06 10:00", emails=["ann@example.com"], company_id="A1")
    told.deal("D1", "2026-01-07 10:00", ["C1"], status="won", amount="100.00", company_id="A1")
    told.spend("2026-01-01", "google/cpc/brand", "10.00")
    return told


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    await lay_out(tmp_path, story().entries)
    async with opened(tmp_path) as client:
        yield client


async def test_the_roi_table_by_account(api: Api) -> None:
    found = await api.get("/v1/roi", group_by="account")
    rows = {row["account"]: row for row in found["rows"]}
    shown = {
        name: (row["account_name"], row["sessions"], row["leads"], row["revenue_minor"]) for name, row in rows.items()
    }
    assert shown == {
        "company:generic/A1": ("Example Ltd", 2, 2, 10000),
        "domain:other.test": (None, 1, 1, 0),
        "(not set)": (None, 2, 1, 0),
    }
    assert rows["(not set)"]["spend_minor"] == 1000
