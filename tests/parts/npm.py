"""Packages from npm for a folder with a lock file, or why this machine has none."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from .missing import PartMissing

BUILD = Path(__file__).parents[2] / "build"
INSTALL_SECONDS = 300


def installed(folder: Path) -> Path:
    """A copy of the folder, which has package.json, package-lock.json and .npmrc, with its packages. Raises PartMissing.

    The packages are fetched once for each state of the lock file; the copy's other files are always those of the folder.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise PartMissing("there is no `node` and `npm` on the PATH")
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()[:16]
    home = BUILD / f"npm-{folder.name}-{lock}"
    if not home.exists():
        fresh = home.with_suffix(".new")
        _copy(folder, fresh)
        _install(npm, fresh)
        fresh.rename(home)
    _copy(folder, home)
    return home


def _copy(folder: Path, to: Path) -> None:
    """All but the packages themselves."""
    to.mkdir(parents=True, exist_ok=True)
    for old in to.iterdir():
        if old.name != "node_modules":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("node_modules"), dirs_exist_ok=True)


def _install(npm: str, home: Path) -> None:
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=home, capture_output=True, text=True, check=True, timeout=INSTALL_SECONDS)
    except subprocess.CalledProcessError as error:
        raise PartMissing(f"npm could not fetch the packages: {(error.stdout + error.stderr).strip()[:500]}") from error
    except subprocess.TimeoutExpired as error:
        raise PartMissing(f"npm could not fetch the packages within {INSTALL_SECONDS} s") from error
