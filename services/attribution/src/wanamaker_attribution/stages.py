"""What a CRM's own words mean: a deal's stage, a contact's lifecycle stage. By the workspace's maps, else by well-known words.

Rules and examples: docs/meanings.md, "Stages of a pipeline", "A CRM's own lifecycle words". `RULES_VERSION` changes with any
word of `stage_words`, and with how `plain_words` reads names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from wanamaker_shared.contracts.crm_events import LIFECYCLE
from wanamaker_shared.contracts.settings import WorkspaceSettings

from .plain_words import fold
from .stage_words import LIFECYCLE_WORDS, LOST, LOST_PREFIXES, WON, WON_PREFIXES

RULES_VERSION = 2
EVERY = "*"
"""Stands in a map for every connection, or every pipeline."""
STEPS = ("lead", "mql", "sql")
"""The steps that are conversions of a person."""
OPEN = "open"

StageReader = Callable[[str | None, str | None, str | None], str]
"""(pipeline, stage, what the CRM itself says of that stage) of one connection -> what the stage means."""
T = TypeVar("T")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Words:
    """A workspace's maps. A name is looked up as it is written, else by its letters and digits alone."""

    settings: WorkspaceSettings

    def stages_of(self, connection: str) -> StageReader:
        """A reader that remembers what it was asked: a connection has few stages and many deals."""
        maps = [self.settings.stage_maps[name] for name in (connection, EVERY) if name in self.settings.stage_maps]

        @lru_cache(maxsize=1024)
        def read(pipeline: str | None, stage: str | None, said: str | None) -> str:
            if stage is None:
                return OPEN
            for by_pipeline in maps:
                for stages in _pipelines(by_pipeline, pipeline):
                    meaning = look_up(stages, stage)
                    if isinstance(meaning, str):
                        return meaning
            return said if said in (OPEN, "won", "lost") else well_known_stage(stage)

        return read

    def lifecycle(self, connection: str, stated: Mapping[str, object]) -> str | None:
        """What a contact's statement says of its lifecycle: in our words, else in the CRM's own."""
        if stated.get("lifecycle") is not None:
            return str(stated["lifecycle"])
        word = stated.get("lifecycle_stage")
        if word is None:
            return None
        for name in (connection, EVERY):
            meaning = look_up(self.settings.lifecycle_maps.get(name, {}), str(word))
            if meaning is not _MISSING:
                return None if meaning is None else str(meaning)
        return LIFECYCLE_WORDS.get(fold(str(word)))


def steps_reached(lifecycle: str | None) -> int:
    """How many of `STEPS` a lifecycle is at or above; those of a stage, too."""
    return min(len(STEPS), LIFECYCLE.index(lifecycle) + 1) if lifecycle in LIFECYCLE else 0


def status_of(meaning: str) -> str:
    """The status of a deal whose stage means that."""
    return meaning if meaning in ("won", "lost") else OPEN


def well_known_stage(stage: str) -> str:
    """won, lost, or open: by the name alone."""
    name = fold(stage)
    if name in WON or name.startswith(WON_PREFIXES):
        return "won"
    return "lost" if name in LOST or name.startswith(LOST_PREFIXES) else OPEN


def look_up(entries: Mapping[str, T], name: str) -> T | object:
    """The entry of that name, else the first by text of those that read the same; `_MISSING` if there is none."""
    if name in entries:
        return entries[name]
    folded = fold(name)
    alike = min((each for each in entries if folded and fold(each) == folded), default=None)
    return _MISSING if alike is None else entries[alike]


def _pipelines(by_pipeline: Mapping[str, Mapping[str, str]], pipeline: str | None) -> Iterator[Mapping[str, str]]:
    """The maps that speak of a pipeline: its own, then that for all."""
    own = _MISSING if pipeline is None else look_up(by_pipeline, pipeline)
    if isinstance(own, Mapping):
        yield own
    if EVERY in by_pipeline:
        yield by_pipeline[EVERY]
