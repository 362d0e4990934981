"""What Pipedrive's API says: objects as they are, deals' participants, deals that were deleted.

The statements are those of webhooks (`pipedrive`), behind them in the second of the change (`whole_seconds`), so that a state
that no webhook told comes out and one that was told is no news. `readers/pipedrive.py` makes the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Failure, Mapped, Unmappable, Webhook
from wanamaker_crm_bridge.values import items, list_of
from wanamaker_shared.contracts.crm_events import CrmEvent

from .pages import reconciled
from .pipedrive import LISTS, READING, Statements
from .pipedrive_properties import changed_at, is_gone, linked
from .whole_seconds import read_after, whole_micros


def map_reading(webhook: Webhook, context: Context) -> Mapped:
    try:
        answer = Fields(read_json(webhook.body))
        reading = _Reading(answer, Statements(webhook, context, answer.id("company")))
        found = [(kind, value) for kind, name in LISTS.items() for value in items(answer.raw(name) or [], name)]
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    events: list[CrmEvent] = []
    failures: list[Failure] = []
    for number, (kind, value) in enumerate(found):
        try:
            events += list(reading.object(kind, Fields(value)))
        except Unmappable as problem:
            failures.append(Failure(f"{kind} {_name(value, number)}", str(problem)))
    return Mapped(tuple(events), tuple(failures), standing=reading.standing, **reconciled(answer, READING))


class _Reading:
    def __init__(self, answer: Fields, statements: Statements) -> None:
        self._statements = statements
        self._read = answer.required("read", whole_micros)
        self._participants = {
            Fields(row).id("deal"): Fields(row).required("persons", list_of(linked))
            for row in items(answer.raw("participants") or [], "participants")
        }

    @property
    def standing(self) -> dict[str, str]:
        return self._statements.standing

    def object(self, kind: str, found: Fields) -> Iterator[CrmEvent]:
        object_id, changed = found.id(), changed_at(found)
        if changed is None:
            raise Unmappable("update_time", "is missing")
        at = read_after(changed, self._read)
        yield from self._statements.of(kind, found, object_id, at)
        if kind == "deal" and not is_gone(found):
            person = found.optional("person_id", linked)
            everybody = {*([] if person is None else [person]), *self._participants.get(object_id, [])}
            yield self._statements.contacts(object_id, sorted(everybody), at)


def _name(value: object, number: int) -> str:
    """Which of the answer's objects could not be read: its id, else its place."""
    try:
        return Fields(value).id()
    except Unmappable:
        return f"number {number}"
