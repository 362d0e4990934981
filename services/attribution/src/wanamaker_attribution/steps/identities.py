"""Step 3, identities: take in what identity concluded. Of one key's values the highest (generation, version) holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy import delete as delete_from

from wanamaker_shared.contracts.identifiers import profile_id
from wanamaker_shared.contracts.identity_updates import CookieLinked, IdentifierResolved
from wanamaker_shared.service.given import given
from wanamaker_shared.service.sql import upsert

from ..bots import part_links
from ..owners import Link
from ..tables import deal_contact, identifier, identity_version
from .cookies import NEW, CookieRow, Renewed, load_cookies, renew_cookies
from .facts import Moved
from .run import Cause, Run, mark

_given = given()
_w: BindParameter[str] = bindparam("workspace")
_versions = select(
    identity_version.c.identifier, identity_version.c.generation, identity_version.c.version
).select_from(
    _given.joined(
        identity_version,
        (identity_version.c.workspace == _w) & (identity_version.c.identifier == _given.text(0)),
    )
)
_identifiers = select(identifier.c.identifier, identifier.c.profile, identifier.c.since).select_from(
    _given.joined(identifier, (identifier.c.workspace == _w) & (identifier.c.identifier == _given.text(0)))
)
_forget = delete_from(identifier).where(
    identifier.c.workspace == bindparam("w"), identifier.c.identifier == bindparam("i")
)
_deals_of_contacts = select(deal_contact.c.identifier, deal_contact.c.connection, deal_contact.c.deal_id).select_from(
    _given.joined(
        deal_contact,
        (deal_contact.c.workspace == _w) & (deal_contact.c.identifier == _given.text(0)),
    )
)


def take_links(run: Run, updates: Sequence[CookieLinked]) -> tuple[dict[str, Moved], int]:
    """Take in cookies' links. Gives the cookies whose owners may change from a time on, and how many updates were old."""
    newest = _newest(run, updates)
    stored = load_cookies(run, (_name(key) for key in newest))
    renewed = {}
    for key, update in newest.items():
        before = stored.get(_name(key), NEW)
        said = (Link(link.at, link.source, link.event_id, link.identifier, link.lead) for link in update.links)
        after = CookieRow(*part_links(said, before.bot_days, run.settings.zone), before.bot_days)
        renewed[_name(key)] = Renewed(before, after, _cause(update))
    return renew_cookies(run, renewed), len(updates) - len(newest)


def take_resolutions(run: Run, updates: Sequence[IdentifierResolved]) -> int:
    """Take in whose identifiers are; leaves dirty profiles and deals. Gives how many updates were old."""
    newest = _newest(run, updates)
    found = {row.identifier: row for row in run.look_up(_identifiers, ((key,) for key in newest))}
    stored = {key: row.profile for key, row in found.items()}
    moved: dict[str, Cause] = {}
    for key, update in newest.items():
        profiles = {stored.get(key, ""), update.profile}
        if len(profiles) == 2 or (key in found and found[key].since != update.since):
            run.members |= profiles - {""}
        if len(profiles) == 2:
            moved[key] = _cause(update)
            mark(run.profiles, profiles - {""}, moved[key])
    unnamed = [{"w": run.workspace, "i": key} for key, update in newest.items() if not update.profile]
    if unnamed:
        run.connection.execute(_forget, unnamed)
    upsert(
        run.connection,
        identifier,
        [
            run.row(
                identifier=key,
                profile=update.profile,
                own_profile=profile_id(run.hmac_key, key),
                since=update.since,
                via=update.via,
            )
            for key, update in newest.items()
            if update.profile
        ],
    )
    contacts = ((key,) for key in moved if key.startswith("contact:"))
    for who, connection, deal_id in run.look_up(_deals_of_contacts, contacts):
        mark(run.deals, [(connection, deal_id)], moved[who])
    return len(updates) - len(newest)


def _cause(update: CookieLinked | IdentifierResolved) -> Cause:
    """What made identity say so. An update has the times of its cause."""
    return Cause(update.received_at, update.cause)


def _newest(run: Run, updates: Sequence[Any]) -> dict[str, Any]:
    """Of each key the newest update, if it is newer than what was taken in before."""
    newest: dict[str, Any] = {}
    known = {
        row.identifier: (row.generation, row.version)
        for row in run.look_up(_versions, ((update.identifier,) for update in updates))
    }
    for update in updates:
        version = (update.generation, update.version)
        if version > known.get(update.identifier, (0, 0)):
            known[update.identifier] = version
            newest[update.identifier] = update
    upsert(
        run.connection,
        identity_version,
        [
            run.row(identifier=key, generation=update.generation, version=update.version)
            for key, update in newest.items()
        ],
    )
    return newest


def _name(key: str) -> str:
    return key.removeprefix("cookie:")
