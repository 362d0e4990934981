"""What the words of a CRM mean: the stages of its pipelines and its lifecycle words, as the workspace maps them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from wanamaker_shared.contracts.crm_events import LIFECYCLE, ContactRevised
from wanamaker_shared.contracts.settings import WorkspaceSettings

# Those well-known words of docs/meanings.md that histories use, as `letters` gives them.
WON = ("won", "gagne", "wygrana", "kazanildi")
LOST = ("lost", "perdu", "przegrana")
LIFECYCLE_WORDS = {"marketingqualifiedlead": "mql", "salesqualifiedlead": "sql", "evangelist": "customer"}


def letters(name: str) -> str:
    """A name without case, marks, spaces and punctuation; Turkish has an i without its dot."""
    lower = unicodedata.normalize("NFKD", name).casefold().replace("ı", "i")
    return "".join(c for c in unicodedata.normalize("NFKD", lower) if unicodedata.category(c)[0] in "LN")


def named(entries: Mapping[str, Any], name: str | None) -> list[Any]:
    """The entry of that name, as it is written or else by its letters; a list of one or none."""
    if name is None:
        return []
    alike = [each for each in sorted(entries) if letters(name) and letters(each) == letters(name)]
    return [entries[each] for each in ([name] if name in entries else alike)[:1]]


def stage_meaning(
    connection: str, pipeline: str | None, stage: str | None, said: Mapping[str, str], settings: WorkspaceSettings
) -> str:
    """mql, sql, open, opportunity, won or lost. `said` is what the CRM itself says of its stages."""
    if stage is None:
        return "open"
    for pipelines in _of_connection(settings.stage_maps, connection):
        for stages in [*named(pipelines, pipeline), *([pipelines["*"]] if "*" in pipelines else [])]:
            for meaning in named(stages, stage):
                return str(meaning)
    if stage in said:
        return said[stage]
    name = letters(stage)
    if name in WON or name.startswith("closedwon"):
        return "won"
    return "lost" if name in LOST or name.startswith("closedlost") else "open"


def status(connection: str, stated: Mapping[str, Any], said: Mapping[str, str], settings: WorkspaceSettings) -> str:
    """What a deal of which this was stated is: open, won or lost."""
    if stated.get("status") is not None:
        return str(stated["status"])
    meaning = stage_meaning(connection, stated.get("pipeline"), stated.get("stage"), said, settings)
    return meaning if meaning in ("won", "lost") else "open"


def lifecycle(record: ContactRevised, settings: WorkspaceSettings) -> str | None:
    """What a record says of its contact's lifecycle, in our words."""
    stated, word = record.properties.get("lifecycle"), record.properties.get("lifecycle_stage")
    if stated is not None:
        return str(stated)
    if word is None:
        return None
    for words in _of_connection(settings.lifecycle_maps, record.connection):
        for meaning in named(words, word):
            return None if meaning is None else str(meaning)
    return word.lower() if word.lower() in (*LIFECYCLE, "churned") else LIFECYCLE_WORDS.get(letters(word))


def steps_of(lifecycle: str | None) -> list[str]:
    """The steps at or below it that people convert by."""
    reached = LIFECYCLE[: LIFECYCLE.index(lifecycle) + 1] if lifecycle in LIFECYCLE else ()
    return [step for step in reached if step in ("lead", "mql", "sql")]


def _of_connection(maps: Mapping[str, Any], connection: str) -> Iterable[Any]:
    return [maps[name] for name in (connection, "*") if name in maps]
