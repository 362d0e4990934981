"""Accounts: the pure rules by examples, free mail, what an event costs, and both databases alike."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from tests.attribution.identity_by_oracle import identity_updates
from tests.attribution.product_tables import COMPARED, product_tables
from tests.attribution.test_against_oracle import KEYRING, batches
from tests.oracle import tables
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS, Story
from wanamaker_attribution.accounts import Place, Stated, final_companies
from wanamaker_attribution.hosts.free_mail import is_free_mail
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_shared.contracts.domains import company_domain, email_domain
from wanamaker_shared.eventlog.compare import lines
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import Database, SqliteDatabase
from wanamaker_shared.service.postgres import PostgresDatabase


@pytest.mark.parametrize(
    ("domain", "free"),
    [
        *((each, True) for each in "gmail.com googlemail.com outlook.com outlook.fr hotmail.co.uk live.com".split()),
        *(
            (each, True)
            for each in "yahoo.com yahoo.co.uk yahoo.com.br yahoo.fr icloud.com gmx.de gmx.net gmx.at".split()
        ),
        *(
            (each, True)
            for each in "web.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr wp.pl onet.pl o2.pl".split()
        ),
        *((each, True) for each in "interia.pl proton.me protonmail.ch t-online.de libero.it yandex.ru qq.com".split()),
        *((each, False) for each in "example.com google.com microsoft.com gmx.example yahoo.example.com".split()),
        *((each, False) for each in "gmail.example.de outlook.solutions mail gmail".split()),
    ],
)
def test_free_mail(domain: str, free: bool) -> None:
    assert is_free_mail(domain) == free


@pytest.mark.parametrize(
    ("stated", "domain"),
    [
        ("example.com", "example.com"),
        (" WWW.Example.COM. ", "example.com"),
        ("https://www.example.co.uk:8080/about?x=1#y", "example.co.uk"),
        ("//example.com/x", "example.com"),
        ("http://user:word@shop.example.com/", "example.com"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("shop.test", "shop.test"),
        ("", None),
        ("none", None),
        ("example .com", None),
        ("example..com", None),
        ("http://", None),
        ("a" * 5000, None),
        ("\x00.com", None),
    ],
)
def test_a_company_s_domain(stated: str, domain: str | None) -> None:
    assert company_domain(stated) == domain


@pytest.mark.parametrize(
    ("address", "domain"),
    [("Ann@Mail.Example.co.uk", "example.co.uk"), ("a" * 64, None), ("ann", None), ("ann@localhost", None)],
)
def test_an_e_mail_s_domain(address: str, domain: str | None) -> None:
    assert email_domain(address) == domain


def test_a_long_chain_of_companies_ends() -> None:
    def merge(at: int, into: int) -> Stated:
        return Stated(Place(at, "crm", "", str(at)), f"company:crm/{into}")

    chain = {f"company:crm/{n}": merge(n, n + 1) for n in range(3000)}
    assert set(final_companies(chain).values()) == {"company:crm/3000"}
    circle = chain | {"company:crm/3000": merge(9999, 0)}
    assert final_companies(circle) == final_companies(chain)


def busy() -> Story:
    """All that the steps of accounts do, with names that compare otherwise than bytes do."""
    told = Story()
    for who, company in (("Zoe", "É1"), ("ann", "a1"), ("Ann", "A1")):
        told.form(f"c-{who}", "2026-01-01 10:00", email=f"{who}@Example.com")
        told.page(f"c-{who}", "2026-01-01 09:59", "google/cpc")
        told.contact(company, "2026-01-02 10:00", emails=[f"{who}@example.com", f"{who}@gmail.com"], company_id=company)
        told.deal(f"D{company}", "2026-01-03 10:00", [company], status="won", amount="5.00", company_domain="x.test")
    told.form("c9", "2026-01-01 10:00", email="eve@example.com")
    for company in ("a1", "A1", "É1", "z9"):
        told.company(company, "2026-01-04 10:00", name=f"Firma {company}", domain="www.example.com")
    told.company_merged("A1", "É1", "2026-01-05 10:00")
    told.company_merged("É1", "a1", "2026-01-06 10:00")
    told.company_merged("a1", "A1", "2026-01-07 10:00")
    told.contact("a1", "2026-01-08 10:00", company_id=None)
    told.settings("2026-01-09 10:00", free_mail_domains=["x.test"])
    return told


async def filled(database: Database, seed: int) -> list[Any]:
    entries = busy().entries
    expected = tables(entries, KEYS)
    projection = AttributionProjection(KEYRING)
    await prepare_tables(projection, database)
    for batch in batches(logged(entries) + identity_updates(expected), random.Random(seed)):
        await database.write(partial(projection.apply, batch=batch))

    def read(connection: Connection) -> tuple[list[Any], Any]:
        return list(lines(connection, projection.metadata)), product_tables(connection)

    rows, found = await database.read(read)
    for name in COMPARED:
        assert found[name] == expected[name], name
    return rows


@pytest.mark.postgres
async def test_both_databases_hold_the_same_accounts(postgres_url: str, tmp_path: Path) -> None:
    ours, theirs = SqliteDatabase(tmp_path / "attribution.db"), PostgresDatabase(postgres_url, "attribution")
    try:
        assert await filled(ours, 1) == await filled(theirs, 2)
    finally:
        await ours.close()
        await theirs.close()


OURS = ("account_statement", "person_account", "deal_account", '"account"', " account ", "company")


def test_no_look_up_walks_through_a_workspace() -> None:
    """What an event costs does not grow with the accounts, their people or what was said of them."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    statements: dict[str, Any] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT") and "json_each" in statement and any(name in statement for name in OURS):
            statements.setdefault(statement, parameters)

    entries = busy().entries
    projection = AttributionProjection(KEYRING)
    with engine.begin() as connection:
        projection.metadata.create_all(connection)
        for batch in batches(logged(entries) + identity_updates(tables(entries, KEYS)), random.Random(3)):
            projection.apply(connection, batch)
    assert len(statements) >= 10
    walks = []
    with engine.connect() as connection:
        for statement, parameters in statements.items():
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            walks += [
                (step, statement)
                for step in plan
                if step.startswith(("SCAN", "SEARCH"))
                and not step.endswith("VIRTUAL TABLE INDEX 1:")
                and (step.startswith("SCAN") or step.endswith("(workspace=?)"))
            ]
    assert walks == []
    engine.dispose()
