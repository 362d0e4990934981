"""What every answer says about itself: which log positions it reflects, and the settings of its workspace.

Read in the same snapshot as the rows of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from wanamaker_shared.contracts import ad_spend, crm_events, identity_updates, rates, settings, web_events
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.eventlog.positions import position_table, read_progress

from ..reports.times import rfc3339
from ..steps.workspaces import settings_of
from ..tables import metadata, workspace_settings

CONSUMED = (
    web_events.TOPIC,
    identity_updates.TOPIC,
    crm_events.TOPIC,
    ad_spend.TOPIC,
    settings.TOPIC,
    rates.TOPIC,
)
position = position_table(metadata)


@dataclass(frozen=True, slots=True)
class AsOf:
    """`positions`: per topic the next record of each partition; `fresh_to`: receipt of the newest record taken in."""

    positions: Mapping[str, list[int]]
    fresh_to: int | None

    def document(self) -> dict[str, Any]:
        return {"as_of": self.positions, "fresh_to": rfc3339(self.fresh_to)}


def read_as_of(connection: Connection, partitions: Mapping[str, int]) -> AsOf:
    """`partitions` is how many partitions each consumed topic has: those never read stand at 0."""
    positions = {topic: [0] * partitions[topic] for topic in CONSUMED}
    newest = 0
    for (topic, partition), progress in read_progress(connection, position).items():
        if topic in positions:
            its = positions[topic]
            its.extend([0] * (partition + 1 - len(its)))
            its[partition] = progress.position
            newest = max(newest, progress.fresh_to)
    return AsOf(positions, newest or None)


def read_stated(connection: Connection, workspace: str) -> dict[str, Any]:
    """The settings that the workspace stated itself."""
    table = workspace_settings.c
    stated = connection.scalar(select(table.settings).where(table.workspace == workspace))
    return orjson.loads(stated) if stated else {}


def read_settings(connection: Connection, workspace: str) -> WorkspaceSettings:
    """The settings in force: what was stated, and the defaults."""
    return settings_of(connection, {workspace})[workspace]
