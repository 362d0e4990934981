"""What the documentation says, as one text, and how the tests look something up in it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pages() -> dict[str, str]:
    """README, docs/ (but for decisions, which are history) and the services' own READMEs, by path."""
    files = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("services/*/README.md")]
    return {str(path.relative_to(ROOT)): path.read_text() for path in files if path.exists()}


def require(wanted: list[str]) -> None:
    """Fails with the whole list of what is missing, one a line."""
    absent = missing(wanted)
    assert not absent, "not in README.md, docs/*.md or a service's README.md:\n  " + "\n  ".join(absent)


def missing(wanted: list[str]) -> list[str]:
    """Those that stand nowhere as a word of their own, sorted."""
    text = "\n".join(pages().values())
    return sorted({name for name in wanted if not re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", text)})
