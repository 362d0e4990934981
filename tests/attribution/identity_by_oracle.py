"""The identity-updates that a right identity service would emit for a set of records, from the oracle's tables.

Lets attribution be tested alone: whatever the order in which these arrive among the other records.
"""

from __future__ import annotations

from collections import defaultdict

from tests.oracle import Tables
from wanamaker_shared.contracts.identity_updates import (
    TOPIC,
    ActiveLink,
    CookieLinked,
    IdentifierResolved,
    IdentityUpdate,
    key,
)
from wanamaker_shared.contracts.record import encode


def changed_mind(before: Tables, after: Tables) -> list[tuple[str, str, bytes]]:
    """What identity emits that first knew `before`, then `after`: of the keys that went away, an empty value."""
    emptied: Tables = {
        "links": {key: row | {"status": "revoked"} for key, row in before["links"].items()} | after["links"],
        "persons": {key: {"profile": "", "since": 0, "via": ""} for key in before["persons"]} | after["persons"],
    }
    return identity_updates(before, version=1) + identity_updates(emptied, version=2)


def identity_updates(tables: Tables, version: int = 1) -> list[tuple[str, str, bytes]]:
    """(topic, key, value) of every cookie's links and every identifier's profile."""
    links: dict[tuple[str, str], list[ActiveLink]] = defaultdict(list)
    for (workspace, cookie, source, event_id), row in tables["links"].items():
        links[workspace, cookie]
        if row["status"] == "active":
            link = ActiveLink(
                at=row["at"], source=source, event_id=event_id, identifier=row["identifier"], lead=row["lead"]
            )
            links[workspace, cookie].append(link)
    updates: list[IdentityUpdate] = [
        CookieLinked(
            workspace=workspace,
            source="identity",
            event_id=f"{cookie}-{version}",
            occurred_at=0,
            received_at=0,
            identifier=f"cookie:{cookie}",
            version=version,
            links=sorted(found, key=lambda link: (link.at, link.source, link.event_id)),
        )
        for (workspace, cookie), found in links.items()
    ]
    updates += [
        IdentifierResolved(
            workspace=workspace,
            source="identity",
            event_id=f"{identifier}-{version}",
            occurred_at=0,
            received_at=0,
            identifier=identifier,
            version=version,
            profile=row["profile"],
            since=row["since"],
            via=row["via"],
        )
        for (workspace, identifier), row in tables["persons"].items()
    ]
    return [(TOPIC, key(update.workspace, update.identifier), encode(update)) for update in updates]
