"""Drawn histories in which many people meet in few places: small limits, shared contacts, decisions, replaced records.

Beside the oracle's own alphabet, which is about the whole loop: here nearly every record bears on who somebody is.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from wanamaker_identity.erasing import decision_id
from wanamaker_shared.contracts import crm_events, decisions, settings, web_events
from wanamaker_shared.contracts.record import Record, encode

from .harness import Entry

EMAILS = ("a" * 4, "b" * 4, "c" * 4)
USERS = ("u1", "u2")
CONTACTS = ("C1", "C2", "C3")
COOKIES = ("k1", "k2", "k3")
KEYS = {"w": b"w" * 32}

_IDENTIFIERS = (
    *(f"email:{each}" for each in EMAILS),
    *(f"user:{each}" for each in USERS),
    *(f"contact:crm/{each}" for each in CONTACTS),
    *(f"cookie:{each}" for each in COOKIES),
)


def _maybe(values: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(values))


def _some(values: tuple[str, ...]) -> st.SearchStrategy[list[str] | None]:
    return st.one_of(st.none(), st.lists(st.sampled_from(values), max_size=2))


@st.composite
def _envelope(draw: st.DrawFn, source: str, sender: str = "") -> dict[str, Any]:
    """Few event ids, so that records meet under one identity; few times, so that they tie."""
    return {
        "workspace": "w",
        "source": source,
        "sender": sender,
        "event_id": f"e{draw(st.integers(1, 8))}",
        "occurred_at": draw(st.integers(1, 9)),
        "received_at": draw(st.integers(1, 3)),
        "revision": draw(st.sampled_from([0, 0, 0, 1])),
    }


@st.composite
def _web(draw: st.DrawFn) -> tuple[str, Record]:
    about = draw(_envelope("site", draw(st.sampled_from(COOKIES))))
    about |= {"trust": draw(st.sampled_from(["browser", "server"])), "bot": draw(st.integers(0, 9)) == 0}
    said = {"user_id": draw(_maybe(USERS)), "email_key": draw(_maybe(EMAILS))}
    kind = draw(st.sampled_from(["page", "form", "form", "identify", "identify"]))
    record: Record
    if kind == "page":
        record = web_events.PageViewed(**about)
    elif kind == "form":
        record = web_events.FormSubmitted(**about, **said)
    else:
        record = web_events.Identified(**about, **said, previous_user_id=draw(_maybe(USERS)))
    return web_events.TOPIC, record


@st.composite
def _crm(draw: st.DrawFn) -> tuple[str, Record]:
    about = draw(_envelope("crm"))
    contact, other = draw(st.sampled_from(CONTACTS)), draw(st.sampled_from(CONTACTS))
    kind = draw(st.sampled_from(["revised", "revised", "revised", "merged", "deal", "deleted", "erased"]))
    record: Record
    if kind == "revised":
        stated = {"email_keys": draw(_some(EMAILS)), "user_ids": draw(_some(USERS)), "lifecycle": "lead"}
        names = draw(st.sets(st.sampled_from(sorted(stated))))
        properties = {name: stated[name] for name in sorted(names)}
        record = crm_events.ContactRevised(**about, contact_id=contact, properties=properties)
    elif kind == "merged":
        record = crm_events.ContactMerged(**about, from_id=contact, into_id=other)
    elif kind == "deal":
        record = crm_events.DealRevised(
            **about, deal_id="D", contacts=[contact], contacts_added=[other], contacts_removed=["C9"]
        )
    elif kind == "erased":
        record = crm_events.ContactErased(**about, contact_id=contact)
    else:
        record = crm_events.DealDeleted(**about, deal_id="D")
    return crm_events.TOPIC, record


@st.composite
def _decision(draw: st.DrawFn) -> tuple[str, Record]:
    kind = draw(st.sampled_from([decisions.LinkRevoke, decisions.LinkRelease, decisions.PersonErase]))
    if kind is decisions.PersonErase:
        return decisions.TOPIC, draw(_erasure())
    a, b = draw(st.sampled_from(_IDENTIFIERS)), draw(st.sampled_from(_IDENTIFIERS))
    return decisions.TOPIC, kind(**draw(_envelope("identity")), a=a, b=b)


@st.composite
def _erasure(draw: st.DrawFn) -> Record:
    """By an admin, or what a CRM's record becomes, whether that record is among those drawn or not."""
    about = draw(_envelope("identity"))
    via = draw(st.sampled_from(["contact.erased", "api"]))
    if via == "contact.erased":
        about["event_id"] = decision_id("w", "crm", about["event_id"])
    return decisions.PersonErase(**about, identifier=draw(st.sampled_from(_IDENTIFIERS)), via=via)


@st.composite
def _setting(draw: st.DrawFn) -> tuple[str, Record]:
    names = ("emails_per_cookie", "cookies_per_email", "identifiers_per_person")
    stated = {name: draw(st.sampled_from([1, 2, 3, 4, None])) for name in sorted(draw(st.sets(st.sampled_from(names))))}
    return settings.TOPIC, settings.SettingsRevised(**draw(_envelope("attribution")), stated=stated)


def crowds() -> st.SearchStrategy[list[Entry]]:
    """Records in any order; some are said twice, some under the identity of another."""
    records = st.one_of(_web(), _web(), _crm(), _crm(), _decision(), _setting())
    told = st.lists(records, min_size=1, max_size=30)
    return told.map(lambda several: [(topic, record, encode(record)) for topic, record in several])
