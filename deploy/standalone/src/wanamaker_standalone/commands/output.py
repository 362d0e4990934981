"""Where commands print their tables: as wide as the terminal, and wide enough for a table where there is none (a pipe)."""

from __future__ import annotations

import sys

from rich.console import Console

_WIDTH_WITHOUT_TERMINAL = 120


def console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL)
