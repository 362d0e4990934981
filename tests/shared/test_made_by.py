"""Tables made by other rules or columns are not gone on in: that would mix rows which mean different things."""

from __future__ import annotations

from pathlib import Path

import pytest

from wanamaker_shared.eventlog.made_by import MadeByAnotherVersion
from wanamaker_shared.eventlog.runner import prepare_tables
from wanamaker_shared.service.database import SqliteDatabase

from .tally import Tally


class OtherRules(Tally):
    rules_version = 2


async def test_the_same_version_goes_on(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "g1.db")
    await prepare_tables(Tally(), database)
    await prepare_tables(Tally(), database)
    await database.close()


async def test_another_version_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "g1.db")
    await prepare_tables(Tally(), database)
    with pytest.raises(MadeByAnotherVersion, match="wanamaker rebuild"):
        await prepare_tables(OtherRules(), database)
    await database.close()
