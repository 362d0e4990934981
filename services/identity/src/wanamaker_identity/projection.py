"""Identity's projection: records of four topics in, tables and `identity-updates` out, in the transaction it is given.

What it leaves behind depends on the set of records taken in so far alone. Topics reach it in any order: a decision may
come before the link it is about, and a limit long after the links it quarantines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from wanamaker_shared.contracts import crm_events, decisions, settings, web_events
from wanamaker_shared.eventlog.port import Batch
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.service.errors import SafeError
from wanamaker_shared.service.keys import Keyring

from . import glance
from .reading import read
from .repository.statements import add_statements, remove_statements
from .steps import crm, web
from .steps.changes import Taken
from .steps.decided import load_limits, take_in_decisions, take_in_settings
from .steps.joining import rejoin
from .steps.linking import relink
from .steps.publishing import Publisher
from .tables import metadata

_TAKE_IN: dict[str, tuple[TypeAdapter[Any], Collection[str], Callable[[Connection, str, Any, bytes], Taken]]] = {
    web_events.TOPIC: (glance.adapter, web_events.TYPES, web.take_in),
    crm_events.TOPIC: (crm_events.adapter, crm_events.TYPES, crm.take_in),
    decisions.TOPIC: (decisions.adapter, decisions.TYPES, take_in_decisions),
    settings.TOPIC: (settings.adapter, settings.TYPES, take_in_settings),
}


class UnknownWorkspace(SafeError):
    """keys.json has no such workspace: without its key nobody there can be given a profile id."""


class IdentityProjection:
    topics: tuple[str, ...] = tuple(_TAKE_IN)
    rules_version = 1
    metadata = metadata

    def __init__(self, keyring: Keyring, generation: int = 1) -> None:
        """`generation`: of the database that it fills; written into what it emits."""
        self._keyring = keyring
        self._generation = generation

    def apply(self, connection: Connection, batch: Batch) -> Counts:
        """Raises pydantic.ValidationError, NotAList or UnknownWorkspace on a record that it cannot take in."""
        adapter, types, take_in = _TAKE_IN[batch.topic]
        readings = read(batch.records, adapter, types)
        new = 0
        for workspace, best in readings.best.items():
            hmac_key = self._hmac_key(workspace)
            taken = take_in(connection, workspace, best, hmac_key)
            if taken:
                self._conclude(connection, workspace, taken, hmac_key)
            new += taken.new
        return Counts(new, len(batch.records) - readings.skipped - new, readings.skipped)

    def _conclude(self, connection: Connection, workspace: str, taken: Taken, hmac_key: bytes) -> None:
        changes, decided, revised = taken.changes, taken.decided, taken.revised
        remove_statements(connection, workspace, [each.before for each in changes if each.before])
        add_statements(connection, workspace, [each.after for each in changes if each.after])
        limits = load_limits(connection, workspace)
        cookies = relink(connection, workspace, changes, decided, limits=limits, revised=revised)
        people = rejoin(
            connection,
            workspace,
            changes,
            decided,
            hmac_key=hmac_key,
            limit=limits.identifiers_per_person,
            revised=revised,
        )
        publisher = Publisher(connection, workspace, self._generation)
        publisher.publish_identifiers(people)
        publisher.publish_cookies(cookies)

    def _hmac_key(self, workspace: str) -> bytes:
        try:
            return self._keyring.hmac_key(workspace)
        except KeyError:
            raise UnknownWorkspace("the record's workspace is not in keys.json; add it and replay the record") from None
