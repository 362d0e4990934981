"""The cookies that were a bot's on some day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, select

from ..tables import HAS_BOT_DAYS, cookie


def read_bots(
    connection: Connection, workspace: str, *, limit: int, after: str | None = None
) -> Sequence[Row[str, str, str]]:
    """The next of them by cookie, with `bot_days` and `bot_links` as stored."""
    statement = (
        select(cookie.c.cookie, cookie.c.bot_days, cookie.c.bot_links)
        .where(cookie.c.workspace == workspace, HAS_BOT_DAYS)
        .order_by(cookie.c.cookie)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(cookie.c.cookie > after)
    return connection.execute(statement).all()
