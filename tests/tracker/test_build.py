"""The tracker that is shipped is the build of its source, byte for byte, and small."""

from __future__ import annotations

import gzip
import json
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.parts.missing import PartMissing, without
from tests.parts.npm import installed

COLLECTOR = Path(__file__).parents[2] / "services" / "collector"
SOURCE = COLLECTOR / "tracker"
SHIPPED = COLLECTOR / "src" / "wanamaker_collector" / "tracker" / "t.js"
MOST_BYTES = 5_000


@pytest.fixture(scope="module")
def source() -> Path:
    """A copy of the source with esbuild and TypeScript."""
    try:
        return installed(SOURCE)
    except PartMissing as missing:
        without("NPM", str(missing))


def run(*command: str | Path, at: Path) -> str:
    ran = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_it_is_the_build_of_its_source(source: Path, tmp_path: Path) -> None:
    built = tmp_path / "t.js"
    run("node", "build.mjs", built, at=source)
    assert built.read_bytes() == SHIPPED.read_bytes(), "the source changed: run `make tracker`"


def test_its_types_are_right(source: Path) -> None:
    run("npm", "run", "--silent", "check", at=source)


def test_it_is_small() -> None:
    assert len(gzip.compress(SHIPPED.read_bytes(), 9)) <= MOST_BYTES


def test_it_has_the_version_of_the_collector() -> None:
    assert json.loads((SOURCE / "package.json").read_text())["version"] == version("wanamaker-collector")
    assert version("wanamaker-collector") in SHIPPED.read_text()


def test_its_packages_are_locked_by_hash_and_name_no_registry() -> None:
    lock = json.loads((SOURCE / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages)
    assert not any("resolved" in package for package in packages)


def test_it_needs_nothing_at_run_time() -> None:
    assert "dependencies" not in json.loads((SOURCE / "package.json").read_text())
