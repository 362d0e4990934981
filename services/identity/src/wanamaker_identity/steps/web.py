"""Web events: which count, and what changes with them. Pages and tracks, nearly all of them, end here."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from wanamaker_shared.contracts.identifiers import profile_id

from ..causes import cause_of
from ..glance import WebGlance
from ..reading import Key, Sighting, beating
from ..repository import records
from ..sayings import link_made, said_by_link
from .changes import Change, Taken


def take_in(connection: Connection, workspace: str, best: Mapping[Key, Sighting[WebGlance]], hmac_key: bytes) -> Taken:
    """One look-up and one insertion for all; a form or identify that counts, or counts no longer, is a change."""
    known = records.load_web_precedences(connection, workspace, best)
    winners = beating(best, known)
    records.save_web_precedences(connection, workspace, {key: seen.rank for key, seen in winners.items()})
    _add_new_cookies(connection, workspace, {sender for _, sender, _ in winners}, hmac_key)

    replaced = records.load_links(connection, workspace, [key for key in winners if key in known])
    changes = []
    for key, seen in winners.items():
        old, new = replaced.get(key), link_made(seen.record)
        if old is not None or new is not None:
            before = said_by_link(old.link) if old else None
            after = said_by_link(new) if new else None
            changes.append(Change(cause_of(seen.record), before, after, old, new))
    return Taken(len(best) - len(known), changes)


def _add_new_cookies(connection: Connection, workspace: str, cookies: set[str], hmac_key: bytes) -> None:
    fresh = cookies - records.load_known_cookies(connection, workspace, cookies)
    records.add_cookies(connection, workspace, {each: profile_id(hmac_key, f"cookie:{each}") for each in sorted(fresh)})
