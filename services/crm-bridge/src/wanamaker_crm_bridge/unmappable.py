"""What readers of single values raise."""

from __future__ import annotations


class Unmappable(Exception):
    """A field holds what cannot be used. Says which field and what is wanted, never the value: reasons are not personal."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where} {problem}")
        self.where = where
