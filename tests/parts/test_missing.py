"""A machine without npm or a browser skips, and says why; one that must have them fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import chromium
from .missing import PartMissing, without
from .npm import installed


@pytest.mark.parametrize("what", ["NPM", "BROWSER"])
def test_what_is_missing_skips_or_fails(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"WANAMAKER_REQUIRE_{what}", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such thing"):
        without(what, "no such thing")
    monkeypatch.setenv(f"WANAMAKER_REQUIRE_{what}", "1")
    with pytest.raises(pytest.fail.Exception, match=f"WANAMAKER_REQUIRE_{what}=1, but no such thing"):
        without(what, "no such thing")


def test_a_machine_with_nothing_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PartMissing, match="npm"):
        installed(tmp_path)
    with pytest.raises(PartMissing, match="chromium"):
        chromium.command()
