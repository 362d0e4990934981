"""Writing a history down in a few words: a story collects records as the log would have them.

Used by the hand-computed histories, the examples of docs/meanings.md and the alphabet. Times are written
`2026-01-05 10:00` (UTC), money as decimal text, people as `ann@example.com`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from wanamaker_shared.contracts import ad_spend, crm_events, decisions, rates, settings, web_events
from wanamaker_shared.contracts.domains import email_domain
from wanamaker_shared.contracts.identifiers import email_key, profile_id
from wanamaker_shared.contracts.record import Record, encode

from .dedup import Entry
from .tables import Tables, tables

KEYS = {"w1": b"k" * 32, "w2": b"K" * 32}
"""Workspace -> its key."""
CONNECTION = "generic"
WEB = "web"
"""The write key's id."""


def at(text: str) -> int:
    """Microseconds of `2026-01-05 10:00` or `… 10:00:30.000001`, UTC."""
    moment = datetime.fromisoformat(text + "+00:00")
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


class Story:
    def __init__(self, workspace: str = "w1") -> None:
        self.workspace = workspace
        self.entries: list[Entry] = []

    def tables(self) -> Tables:
        return tables(self.entries, KEYS)

    def email(self, address: str) -> str:
        return f"email:{email_key(KEYS[self.workspace], address)}"

    def profile(self, identifier: str) -> str:
        """The profile id that an identifier gives to its person if it is the earliest."""
        return profile_id(KEYS[self.workspace], identifier)

    # What visitors do

    def page(self, cookie: str, when: str, utm: str = "", *, url: str = "shop.test/", **fields: Any) -> Record:
        """`utm` is `source/medium/campaign`, parts left empty or out are absent; `referrer` and `click_id` as keywords."""
        names = ("source", "medium", "campaign", "term", "content")
        parts = {name: part for name, part in zip(names, utm.split("/"), strict=False) if part}
        host, _, path = url.partition("/")
        name, _, value = fields.pop("click_id", "").partition("=")
        page = web_events.Page(
            host=host,
            path=f"/{path}",
            referrer_host=fields.pop("referrer", None),
            utm=web_events.Utm(**parts),
            click_id=web_events.ClickId(name=name, value=value) if name else None,
        )
        return self._web(web_events.PageViewed, cookie, when, page=page, **fields)

    def track(self, cookie: str, when: str, **fields: Any) -> Record:
        return self._web(web_events.Tracked, cookie, when, event="Video Played", **fields)

    def form(self, cookie: str, when: str, email: str | None = None, user: str | None = None, **fields: Any) -> Record:
        return self._web(
            web_events.FormSubmitted, cookie, when, **self._address(email) | fields, user_id=user, form="demo"
        )

    def identify(
        self,
        cookie: str,
        when: str,
        email: str | None = None,
        user: str | None = None,
        *,
        previous: str | None = None,
        trust: Literal["browser", "server"] = "browser",
        **fields: Any,
    ) -> Record:
        return self._web(
            web_events.Identified,
            cookie,
            when,
            user_id=user,
            previous_user_id=previous,
            trust=trust,
            **self._address(email) | fields,
        )

    # What the CRM says

    def deal(self, deal: str, when: str, contacts: list[str] | None = None, **stated: Any) -> Record:
        """`stated` are properties; `added`, `removed` and `connection` too."""
        added, removed = stated.pop("added", []), stated.pop("removed", [])
        return self._crm(
            crm_events.DealRevised,
            when,
            stated.pop("connection", CONNECTION),
            deal_id=deal,
            contacts=contacts,
            contacts_added=added,
            contacts_removed=removed,
            properties=stated,
        )

    def deal_merged(self, from_id: str, into_id: str, when: str) -> Record:
        return self._crm(crm_events.DealMerged, when, from_id=from_id, into_id=into_id)

    def deal_deleted(self, deal: str, when: str) -> Record:
        return self._crm(crm_events.DealDeleted, when, deal_id=deal)

    def deal_restored(self, deal: str, when: str) -> Record:
        return self._crm(crm_events.DealRestored, when, deal_id=deal)

    def contact(
        self,
        contact: str,
        when: str,
        emails: Iterable[str] | None = None,
        users: Iterable[str] | None = None,
        **stated: Any,
    ) -> Record:
        if emails is not None:
            addresses = list(emails)
            stated["email_keys"] = [self._key(address) for address in addresses]
            stated["email_domains"] = [email_domain(address) for address in addresses]
        if users is not None:
            stated["user_ids"] = list(users)
        return self._crm(crm_events.ContactRevised, when, contact_id=contact, properties=stated)

    def contact_erased(self, contact: str, when: str) -> Record:
        return self._crm(crm_events.ContactErased, when, contact_id=contact)

    def company(self, company: str, when: str, **stated: Any) -> Record:
        return self._crm(crm_events.CompanyRevised, when, company_id=company, properties=stated)

    def company_merged(self, from_id: str, into_id: str, when: str) -> Record:
        return self._crm(crm_events.CompanyMerged, when, from_id=from_id, into_id=into_id)

    def contact_merged(self, from_id: str, into_id: str, when: str) -> Record:
        return self._crm(crm_events.ContactMerged, when, from_id=from_id, into_id=into_id)

    def adjustment(self, id: str, deal: str, amount: str, dated: str, when: str, currency: str | None = None) -> Record:
        return self._crm(
            crm_events.RevenueAdjusted, when, adjustment_id=id, deal_id=deal, amount=amount, at=dated, currency=currency
        )

    # What people decide, choose and pay

    def revoke(self, a: str, b: str, when: str) -> Record:
        return self._add(decisions.TOPIC, decisions.LinkRevoke, when, source="identity", a=a, b=b)

    def release(self, a: str, b: str, when: str) -> Record:
        return self._add(decisions.TOPIC, decisions.LinkRelease, when, source="identity", a=a, b=b)

    def settings(self, when: str, **stated: Any) -> Record:
        return self._add(settings.TOPIC, settings.SettingsRevised, when, source="attribution", stated=stated)

    def rate(
        self, day: str, base: str, currency: str, rate: str, *, origin: str = "uploaded", when: str | None = None
    ) -> Record:
        fields = {"day": day, "base": base, "currency": currency, "rate": rate, "origin": origin}
        return self._add(rates.TOPIC, rates.RateRecorded, when or f"{day} 12:00", source="attribution", **fields)

    def spend(
        self, date: str, utm: str, amount: str, *, key: str = "", when: str = "2026-01-01 00:00", **fields: Any
    ) -> Record:
        names = ("utm_source", "medium", "campaign")
        fields |= {name: part for name, part in zip(names, utm.split("/"), strict=False) if part}
        key = key or f"{date}/{utm}/{fields.get('post', 'attract')}"
        return self._add(
            ad_spend.TOPIC,
            ad_spend.SpendRevised,
            when,
            source="attribution",
            date=date,
            amount=amount,
            spend_key=key,
            **fields,
        )

    def _key(self, email: str | None) -> str | None:
        return email_key(KEYS[self.workspace], email) if email else None

    def _address(self, email: str | None) -> dict[str, str | None]:
        return {"email_key": self._key(email), "email_domain": email_domain(email) if email else None}

    def _web(self, kind: type[Record], cookie: str, when: str, **fields: Any) -> Record:
        return self._add(web_events.TOPIC, kind, when, **{"source": WEB, "sender": cookie} | fields)

    def _crm(self, kind: type[Record], when: str, connection: str = CONNECTION, **fields: Any) -> Record:
        return self._add(crm_events.TOPIC, kind, when, source=connection, **fields)

    def _add(self, topic: str, kind: type[Record], when: str, **fields: Any) -> Record:
        """Each record gets the next event id (`e01`, `e02`, …), unless one is given."""
        occurred_at = at(when)
        envelope = {
            "workspace": self.workspace,
            "event_id": f"e{len(self.entries) + 1:02}",
            "occurred_at": occurred_at,
            "received_at": occurred_at,
        }
        record = kind(**envelope | fields)
        self.entries.append((topic, record, encode(record)))
        return record
