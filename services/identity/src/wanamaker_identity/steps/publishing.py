"""Emitting what changed: the active links of a cookie, the person of an identifier. Nothing is said twice in a row."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from wanamaker_shared.contracts import identity_updates
from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.eventlog.outbox import emit
from wanamaker_shared.eventlog.port import NewRecord

from ..causes import Cause
from ..repository import emitted
from ..tables import outbox
from .joining import Resolved

SOURCE = "identity"
_COOKIE = "cookie:"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Emits for one workspace. `generation`: of the database."""

    connection: Connection
    workspace: str
    generation: int

    def publish_cookies(self, dirty: Mapping[str, Cause]) -> None:
        """Emit the whole list of active links of each cookie whose list is another one now."""
        if not dirty:
            return
        links = emitted.load_active_links(self.connection, self.workspace, dirty)
        before = emitted.load_link_digests(self.connection, self.workspace, dirty)
        now = {each: hashlib.sha256(canonical(of)).hexdigest() if of else "" for each, of in links.items()}
        changed = [each for each in dirty if before[each] != now[each]]
        emitted.save_link_digests(self.connection, self.workspace, {each: now[each] for each in changed})
        versions = self._next_versions([_COOKIE + each for each in changed])
        envelopes = [self._envelope(_COOKIE + each, versions[_COOKIE + each], dirty[each]) for each in changed]
        self._emit(
            [
                {**envelope, "type": "cookie.linked", "links": links[each]}
                for each, envelope in zip(changed, envelopes, strict=True)
            ]
        )

    def publish_identifiers(self, resolved: Collection[Resolved]) -> None:
        """Emit the person of each; an identifier that no record names any more has the empty profile."""
        versions = self._next_versions([each.identifier for each in resolved])
        records = []
        for each in resolved:
            named = each.named
            value = {
                "type": "identifier.resolved",
                "profile": named.profile if named else "",
                "since": named.naming.order.occurred_at if named else 0,
                "via": named.naming.via if named else "",
            }
            envelope = self._envelope(each.identifier, versions[each.identifier], each.cause)
            records.append({**envelope, **value})
        self._emit(records)

    def _envelope(self, identifier: str, version: int, cause: Cause) -> dict[str, Any]:
        return {
            "workspace": self.workspace,
            "source": SOURCE,
            "sender": "",
            "revision": 0,
            "schema_version": 1,
            "event_id": f"{identifier}@{self.generation}.{version}",
            "occurred_at": cause.occurred_at,
            "received_at": cause.received_at,
            "identifier": identifier,
            "generation": self.generation,
            "version": version,
            "cause": cause.identity,
        }

    def _next_versions(self, identifiers: Collection[str]) -> dict[str, int]:
        if not identifiers:
            return {}
        known = emitted.load_versions(self.connection, self.workspace, identifiers)
        versions = {each: known.get(each, 0) + 1 for each in identifiers}
        emitted.save_versions(self.connection, self.workspace, versions)
        return versions

    def _emit(self, values: Collection[dict[str, Any]]) -> None:
        """The values have the contract's fields; made into its models first, ten thousand links would cost twice as much."""
        topic, key = identity_updates.TOPIC, identity_updates.key
        emit(
            self.connection,
            outbox,
            [NewRecord(topic, key(self.workspace, each["identifier"]), canonical(each)) for each in values],
        )
