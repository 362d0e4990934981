"""What Pipedrive's API says: objects as they are, deals' participants, deals that were deleted.

The statements are those of webhooks (`pipedrive`), behind them in the second of the change (`whole_seconds`), so that a state
that no webhook told comes out and one that was told is no news. `readers/pipedrive.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.mapping import Context, Mapped, Unmappable, Webhook
from wanamaker_shared.contracts.crm_events import CrmEvent

from .pages import map_answer, rows
from .pipedrive import LISTS, READING, Statements
from .pipedrive_properties import changed_at, is_gone, linked
from .whole_seconds import read_after, whole_micros


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    return map_answer(
        webhook, READING, LISTS, lambda answer: _Reading(answer, Statements(webhook, context, answer.id("company")))
    )


class _Reading:
    """See `pages.Reading`."""

    def __init__(self, answer: Fields, statements: Statements) -> None:
        self._statements = statements
        self.standing = statements.standing
        self._read = answer.required("read", whole_micros)
        self._participants = {
            row.id("deal"): [linked(each, "participants.persons") for each in rows(row, "persons")]
            for row in answer.objects("participants")
        }

    def object(self, kind: str, found: Fields) -> Iterator[CrmEvent]:
        object_id, changed = found.id(), changed_at(found)
        if changed is None:
            raise Unmappable("update_time", "is missing")
        at = read_after(changed, self._read)
        yield from self._statements.of(kind, found, object_id, at)
        if kind == "deal" and not is_gone(found):
            yield self._statements.exists(object_id, changed)
            person = found.optional("person_id", linked)
            everybody = {*([] if person is None else [person]), *self._participants.get(object_id, [])}
            yield self._statements.contacts(object_id, sorted(everybody), at)
