"""The records that count: which one stands for an identity, and the links among the web events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from wanamaker_shared.contracts.record import Precedence
from wanamaker_shared.service.given import rows_of
from wanamaker_shared.service.sql import in_bound, insert_ignore, upsert

from ..links import Link
from ..tables import cookie, crm_record, decision, link, setting, web_record
from .rows import ORDER, delete_rows, rows_by_key, workspace_is

Key = tuple[str, str, str]
"""source, sender, event_id: a record's identity within its workspace and topic. A web event's sender is its cookie."""

_LINK = ("cookie", "at", "source", "event_id", "type", "trust", "user_id", "email_key", "previous_user_id")


class StoredLink(NamedTuple):
    link: Link
    identifier: str | None


def load_web_precedences(connection: Connection, workspace: str, keys: Iterable[Key]) -> dict[Key, Precedence]:
    """Those of the records that were taken in before."""
    rows = connection.execute(_WEB_PRECEDENCES, {"workspace": workspace, "given": rows_of(keys)})
    return {(row[0], row[1], row[2]): Precedence(row[3], row[4], bytes(row[5])) for row in rows}


def save_web_precedences(connection: Connection, workspace: str, best: Mapping[Key, Precedence]) -> None:
    rows = [
        {
            "workspace": workspace,
            "cookie": sender,
            "source": source,
            "event_id": event_id,
            "negative_revision": rank.negative_revision,
            "received_at": rank.received_at,
            "digest": rank.digest,
        }
        for (source, sender, event_id), rank in best.items()
    ]
    upsert(connection, web_record, rows)


def load_known_cookies(connection: Connection, workspace: str, cookies: Collection[str]) -> set[str]:
    return set(connection.scalars(_KNOWN_COOKIES, {"workspace": workspace, "cookies": cookies}))


def add_cookies(connection: Connection, workspace: str, profiles: Mapping[str, str]) -> None:
    """`profiles`: cookie → its own profile id."""
    insert_ignore(
        connection,
        cookie,
        [
            {"workspace": workspace, "cookie": each, "profile": profile, "crowded": 0, "links": ""}
            for each, profile in profiles.items()
        ],
    )


def load_links(connection: Connection, workspace: str, keys: Collection[Key]) -> dict[Key, StoredLink]:
    return _links(connection, _LINKS, workspace, keys) if keys else {}


def load_links_of_users(
    connection: Connection, workspace: str, users: Collection[tuple[str, str]]
) -> dict[Key, StoredLink]:
    """All links of these cookies with these user ids; `users` are (cookie, user id)."""
    return _links(connection, _LINKS_OF_USERS, workspace, users) if users else {}


def save_links(connection: Connection, workspace: str, links: Iterable[StoredLink]) -> None:
    upsert(
        connection,
        link,
        [{"workspace": workspace, **asdict(each), "identifier": identifier} for each, identifier in links],
    )


def delete_links(connection: Connection, workspace: str, keys: Iterable[Key]) -> None:
    rows = [
        {"workspace": workspace, "cookie": sender, "source": source, "event_id": event_id}
        for source, sender, event_id in keys
    ]
    delete_rows(connection, link, rows)


def load_records(connection: Connection, table: Table, workspace: str, keys: Iterable[Key]) -> dict[Key, Any]:
    """The rows of `crm_record`, `decision` or `setting` with these identities."""
    rows = connection.execute(_RECORDS[table.name], {"workspace": workspace, "given": rows_of(keys)})
    return {(row.source, row.sender, row.event_id): row for row in rows}


def save_records(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    upsert(connection, table, rows)


def load_settings(connection: Connection, workspace: str) -> list[Any]:
    """All settings records that count, in order."""
    return list(connection.execute(_SETTINGS, {"workspace": workspace}))


def _links(connection: Connection, statement: Any, workspace: str, keys: Iterable[Sequence[str]]) -> dict[Key, Any]:
    found = {}
    for *columns, identifier in connection.execute(statement, {"workspace": workspace, "given": rows_of(keys)}):
        each = Link(*columns)
        found[each.key] = StoredLink(each, identifier)
    return found


_WEB_PRECEDENCES = rows_by_key(
    web_record,
    ("source", "cookie", "event_id"),
    *(web_record.c[n] for n in ("source", "cookie", "event_id", "negative_revision", "received_at", "digest")),
)
_LINK_COLUMNS = [link.c[name] for name in (*_LINK, "identifier")]
_LINKS = rows_by_key(link, ("source", "cookie", "event_id"), *_LINK_COLUMNS)
_LINKS_OF_USERS = rows_by_key(link, ("cookie", "user_id"), *_LINK_COLUMNS)
_RECORDS = {
    table.name: rows_by_key(table, ("source", "sender", "event_id"), table) for table in (crm_record, decision, setting)
}
_KNOWN_COOKIES = select(cookie.c.cookie).where(workspace_is(cookie), in_bound(cookie.c.cookie, "cookies"))
_SETTINGS = select(setting).where(workspace_is(setting)).order_by(*(setting.c[name] for name in ORDER))
