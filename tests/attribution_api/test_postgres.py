"""The reports over PostgreSQL: every answer the same bytes as over SQLite."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.oracle.story import Story
from wanamaker_attribution.app import create_app
from wanamaker_attribution.tables import metadata
from wanamaker_shared.service.opening import open_database

from .company import story, two_companies
from .serving import NOW, Api, bearer, records_of, settings_in, take_in

STORY = story()
ANN = STORY.profile(STORY.email("ann@example.com"))
QUESTIONS = (
    "/v1/roi?group_by=model,week,channel&model=linear,time_decay",
    "/v1/roi?group_by=&basis=touch&from=2026-01-02&to=2026-02-09",
    "/v1/roi?group_by=month,landing_page,term,campaign",
    "/v1/roi?group_by=original_source,week&basis=touch",
    "/v1/explain?original_source=Offline%20sources",
    "/v1/roi?group_by=content&from=2026-02-10&to=2026-02-10",
    "/v1/explain?limit=5",
    "/v1/explain?channel=Paid%20Search&from=2026-02-05&basis=conversion",
    "/v1/conversions?limit=4&from=2026-01-09&to=2026-02-03",
    f"/v1/journeys/{ANN}?limit=2",
    f"/v1/journeys/{Story().profile('contact:generic/C1')}",
    f"/v1/journeys/{Story().profile('cookie:c2')}",
    "/v1/journeys/nobody",
    "/v1/deals/D2",
    "/v1/deals/generic/D3",
    "/v1/deals/D9",
    "/v1/restatements?from=2026-01-01&limit=3",
    "/v1/bots?limit=3",
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
