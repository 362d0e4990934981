"""News about accounts that comes when all before it has settled: each changes what it must, as the oracle says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle import tables
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS, Story

from .product import tables_of
from .world import World

Tell = Callable[[Story], object]
DAY5, DAY9 = "2026-03-05 10:00", "2026-03-09 10:00"


def ann(told: Story) -> None:
    """A contact of two e-mails, known before either was named; the form of a colleague; a deal of hers."""
    told.contact("C1", "2026-03-01 10:00")
    told.contact("C1", DAY5, emails=["ann@example.com", "ann@other.test"])
    told.form("c9", DAY5, email="bob@example.com")
    told.deal("D1", DAY5, ["C1"], status="won", amount="10.00")


def companies(told: Story) -> None:
    ann(told)
    told.contact("C2", DAY5, company_id="A2")
    told.deal("D2", DAY5, ["C2"])
    told.deal("D3", DAY5, company_id="A2")
    told.company("A1", DAY5, domain="example.com", name="Example Ltd")


def merged(told: Story, from_id: str = "A3", into_id: str = "A2") -> None:
    companies(told)
    told.deal("D4", DAY5, company_id="A3")
    told.company_merged(from_id, into_id, DAY5)


def _hashed(told: Story, email: str) -> None:
    told.form("c1", "2026-03-02 10:00", email=email, email_domain=None)


NEWS: dict[str, tuple[Tell, Tell]] = {
    # hashed in the browser: only the time changes at which an address was first named
    "one e-mail was named before": (ann, lambda told: _hashed(told, "ann@example.com")),
    "the other was": (ann, lambda told: _hashed(told, "ann@other.test")),
    "a contact has a company": (ann, lambda told: told.contact("C1", DAY9, company_id="A1")),
    "it has none any more": (companies, lambda told: told.contact("C2", DAY9, company_id=None)),
    "a company has the domain": (ann, lambda told: told.company("A1", DAY9, domain="example.com")),
    "a deal says so": (ann, lambda told: told.deal("D9", DAY9, company_id="A1", company_domain="example.com")),
    "it has another domain": (companies, lambda told: told.company("A1", DAY9, domain="third.test")),
    "a smaller company has it too": (companies, lambda told: told.company("A0", DAY9, domain="example.com")),
    "a company is merged": (companies, lambda told: told.company_merged("A2", "A1", DAY9)),
    "the domain's is merged": (companies, lambda told: told.company_merged("A1", "A2", DAY9)),
    "what it became is merged": (merged, lambda told: told.company_merged("A2", "A1", DAY9)),
    "it becomes one that was merged": (
        lambda told: merged(told, "A2", "A1"),
        lambda told: told.company_merged("A3", "A2", DAY9),
    ),
    "it becomes another": (merged, lambda told: told.company_merged("A3", "A1", DAY9)),
    "a company is renamed": (companies, lambda told: told.company("A2", DAY9, name="Example Group")),
    "a domain is free mail": (ann, lambda told: told.settings(DAY9, free_mail_domains=["example.com"])),
    "a deal has another company": (companies, lambda told: told.deal("D3", DAY9, company_id="A1")),
    "a deal has another first contact": (companies, lambda told: told.deal("D2", DAY9, added=["C1"])),
    "two people are one": (companies, lambda told: told.contact_merged("C2", "C1", DAY9)),
    "an e-mail is taken away": (ann, lambda told: told.contact("C1", DAY9, emails=["ann@gmail.com"])),
    "it is revoked": (
        ann,
        lambda told: told.revoke("contact:generic/C1", told.email("ann@example.com"), DAY9),
    ),
}


SAME = ("one e-mail was named before", "the other was")
"""One of the two was the first already, by the order of their keys."""


@pytest.mark.parametrize("news", NEWS)
def test_late_news(news: str) -> None:
    before, late = NEWS[news]
    told = Story()
    before(told)
    known = len(told.entries)
    earlier = tables(told.entries, KEYS)
    late(told)
    world = World()
    try:
        for record in logged(told.entries):
            world.log.append([record])
            world.settle()
        found, expected = tables_of(world), tables(told.entries, KEYS)
        for name in expected:
            assert found[name] == expected[name], name
        assert len(told.entries) == known + 1
        changed = [name for name in ("accounts", "account_list", "companies") if earlier[name] != expected[name]]
        assert changed or news in SAME, "the example shows nothing"
    finally:
        world.close()
