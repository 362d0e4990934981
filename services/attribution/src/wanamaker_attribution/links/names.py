"""Names that a person takes for the same: `Spring Sale`, `spring_sale` and `spring-sale` make three rows of a report. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

Field = Literal["source", "medium", "campaign"]
FIELDS: tuple[Field, ...] = ("source", "medium", "campaign")

_BETWEEN = re.compile(r"[\s_\-\u2010-\u2015]+")


class Known(NamedTuple):
    """A name that is in use, and since which day."""

    name: str
    since: str
    by_link: bool
    """Whether a link has it; else a visit or a cost."""


class Names:
    """The names in use, by field; sources and mediums in lower case, as they are read."""

    def __init__(self) -> None:
        self._exact: set[tuple[Field, str]] = set()
        self._alike: dict[tuple[Field, str], Known] = {}

    def add(self, field: Field, known: Known) -> None:
        self._exact.add((field, known.name))
        self._alike.setdefault((field, folded(known.name)), known)

    def has(self, field: Field, name: str) -> bool:
        return (field, name) in self._exact

    def alike(self, field: Field, name: str) -> Known | None:
        """The first name added that reads like this one, or is it."""
        return self._alike.get((field, folded(name)))


def clash(names: Iterable[Names], field: Field, name: str) -> Known | None:
    """Another name that reads like this one; None if there is none, or this very name is in use too."""
    everywhere = tuple(names)
    if any(each.has(field, name) for each in everywhere):
        return None
    return next((known for each in everywhere if (known := each.alike(field, name)) is not None), None)


def folded(name: str) -> str:
    """What is left of a name without case, width, spaces, underscores and dashes."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name).casefold())
