"""The reports over PostgreSQL: every answer the same bytes as over SQLite."""

from __future__ import annotations

import json
import random
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, select

from tests.attribution.product_tables import product_tables
from tests.oracle import tables
from tests.oracle.story import KEYS, Story
from wanamaker_attribution.app import create_app
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_attribution.repository.rate_table import read_first_days, read_known
from wanamaker_attribution.tables import metadata, spend
from wanamaker_shared.contracts import failed_events
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.runner import run_until_caught_up
from wanamaker_shared.service.live import open_database

from .company import story, two_companies
from .serving import KEYRING, NOW, PARTITIONS, Api, bearer, opened, records_of, settings_in, take_in

STORY = story()
ANN = STORY.profile(STORY.email("ann@example.com"))
QUESTIONS = (
    "/v1/roi?group_by=model,week,channel&model=linear,time_decay",
    "/v1/roi?group_by=&basis=touch&from=2026-01-02&to=2026-02-09",
    "/v1/roi?group_by=month,landing_page,term,campaign",
    "/v1/roi?group_by=original_source,week&basis=touch",
    "/v1/roi?group_by=account,channel&basis=touch",
    "/v1/roi?group_by=account,month",
    "/v1/explain?account=domain%3Aexample.com&limit=3",
    "/v1/accounts?limit=1",
    "/v1/accounts?from=2026-01-09&to=2026-02-03&q=EXAMPLE",
    "/v1/accounts/domain:example.com?limit=2",
    "/v1/accounts/domain:nobody.test",
    "/v1/explain?original_source=Offline%20sources",
    "/v1/roi?group_by=content&from=2026-02-10&to=2026-02-10",
    "/v1/explain?limit=5",
    "/v1/explain?channel=Paid%20Search&from=2026-02-05&basis=conversion",
    "/v1/conversions?limit=4&from=2026-01-09&to=2026-02-03",
    f"/v1/journeys/{ANN}?limit=2",
    f"/v1/journeys/{Story().profile('contact:generic/C1')}",
    f"/v1/journeys/{Story().profile('cookie:c2')}",
    "/v1/journeys/nobody",
    "/v1/journeys/nobody%00",
    "/v1/deals/D9%00",
    "/v1/deals/generic/D9%00",
    "/v1/deals/generic/D9%00/history",
    "/v1/accounts/nobody%00",
    "/v1/deals/D2",
    "/v1/deals/generic/D3",
    "/v1/deals/generic/D1/history?limit=1",
    "/v1/deals/D9",
    "/v1/restatements?from=2026-01-01&limit=3",
    "/v1/bots?limit=3",
    "/v1/spend/unmatched?limit=1",
    "/v1/spend/unmatched?from=2026-01-01&to=2026-01-31&limit=2",
    "/v1/spend/unmatched?of=sessions&limit=1",
    "/v1/settings",
    "/v1/status",
)


@pytest.mark.postgres
async def test_both_databases_answer_alike(postgres_url: str, tmp_path: Path, api: Api) -> None:
    settings = settings_in(tmp_path / "postgres").model_copy(update={"database": postgres_url})
    database = open_database(settings, "attribution", metadata)
    await take_in(database, records_of(two_companies()))
    app = create_app(settings, database=database, clock=lambda: NOW)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://attribution.test") as client,
    ):
        for question in QUESTIONS:
            path: str | None = question
            while path is not None:
                theirs = await client.get(path, headers=bearer("r-w1"))
                ours = await api.client.get(path, headers=bearer("r-w1"))
                if "/restatements" not in question:  # history tells in which order batches came
                    assert theirs.content == ours.content, path
                assert theirs.status_code == (404 if "nobody" in path or "D9" in path else 200)
                document = theirs.json()
                following = document.get("next")
                if isinstance(following, dict):
                    touchpoints = following["touchpoints"]
                    path = f"{question}&touchpoints_after={touchpoints}" if touchpoints else None
                else:
                    path = f"{question}&cursor={following}" if following else None
        wanted = {"url": "https://shop.test/", "source": "GOO-gle", "medium": "cpc", "campaign": "x"}
        refusals = [await each.post("/v1/links", json=wanted, headers=bearer("r-w1")) for each in (client, api.client)]
        told = " ".join(error["reason"] for error in refusals[0].json()["errors"])
        assert 'source reads like "google", in reports since 2026-01-01' in told
        assert refusals[0].content == refusals[1].content
    await database.close()


@pytest.mark.postgres
async def test_maps_and_the_looks_for_rates_are_the_same_there(postgres_url: str, tmp_path: Path) -> None:
    """A map stated after the contacts and deals were taken in; money in two currencies on several days."""
    told = Story()
    told.contact("C1", "2026-01-01 10:00", emails=["ann@example.com"], lifecycle_stage="Hot")
    told.contact("Ä1", "2026-01-01 10:00", lifecycle_stage="hot")
    for deal, day, currency in (("D1", "2026-02-03", "PLN"), ("D2", "2026-01-30", "PLN"), ("D3", "2026-02-05", "JPY")):
        told.deal(deal, f"{day} 12:00", ["C1"], stage="Paid", amount="1000", currency=currency)
    told.deal("D4", "2026-01-02 12:00", ["C2"], stage="Demo")
    maps = {"stage_maps": {"*": {"*": {"paid": "won", "demo": "sql"}}}, "lifecycle_maps": {"generic": {"HOT": "mql"}}}
    told.settings("2026-03-01 12:00", **maps)
    database = open_database(
        settings_in(tmp_path).model_copy(update={"database": postgres_url}), "attribution", metadata
    )
    await take_in(database, sorted(records_of(told.entries), key=lambda record: record[0] == "settings"))
    expected = tables(told.entries, KEYS)

    def read(connection: Connection) -> None:
        found = product_tables(connection)
        for name in ("deals", "conversions", "unconverted"):
            assert found[name] == expected[name], name
        assert read_first_days(connection, "w1") == {"JPY": "2026-02-05", "PLN": "2026-01-30"}
        assert read_first_days(connection, "w2") == {}
        assert read_known(connection, "w1") == set()

    await database.read(read)
    await database.close()


@pytest.mark.postgres
async def test_the_longest_names_that_are_accepted_fit_its_keys(postgres_url: str, tmp_path: Path) -> None:
    """An index entry has at most 2,704 bytes there: what is answered 200 must not be set aside later."""
    letters = random.Random(1)

    def longest() -> str:
        return "".join(letters.choice('"\\') if n % 2 else chr(letters.randrange(0x4E00, 0x9000)) for n in range(126))

    async with opened(tmp_path) as api:
        rule = {"channel": longest(), "source": "google"}
        sent = {name: longest() for name in ("source", "medium", "campaign", "provider")}
        cost = {"date": "2026-01-02", "amount": "1", "currency": "EUR"}
        period = {"from": "2026-01-02", "to": "2026-01-03", "amount": "1", "currency": "PLN"}
        rows = [
            period | sent,
            cost | sent,
            cost | sent | {"id": longest(), "channel": longest()},
            cost | sent | {"source": "google"},
        ]
        for method, path, body in (("PUT", "/v1/settings", {"channel_rules": [rule]}), ("POST", "/v1/spend", rows)):
            answer = await api.send(method, path, json.dumps(body))
            assert answer.status_code == 200, answer.text
    log = EmbeddedLog(tmp_path / "log", process="attribution-consume", partitions=PARTITIONS)
    settings = settings_in(tmp_path).model_copy(update={"database": postgres_url})
    database = open_database(settings, "attribution", metadata)
    await run_until_caught_up(AttributionProjection(KEYRING, now=lambda: NOW), log, database, "attribution")
    assert sum((await log.end_positions([failed_events.TOPIC])).values()) == 0
    kept = await database.read(lambda connection: set(connection.execute(select(spend.c.channel)).scalars()))
    assert kept == {"Unassigned", rows[2]["channel"], rule["channel"]}
    await database.close()
    await log.close()
