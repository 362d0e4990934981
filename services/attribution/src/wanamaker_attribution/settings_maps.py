"""Stage and lifecycle maps as a workspace states them: checked, with a word for what is wrong and where. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Any, get_args

from wanamaker_shared.contracts.settings import LifecycleMeaning, StageMeaning

_STAGES: tuple[str, ...] = get_args(StageMeaning)
_LIFECYCLES: tuple[str, ...] = get_args(LifecycleMeaning)
_MOST_ENTRIES = 5_000
"""Of one setting. The largest installations have some hundred stages."""
_NAME_CHARACTERS = 256
"""No CRM lets a stage have more than 255."""
_TOLD = 60


def check_stage_map(value: object) -> dict[str, Any]:
    """{connection or "*": {pipeline or "*": {stage: meaning}}}. Raises ValueError with what is wrong and where."""
    return _Checked().nested(value, ("a connection", "a pipeline", "a stage"), _STAGES, ())


def check_lifecycle_map(value: object) -> dict[str, Any]:
    """{connection or "*": {word: meaning or None}}. Raises ValueError with what is wrong and where."""
    return _Checked().nested(value, ("a connection", "a word"), (*_LIFECYCLES, None), ())


class _Checked:
    def __init__(self) -> None:
        self._entries = 0

    def nested(
        self, value: object, keys: tuple[str, ...], meanings: Collection[str | None], place: tuple[str, ...]
    ) -> dict[str, Any]:
        """`keys` says what the names on each level are; below the last stand the meanings."""
        if not isinstance(value, dict):
            raise ValueError(f"{_shown(place)}must be an object whose names are {keys[0].split()[1]}s")
        checked = {}
        for name, its in value.items():
            self._count()
            kept = _name(name, keys[0], place)
            if kept in checked:
                raise ValueError(f"{_shown((*place, kept))}stands there twice, apart from spaces around it")
            inner = (*place, kept)
            checked[kept] = self.nested(its, keys[1:], meanings, inner) if keys[1:] else _meaning(its, meanings, inner)
        return checked

    def _count(self) -> None:
        self._entries += 1
        if self._entries > _MOST_ENTRIES:
            raise ValueError(f"may have at most {_MOST_ENTRIES} entries, names on all levels counted")


def _name(name: str, what: str, place: tuple[str, ...]) -> str:
    kept = name.strip()
    if not 0 < len(kept) <= _NAME_CHARACTERS:
        raise ValueError(f"{_shown(place)}{what} must have 1 to {_NAME_CHARACTERS} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in kept):
        raise ValueError(f"{_shown(place)}{what} must not hold control characters or halves of surrogate pairs")
    return kept


def _meaning(value: object, meanings: Collection[str | None], place: tuple[str, ...]) -> str | None:
    for meaning in meanings:
        if meaning == value and type(meaning) is type(value):
            return meaning
    known = ", ".join("null" if meaning is None else meaning for meaning in meanings)
    raise ValueError(f"{_shown(place)}must be one of {known}")


def _shown(place: tuple[str, ...]) -> str:
    return ".".join(name[:_TOLD] for name in place) + ": " if place else ""
