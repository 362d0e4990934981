"""An example's lines as records: `2026-01-05 10:00  page c1 google/cpc bot=true` calls `Story.page`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.dedup import Entry
from tests.oracle.story import CONNECTION, Story, at
from wanamaker_shared.contracts.record import encode

_LINE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) +(\S+) ?(.*)")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")


@dataclass(slots=True)
class Told:
    """`shown` is what had happened before the line `later`, or None without such a line."""

    story: Story = field(default_factory=Story)
    shown: list[Entry] | None = None
    addresses: set[str] = field(default_factory=set)

    def readable(self, identifier: str | None) -> str:
        """How the page writes an identifier: the address itself, a contact without its connection."""
        if identifier is None:
            return "-"
        by_key = {self.story.email(address): address for address in self.addresses}
        return by_key.get(identifier, identifier).replace(f"contact:{CONNECTION}/", "contact:")

    def identifier(self, text: str) -> str:
        if "@" in text:
            return self.story.email(text)
        return text.replace("contact:", f"contact:{CONNECTION}/")


def tell(lines: Iterable[str]) -> Told:
    """Raises ValueError for a line that cannot be read."""
    told = Told()
    for line in lines:
        if line == "later":
            told.shown = list(told.story.entries)
            continue
        read = _LINE.fullmatch(line.rstrip())
        if read is None or read[3] not in VERBS:
            raise ValueError(f"cannot read this line of an example: {line!r}")
        told.addresses |= set(_ADDRESS.findall(line))
        words = read[4].split()
        named = dict(word.split("=", 1) for word in words if "=" in word)
        envelope: Named = {name: named.pop(name) for name in ("id", "received", "revision") if name in named}
        VERBS[read[3]](told, f"{read[1]} {read[2]}", [word for word in words if "=" not in word], named)
        _restate(told.story, read[1], envelope)
    return told


def _restate(story: Story, day: str, envelope: Named) -> None:
    """Give the last record the envelope that its line states."""
    change: dict[str, Any] = {}
    if "id" in envelope:
        change["event_id"] = envelope["id"]
    if "received" in envelope:
        change["received_at"] = at(f"{day} {envelope['received']}")
    if "revision" in envelope:
        change["revision"] = int(envelope["revision"])
    topic, record, _ = story.entries.pop()
    record = record.model_copy(update=change)
    story.entries.append((topic, record, encode(record)))


Words = list[str]
Named = dict[str, str]


def _page(told: Told, when: str, words: Words, named: Named) -> None:
    fields: dict[str, Any] = dict(named)
    if "user" in fields:
        fields["user_id"] = fields.pop("user")
    told.story.page(words[0], when, *words[1:], **fields | _bot(named))


def _track(told: Told, when: str, words: Words, named: Named) -> None:
    told.story.track(words[0], when, **_bot(named))


def _form(told: Told, when: str, words: Words, named: Named) -> None:
    fields: dict[str, Any] = _stated(named) | _bot(named)
    told.story.form(words[0], when, *words[1:], **fields)


def _identify(told: Told, when: str, words: Words, named: Named) -> None:
    fields: dict[str, Any] = _stated(named)
    told.story.identify(words[0], when, *words[1:], **fields)


def _deal(told: Told, when: str, words: Words, named: Named) -> None:
    lists = {name: _list(named.pop(name)) for name in ("contacts", "added", "removed") if name in named}
    told.story.deal(words[0], when, **lists, **_stated(named))


def _contact(told: Told, when: str, words: Words, named: Named) -> None:
    lists = {name: _list(named.pop(name)) for name in ("emails", "users") if name in named}
    told.story.contact(words[0], when, **lists, **_stated(named))


def _company(told: Told, when: str, words: Words, named: Named) -> None:
    told.story.company(words[0], when, **_stated(named))


def _adjustment(told: Told, when: str, words: Words, named: Named) -> None:
    id, deal, amount, dated = words
    told.story.adjustment(id, deal, amount, dated, when, **named)


def _settings(told: Told, when: str, words: Words, named: Named) -> None:
    told.story.settings(when, **{name: _json(value) for name, value in named.items()})


def _spend(told: Told, when: str, words: Words, named: Named) -> None:
    date, utm, amount = words
    told.story.spend(date, utm, amount, when=when, **named)


VERBS: dict[str, Callable[[Told, str, Words, Named], object]] = {
    "page": _page,
    "track": _track,
    "form": _form,
    "identify": _identify,
    "deal": _deal,
    "contact": _contact,
    "company": _company,
    "company-merged": lambda told, when, words, _: told.story.company_merged(words[0], words[2], when),
    "adjustment": _adjustment,
    "settings": _settings,
    "spend": _spend,
    "rate": lambda told, when, words, named: told.story.rate(*words, **named),
    "deal-merged": lambda told, when, words, _: told.story.deal_merged(words[0], words[2], when),
    "contact-merged": lambda told, when, words, _: told.story.contact_merged(words[0], words[2], when),
    "deal-deleted": lambda told, when, words, _: told.story.deal_deleted(words[0], when),
    "deal-restored": lambda told, when, words, _: told.story.deal_restored(words[0], when),
    "revoke": lambda told, when, words, _: told.story.revoke(*_pair(told, words), when),
    "release": lambda told, when, words, _: told.story.release(*_pair(told, words), when),
}


def _pair(told: Told, words: Words) -> tuple[str, str]:
    a, b = words
    return told.identifier(a), told.identifier(b)


def _bot(named: Named) -> dict[str, bool]:
    return {"bot": named["bot"] == "true"} if "bot" in named else {}


def _list(text: str) -> list[str]:
    return text.split(",") if text else []


def _stated(named: Named) -> dict[str, Any]:
    return {name: _json(value) if value == "null" or value.startswith("{") else value for name, value in named.items()}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
