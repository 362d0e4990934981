"""What all API answers share: which question each answers and whether there is another page, and objects that fail one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Failure, Mapped, Unmappable, Webhook, page
from wanamaker_shared.contracts.crm_events import CrmEvent


class Reading(Protocol):
    """One answer, being read. Its methods raise Unmappable."""

    @property
    def standing(self) -> Mapping[str, str]:
        """See `Mapped.standing`."""
        ...

    def object(self, kind: str, found: Fields) -> Iterable[CrmEvent]:
        """Every record that one object comes to."""
        ...


def map_answer(webhook: Webhook, dialect: str, lists: Mapping[str, str], open_: Callable[[Fields], Reading]) -> Mapped:
    """What an answer says. `lists` gives by kind of object where the answer has them.

    An answer that cannot be read at all still leads to the next page, so that a run ends and tells what failed.
    """
    try:
        answer = Fields(read_json(webhook.body))
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),))
    try:
        reading = open_(answer)
        found = [(kind, value) for kind, name in lists.items() for value in rows(answer, name)]
    except Unmappable as problem:
        return Mapped(failures=(Failure("answer", str(problem)),), **reconciled(answer, dialect))
    events: list[CrmEvent] = []
    failures: list[Failure] = []
    for number, (kind, value) in enumerate(found):
        try:
            events += list(reading.object(kind, Fields(value)))
        except Unmappable as problem:
            failures.append(Failure(f"{kind} {_name(value, number)}", str(problem)))
    standing = {
        event.event_id: reading.standing[event.event_id] for event in events if event.event_id in reading.standing
    }
    return Mapped(tuple(events), tuple(failures), standing=standing, **reconciled(answer, dialect))


def rows(answer: Fields, name: str) -> list[Any]:
    """A list of the answer, however long; none if it is absent or null."""
    found = answer.raw(name)
    if not isinstance(found, list | None):
        raise Unmappable(answer.path(name), "must be a list")
    return found or []


def reconciled(answer: Fields, dialect: str) -> dict[str, Any]:
    """`run` and `fetches` of `Mapped`. `asked` in the answer is the question's parameters, `next` where its next page begins."""
    asked = answer.raw("asked")
    if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in ("run", "list", "since")):
        return {}
    following = answer.raw("next")
    if not isinstance(following, str):
        return {"run": asked["run"]}
    question = page(dialect, run=asked["run"], of=asked["list"], since=asked["since"], after=following)
    return {"run": asked["run"], "fetches": (question,)}


def _name(value: object, number: int) -> str:
    """Which of the answer's objects could not be read: its id, else its place."""
    try:
        return Fields(value).id()
    except Unmappable:
        return f"number {number}"
