"""Attribution's projection: batches of records in, tables out, in the transaction it is given.

The steps stand in the order the data flows, each "dirty keys in → dirty keys out": facts, bots, touchpoints and owners,
identities, deals, people, spend, conversions and credits, ROI, accounts. What a batch did not touch is not read.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from wanamaker_shared.contracts import ad_spend, crm_events, identity_updates, rates, settings, web_events
from wanamaker_shared.contracts.identity_updates import CookieLinked, IdentifierResolved
from wanamaker_shared.contracts.record import precedence
from wanamaker_shared.eventlog.port import Batch
from wanamaker_shared.eventlog.projection import Counts
from wanamaker_shared.service.keys import Keyring

from . import accounts, channels, glance, stages, tables
from . import bots as behaviour
from .steps import bots, deals, identities, people, roi, spend, touchpoints
from .steps.account_statements import take_crm_statements, take_web_statements
from .steps.accounts import settle_accounts
from .steps.conversions import settle_conversions
from .steps.facts import Taken, take_facts, take_web_events
from .steps.rates import subject_of_day, take_rates
from .steps.run import Cause, Run, mark
from .steps.statements import subject_of as deal_subject
from .steps.workspaces import SUBJECT, settings_of, take_settings


@dataclass(frozen=True, slots=True)
class _Reader:
    types: frozenset[str]
    adapter: TypeAdapter[Any]


_READERS: Mapping[str, _Reader] = {
    web_events.TOPIC: _Reader(web_events.TYPES, glance.adapter),
    **{
        module.TOPIC: _Reader(module.TYPES, module.adapter)
        for module in (crm_events, identity_updates, ad_spend, settings, rates)
    },
}


def _deal(record: Any) -> tuple[str, None]:
    return deal_subject(record.source, record.deal_id), None


def _contact(record: Any) -> tuple[str, None]:
    return f"contact:{record.source}/{record.contact_id}", None


def _company(connection: str, company_id: str) -> str:
    return f"company:{connection}/{company_id}"


# By record type what the record is about: (subject, other).
_SUBJECTS: Mapping[str, Callable[[Any], tuple[str, str | None]]] = {
    "deal.revised": _deal,
    "deal.deleted": _deal,
    "deal.restored": _deal,
    "revenue.adjusted": _deal,
    "deal.merged": lambda r: (deal_subject(r.source, r.into_id), deal_subject(r.source, r.from_id)),
    "contact.revised": _contact,
    "contact.merged": lambda r: (f"contact:{r.source}/{r.into_id}", None),
    "contact.erased": _contact,
    "company.revised": lambda r: (_company(r.source, r.company_id), None),
    "company.merged": lambda r: (_company(r.source, r.into_id), _company(r.source, r.from_id)),
    "spend.revised": lambda r: (spend.subject_of(r.provider, r.spend_key), None),
    "settings.revised": lambda r: (SUBJECT, None),
    "rate.recorded": lambda r: (subject_of_day(r.day), None),
}


class AttributionProjection:
    """`now` gives microseconds UTC and says only when a restatement was written; None keeps no history (replays)."""

    topics = tuple(_READERS)
    rules_version = channels.RULES_VERSION + behaviour.RULES_VERSION + stages.RULES_VERSION + accounts.RULES_VERSION
    metadata = tables.metadata

    def __init__(self, keyring: Keyring, now: Callable[[], int] | None = lambda: time.time_ns() // 1000) -> None:
        self._keyring = keyring
        self._now = now

    def apply(self, connection: Connection, batch: Batch) -> Counts:
        by_workspace, skipped = _read(batch)
        chosen = settings_of(connection, set(by_workspace))
        duplicates = 0
        for workspace, taken in by_workspace.items():
            run = Run(
                connection=connection,
                workspace=workspace,
                settings=chosen[workspace],
                hmac_key=self._keyring.hmac_key(workspace),
                keeps_history=self._now is not None,
                now=self._now() if self._now is not None else 0,
            )
            duplicates += _take(run, batch.topic, taken)
            _settle(run)
        return Counts(len(batch.records) - duplicates - skipped, duplicates, skipped)


def _read(batch: Batch) -> tuple[dict[str, list[Taken]], int]:
    """The records by workspace, and how many were of a type this version does not know."""
    reader = _READERS[batch.topic]
    by_workspace = defaultdict[str, list[Taken]](list)
    skipped = 0
    for stored in batch.records:
        try:
            record = reader.adapter.validate_json(stored.value)
        except ValidationError:
            if orjson.loads(stored.value)["type"] in reader.types:
                raise
            skipped += 1
            continue
        by_workspace[record.workspace].append(Taken(record, precedence(record, stored.value)))
    return by_workspace, skipped


def _take(run: Run, topic: str, taken: Sequence[Taken]) -> int:
    """Take the records in and make dirty what they change. Gives how many were duplicates."""
    if topic == web_events.TOPIC:
        changed, duplicates = take_web_events(run, taken)
        take_web_statements(run, changed)
        moved, disowned = bots.judge(run, changed)
        touchpoints.recut(run, moved)
        touchpoints.reown(run, disowned)
        return duplicates
    if topic == identity_updates.TOPIC:
        relinked, old_links = identities.take_links(
            run, [t.record for t in taken if isinstance(t.record, CookieLinked)]
        )
        touchpoints.reown(run, relinked)
        resolved = [t.record for t in taken if isinstance(t.record, IdentifierResolved)]
        return old_links + identities.take_resolutions(run, resolved)
    subjects, counted, duplicates = take_facts(run, topic, taken, _SUBJECTS)
    if topic == crm_events.TOPIC:
        take_crm_statements(run, counted)
    _mark_subjects(run, topic, subjects)
    return duplicates


def _mark_subjects(run: Run, topic: str, changed: Mapping[str, Cause]) -> None:
    if topic == crm_events.TOPIC:
        people.take_contacts(run, {name: why for name, why in changed.items() if name.startswith("contact:")})
        for name, why in changed.items():
            if name.startswith("deal:"):
                connection, _, deal_id = name.removeprefix("deal:").partition("/")
                mark(run.deals, [(connection, deal_id)], why)
    elif topic == ad_spend.TOPIC:
        run.spends.update(changed)
    elif topic == rates.TOPIC:
        take_rates(run, changed)
    elif topic == settings.TOPIC and changed:
        for moved in take_settings(run, changed[SUBJECT]):
            bots.judge_anew(run, moved)
            touchpoints.recut(run, moved)


def _settle(run: Run) -> None:
    roi.count_sessions(run)
    deals.settle_deals(run)
    people.settle_people(run)
    spend.settle_spend(run)
    settle_conversions(run)
    roi.settle_roi(run)
    settle_accounts(run)
