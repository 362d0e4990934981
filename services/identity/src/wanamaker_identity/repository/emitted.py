"""What was emitted last for each key, and the active links that a cookie's value is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from wanamaker_shared.service.given import rows_of
from wanamaker_shared.service.sql import in_bound, upsert

from ..tables import cookie, link, tie, version
from .rows import rows_by_key, workspace_is


def load_active_links(
    connection: Connection, workspace: str, cookies: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """The links in force of each cookie, in order, in the shape of `contracts.identity_updates.ActiveLink`.

    Reads active links only: a cookie whose thousands are quarantined costs nothing.
    """
    wanted = {"workspace": workspace, "given": rows_of((each,) for each in cookies)}
    ties = [tuple(row) for row in connection.execute(_ACTIVE_TIES, wanted)]
    rows = connection.execute(_LINKS_OF_TIES, {"workspace": workspace, "given": rows_of(ties)}).all() if ties else []
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in cookies}
    for row in sorted(rows, key=lambda row: tuple(row[1:4])):
        each, at, source, event_id, identifier, email_key = row
        found[each].append(
            {
                "at": at,
                "source": source,
                "event_id": event_id,
                "identifier": identifier,
                "lead": email_key is not None,
            }
        )
    return found


def load_link_digests(connection: Connection, workspace: str, cookies: Collection[str]) -> dict[str, str]:
    rows = connection.execute(_DIGESTS, {"workspace": workspace, "wanted": cookies})
    return {row[0]: row[1] for row in rows}


def save_link_digests(connection: Connection, workspace: str, digests: Mapping[str, str]) -> None:
    if digests:
        connection.execute(
            update(cookie)
            .where(cookie.c.workspace == workspace, cookie.c.cookie == bindparam("c"))
            .values(links=bindparam("d")),
            [{"c": each, "d": digest} for each, digest in digests.items()],
        )


def load_versions(connection: Connection, workspace: str, identifiers: Collection[str]) -> dict[str, int]:
    """How often each key was emitted; those that never were are not in the answer."""
    rows = connection.execute(_VERSIONS, {"workspace": workspace, "wanted": identifiers})
    return {row[0]: row[1] for row in rows}


def save_versions(connection: Connection, workspace: str, versions: Mapping[str, int]) -> None:
    rows = [{"workspace": workspace, "identifier": each, "version": number} for each, number in versions.items()]
    upsert(connection, version, rows)


_DIGESTS = select(cookie.c.cookie, cookie.c.links).where(workspace_is(cookie), in_bound(cookie.c.cookie, "wanted"))
_VERSIONS = select(version.c.identifier, version.c.version).where(
    workspace_is(version), in_bound(version.c.identifier, "wanted")
)
_ACTIVE_TIES = rows_by_key(tie, ("cookie",), tie.c.cookie, tie.c.identifier).where(tie.c.status == "active")
_LINKS_OF_TIES = rows_by_key(
    link,
    ("cookie", "identifier"),
    *(link.c[name] for name in ("cookie", "at", "source", "event_id", "identifier", "email_key")),
)
