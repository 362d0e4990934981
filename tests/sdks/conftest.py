"""One collector for all SDKs; each test sees what it caused itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.missing import PartMissing, without
from tests.parts.npm import installed

from .running import RunningCollector, running_collector

JS = Path(__file__).parent / "js"


@pytest.fixture(scope="session")
def one_collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    with running_collector(tmp_path_factory.mktemp("sdks")) as collector:
        yield collector


@pytest.fixture
def collector(one_collector: RunningCollector) -> RunningCollector:
    one_collector.empty()
    return one_collector


@pytest.fixture(scope="session")
def packages() -> Path:
    """The directory with the packages from npm."""
    try:
        return installed(JS)
    except PartMissing as missing:
        without("NPM", str(missing))
