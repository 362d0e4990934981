"""A name by its letters and digits alone, so that "Closed Won", "closed_won" and "CLOSEDWON" are one, and "Gagné" is "gagne"."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """NFKD, without case, marks, spaces and punctuation; empty if nothing is left. Turkish ı is i, as their capitals are one."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()).replace("ı", "i")
    return "".join(character for character in plain if character.isalnum())
