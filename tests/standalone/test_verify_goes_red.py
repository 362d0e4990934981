"""`wanamaker verify` on the demo's own tables: whatever was changed by hand, it exits 1 and names the row."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from .running_demo import Demo, wanamaker

A_DEAL = "(SELECT key FROM conversion WHERE kind = 'deal' ORDER BY key LIMIT 1)"
OTHER_CREDITS = "json_set(credits, '$.linear[1]', json('[1]'))"
AN_OWNED = "(SELECT id FROM touchpoint WHERE owner IS NOT NULL ORDER BY id LIMIT 1)"
SOMEBODY_ELSE = (
    f"(SELECT max(owner) FROM touchpoint WHERE owner <> (SELECT owner FROM touchpoint WHERE id = {AN_OWNED}))"
)


@pytest.mark.parametrize(
    ("named", "harm"),
    [
        ("conversion", f"UPDATE conversion SET credits = {OTHER_CREDITS} WHERE kind = 'deal' AND key = {A_DEAL}"),
        ("conversion", f"DELETE FROM conversion WHERE kind = 'deal' AND key = {A_DEAL}"),
        ("touchpoint", f"UPDATE touchpoint SET owner = {SOMEBODY_ELSE} WHERE id = {AN_OWNED}"),
        ("position", "UPDATE position SET position = position - 1 WHERE topic = 'crm-events' AND partition = 0"),
    ],
    ids=["a credit changed", "a row deleted", "an owner swapped", "a position moved"],
)
def test_verify_exits_1_and_names_the_row(demo: Demo, tmp_path: Path, named: str, harm: str) -> None:
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)
    with closing(sqlite3.connect(data / "attribution" / "g1.db")) as database, database:
        assert database.execute(harm).rowcount == 1
    verified = wanamaker("verify", data=data)
    assert verified.returncode == 1
    assert named in verified.stdout + verified.stderr
