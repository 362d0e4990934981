"""Of all records, those that count: one for each identity, each topic of each workspace in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.crm_events import CrmEvent
from wanamaker_shared.contracts.decisions import Decision, PersonErase
from wanamaker_shared.contracts.rates import RateRecorded
from wanamaker_shared.contracts.record import Identity, Record, precedence
from wanamaker_shared.contracts.settings import SettingsRevised
from wanamaker_shared.contracts.web_events import WebEvent

Entry = tuple[str, Record, bytes]
"""(topic, record, its bytes as the log has them)."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The records of one workspace that count, each list in order."""

    web: list[WebEvent] = field(default_factory=list)
    crm: list[CrmEvent] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    erasures: list[PersonErase] = field(default_factory=list)
    settings: list[SettingsRevised] = field(default_factory=list)
    spend: list[SpendRevised] = field(default_factory=list)
    rates: list[RateRecorded] = field(default_factory=list)


def sources_by_workspace(entries: Iterable[Entry]) -> dict[str, Sources]:
    found: dict[str, Sources] = {}
    for record in sorted(winners(entries), key=lambda record: record.order):
        sources = found.setdefault(record.workspace, Sources())
        match record:
            case WebEvent():
                sources.web.append(record)
            case CrmEvent():
                sources.crm.append(record)
            case Decision():
                sources.decisions.append(record)
            case PersonErase():
                sources.erasures.append(record)
            case SettingsRevised():
                sources.settings.append(record)
            case SpendRevised():
                sources.spend.append(record)
            case RateRecorded():
                sources.rates.append(record)
            case _:
                raise TypeError(f"the oracle reads source topics only, not {record.type}")
    return found


def winners(entries: Iterable[Entry]) -> list[Record]:
    """One record for each identity of a topic, whatever their types: highest revision, first received, smallest digest."""
    candidates: dict[tuple[str, Identity], list[tuple[Record, bytes]]] = {}
    for topic, record, value in entries:
        candidates.setdefault((topic, record.identity), []).append((record, value))
    return [min(several, key=lambda pair: precedence(*pair))[0] for several in candidates.values()]
