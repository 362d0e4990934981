"""A release with other channel rules: the old tables are not gone on in, and a rebuild classifies every visit anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from wanamaker_attribution import channels, touchpoints
from wanamaker_attribution.projection import AttributionProjection
from wanamaker_attribution.tables import roi_traffic, touchpoint
from wanamaker_shared.contracts import web_events
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.eventlog.embedded import EmbeddedLog
from wanamaker_shared.eventlog.made_by import MadeByAnotherVersion
from wanamaker_shared.eventlog.port import NewRecord
from wanamaker_shared.eventlog.runner import prepare_tables, run_until_caught_up
from wanamaker_shared.service.generations import open_generations
from wanamaker_shared.service.settings import ServiceSettings
from wanamaker_standalone.first_start import keyring
from wanamaker_standalone.proof import rebuilding
from wanamaker_standalone.proof.rebuilding import rebuild
from wanamaker_standalone.proof.services import REBUILT

OLD = channels.RULES_VERSION - 1


def the_rules_of_before(patch: pytest.MonkeyPatch) -> None:
    """Without AI Assistant."""
    patch.setattr(channels, "_GA4", tuple(rule for rule in channels._GA4 if rule[0] != "AI Assistant"))
    patch.setattr(touchpoints, "RULES_VERSION", OLD)
    patch.setattr(AttributionProjection, "rules_version", OLD)
    channels.classify_channel.cache_clear()


async def test_a_rebuild_classifies_by_the_new_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "LETTING_GO_SECONDS", 0)
    settings = ServiceSettings(data=tmp_path, partitions=2)
    keyring(tmp_path / "keys.json")
    await _visit(settings, "chatgpt.com")
    with pytest.MonkeyPatch.context() as patch:
        the_rules_of_before(patch)
        await _consume(settings)
        assert await _touchpoints(settings) == [("Unassigned", OLD)]
    channels.classify_channel.cache_clear()

    with pytest.raises(MadeByAnotherVersion, match="wanamaker rebuild"):
        await _consume(settings)
    assert await _touchpoints(settings) == [("Unassigned", OLD)], "reports go on with the old tables until then"

    await rebuild(settings, "attribution", REBUILT["attribution"], lambda _: None)
    await _visit(settings, "perplexity.ai")
    await _consume(settings)
    assert await _touchpoints(settings) == [("AI Assistant", channels.RULES_VERSION)] * 2
    assert await _read(settings, select(roi_traffic.c.channel, roi_traffic.c.sessions)) == [("AI Assistant", 1)] * 2


async def _visit(settings: ServiceSettings, referrer: str) -> None:
    page = web_events.PageViewed(
        workspace="default",
        source="web",
        sender=referrer,
        event_id="e1",
        occurred_at=1,
        received_at=1,
        page=web_events.Page(host="shop.test", referrer_host=referrer),
    )
    log = EmbeddedLog(settings.data / "log", "collector", partitions=settings.partitions)
    try:
        await log.append([NewRecord(web_events.TOPIC, web_events.key("default", referrer), encode(page))])
    finally:
        await log.close()


async def _consume(settings: ServiceSettings) -> None:
    """What attribution's `consume` does at its start, once."""
    generations = open_generations(settings, "attribution")
    database = generations.open(await generations.live_generation())
    log = EmbeddedLog(settings.data / "log", "attribution-consume", partitions=settings.partitions)
    projection = AttributionProjection(settings.keyring)
    try:
        await prepare_tables(projection, database)
        await run_until_caught_up(projection, log, database, "attribution")
    finally:
        await log.close()
        await database.close()


async def _touchpoints(settings: ServiceSettings) -> Any:
    return await _read(settings, select(touchpoint.c.channel, touchpoint.c.rules))


async def _read(settings: ServiceSettings, statement: Any) -> Any:
    generations = open_generations(settings, "attribution")
    database = generations.open(await generations.live_generation())
    try:
        return await database.read(lambda connection: [tuple(row) for row in connection.execute(statement)])
    finally:
        await database.close()
