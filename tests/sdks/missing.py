"""npm's packages and Debian's Chromium, or why this machine has none.

`WANAMAKER_REQUIRE_NPM=1` and `WANAMAKER_REQUIRE_BROWSER=1` make their absence a failure instead of a skip.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.parts.missing import PartMissing

JS = Path(__file__).parent / "js"
BUILD = Path(__file__).parents[2] / "build"
INSTALL_SECONDS = 300


def node_packages() -> Path:
    """A directory with the packages of `js/package-lock.json` and our sources beside them. Raises PartMissing.

    Made once for each state of the lock file; the first time it takes the network and some seconds.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise PartMissing("there is no `node` and `npm` on the PATH")
    lock = hashlib.sha256((JS / "package-lock.json").read_bytes()).hexdigest()[:16]
    home = BUILD / f"sdks-{lock}"
    if not home.exists():
        _install(npm, home)
    for source in JS.glob("*.*js"):
        shutil.copy(source, home)
    return home


def _install(npm: str, home: Path) -> None:
    fresh = home.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(JS / name, fresh)
    try:
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=fresh,
            capture_output=True,
            text=True,
            check=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        raise PartMissing(f"npm could not fetch the packages: {(error.stdout + error.stderr).strip()[:500]}") from error
    except subprocess.TimeoutExpired as error:
        raise PartMissing(f"npm could not fetch the packages within {INSTALL_SECONDS} s") from error
    fresh.rename(home)


def chromium() -> str:
    """The command of the browser. Raises PartMissing."""
    command = shutil.which("chromium")
    if command is None:
        raise PartMissing("there is no `chromium` on the PATH")
    return command


def without(what: str, reason: str) -> None:
    """Skip the test, or fail where the environment says that `what` (`NPM`, `BROWSER`) must be there."""
    variable = f"WANAMAKER_REQUIRE_{what}"
    if os.environ.get(variable) == "1":
        pytest.fail(f"{variable}=1, but {reason}")
    pytest.skip(reason)
