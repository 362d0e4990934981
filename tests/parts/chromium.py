"""Debian's Chromium, or why this machine has none."""

from __future__ import annotations

import shutil

from .missing import PartMissing


def command() -> str:
    """The browser's path. Raises PartMissing."""
    found = shutil.which("chromium")
    if found is None:
        raise PartMissing("there is no `chromium` on the PATH")
    return found
