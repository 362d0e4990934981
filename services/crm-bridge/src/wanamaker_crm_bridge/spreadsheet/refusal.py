"""Why a file as a whole is not read: said in one sentence with the place and what to do. Nothing of it was taken in."""

from __future__ import annotations


class Refused(Exception):
    """`option` names the parameter that would help, if one would. The message never quotes a cell."""

    def __init__(self, reason: str, *, option: str | None = None) -> None:
        super().__init__(reason)
        self.option = option
