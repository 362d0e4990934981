"""No statement of the projection walks through a workspace: what an event costs does not grow with the history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from tests.oracle.story import KEYS, Story

from .harness import Kept


def test_every_look_up_is_answered_by_more_of_a_key_than_the_workspace() -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    statements: dict[str, Any] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT") and "json_each" in statement:
            statements.setdefault(statement, parameters)

    kept = Kept(KEYS, engine)
    story = Story()
    story.page("c1", "2026-01-01 10:00")
    story.identify("c1", "2026-01-01 10:00", "ann@example.com", "u1", trust="server")
    story.identify("c1", "2026-01-01 11:00", user="u1")
    story.contact("C1", "2026-01-02 10:00", emails=["ann@example.com"], users=["u2"])
    story.contact("C1", "2026-01-03 10:00", emails=["bob@example.com"])
    story.revoke("contact:generic/C1", story.email("bob@example.com"), "2026-01-04 10:00")
    story.revoke("cookie:c1", story.email("ann@example.com"), "2026-01-04 10:00")
    kept.take(story.entries, range(len(story.entries)))
    kept.take(story.entries)
    kept.take(
        [(topic, record, value.replace(b'"revision":0', b'"revision":1')) for topic, record, value in story.entries]
    )

    assert len(statements) >= 25
    walks = []
    with engine.connect() as connection:
        for statement, parameters in statements.items():
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            walks += [
                (step, statement)
                for step in plan
                if step.startswith(("SCAN", "SEARCH"))
                and not step.endswith("VIRTUAL TABLE INDEX 1:")
                and (step.startswith("SCAN") or step.endswith("(workspace=?)"))
            ]
    assert walks == []
