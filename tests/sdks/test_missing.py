"""A machine without npm or a browser skips, and says why; one that must have them fails."""

from __future__ import annotations

import pytest

from tests.parts.missing import PartMissing

from .missing import chromium, node_packages, without


@pytest.mark.parametrize("what", ["NPM", "BROWSER"])
def test_what_is_missing_skips_or_fails(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"WANAMAKER_REQUIRE_{what}", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no such thing"):
        without(what, "no such thing")
    monkeypatch.setenv(f"WANAMAKER_REQUIRE_{what}", "1")
    with pytest.raises(pytest.fail.Exception, match=f"WANAMAKER_REQUIRE_{what}=1, but no such thing"):
        without(what, "no such thing")


def test_a_machine_with_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PartMissing, match="npm"):
        node_packages()
    with pytest.raises(PartMissing, match="chromium"):
        chromium()
