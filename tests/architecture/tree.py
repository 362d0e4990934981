"""The repository's Python files, as the architecture tests look at them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = tuple(sorted(path for place in ("shared", "services/*", "deploy/*") for path in ROOT.glob(f"{place}/src")))


def sources() -> list[Path]:
    """What is shipped."""
    return sorted(path for source in SOURCES for path in source.rglob("*.py"))


def suites() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def module_of(path: Path) -> str:
    """`…/src/wanamaker_shared/eventlog/port.py` → `wanamaker_shared.eventlog.port`."""
    (source,) = (source for source in SOURCES if source in path.parents)
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))
