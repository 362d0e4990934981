"""From changed links and decisions to the cookies whose active links may be others now.

links → ties (all links of a cookie to one identifier) → is the cookie crowded → the ties' turns → which of them fit.
Reads the changed links and ties, the links that share a user id with them, and the cookies that an e-mail may have; not the
rest of the cookie's or the e-mail's history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from ..causes import Cause, blame
from ..limits import Tie, queued, settled
from ..links import Link, resolve
from ..repository import records, statements
from ..repository import ties as stored
from ..repository.records import StoredLink
from ..repository.ties import TieKey
from ..sayings import Pair
from .changes import Change
from .decided import Limits

_COOKIE = "cookie:"


def relink(
    connection: Connection,
    workspace: str,
    changes: Iterable[Change],
    decided: Mapping[Pair, Cause],
    *,
    limits: Limits,
    revised: Cause | None = None,
) -> dict[str, Cause]:
    """The cookies to publish, each with what brought it about. `revised`: limits changed, so everything is looked at."""
    linked = _save_links(connection, workspace, [change for change in changes if change.old_link or change.new_link])
    dirty = dict(linked)
    for (a, b), cause in decided.items():
        if a.startswith(_COOKIE):
            blame(dirty, [(a.removeprefix(_COOKIE), b)], cause)
    if not dirty and revised is None:
        return {}
    work = _Work(connection, workspace, limits, dirty)
    work.renew_ties()
    work.renew_crowds(stored.all_tied_cookies(connection, workspace) if revised else set(), revised)
    work.renew_turns(stored.all_emails_in_turn(connection, workspace) if revised else set(), revised)
    return work.settle(linked)


def _save_links(connection: Connection, workspace: str, changes: Collection[Change]) -> dict[TieKey, Cause]:
    """Write the links that changed, also those that stand for another e-mail now; the ties they were and are in."""
    if not changes:
        return {}
    causes: dict[str, Cause] = {}
    new: dict[records.Key, Link] = {}
    gone: dict[records.Key, StoredLink] = {}
    users: set[tuple[str, str]] = set()
    for change in changes:
        if change.old_link is not None:
            gone[change.old_link.link.key] = change.old_link
        if change.new_link is not None:
            new[change.new_link.key] = change.new_link
        for link in (change.old_link.link if change.old_link else None, change.new_link):
            if link is not None:
                blame(causes, [link.cookie], change.cause)
                users |= {(link.cookie, link.user_id)} if link.user_id else set()

    before = records.load_links_of_users(connection, workspace, users) | gone
    after = {key: each.link for key, each in before.items() if key not in gone} | new
    by_cookie: dict[str, list[Link]] = {}
    for link in after.values():
        by_cookie.setdefault(link.cookie, []).append(link)
    resolved = {link.key: StoredLink(link, to) for links in by_cookie.values() for link, to in resolve(links).items()}

    changed = {key: each for key, each in resolved.items() if before.get(key) != each}
    lost = {key: each for key, each in gone.items() if key not in new}
    records.delete_links(connection, workspace, lost)
    records.save_links(connection, workspace, changed.values())
    ties: dict[TieKey, Cause] = {}
    for each in (*lost.values(), *changed.values(), *(before[key] for key in changed if key in before)):
        if each.identifier is not None:
            blame(ties, [(each.link.cookie, each.identifier)], causes[each.link.cookie])
    return ties


@dataclass(slots=True)
class _Work:
    """The ties at hand: as they were, and as they are now. `None` in `now`: it has no links any more."""

    connection: Connection
    workspace: str
    limits: Limits
    causes: dict[TieKey, Cause]
    was: dict[TieKey, Tie] = field(default_factory=dict)
    now: dict[TieKey, Tie | None] = field(default_factory=dict)
    saved: dict[TieKey, Tie] = field(default_factory=dict)
    crowded: dict[str, bool] = field(default_factory=dict)

    def renew_ties(self) -> None:
        """First link and verdict of the dirty ties."""
        keys = list(self.causes)
        self._adopt(stored.load_ties(self.connection, self.workspace, keys))
        firsts = stored.first_links(self.connection, self.workspace, keys)
        pairs = [(_COOKIE + cookie, identifier) for cookie, identifier in firsts]
        verdicts = statements.latest_verdicts(self.connection, self.workspace, pairs)
        self.crowded = stored.load_crowded(self.connection, self.workspace, {cookie for cookie, _ in keys})
        for key in keys:
            if key not in firsts:
                self.now[key] = None
                continue
            cookie, identifier = key
            tie = self.was.get(key) or Tie(cookie, identifier, firsts[key])
            verdict = verdicts.get((_COOKIE + cookie, identifier))
            self.now[key] = queued(replace(tie, first=firsts[key], verdict=verdict), crowded=self.crowded[cookie])
        stored.delete_ties(self.connection, self.workspace, [key for key in self.was if self.now[key] is None])
        self._save()

    def renew_crowds(self, all_cookies: set[str], revised: Cause | None) -> None:
        """Which of the cookies name too many e-mails; where that changed, all their ties are at hand afterwards."""
        causes: dict[str, Cause] = {}
        for (cookie, _), cause in self.causes.items():
            blame(causes, [cookie], cause)
        if revised is not None:
            blame(causes, all_cookies, revised)
            self.crowded |= stored.load_crowded(self.connection, self.workspace, all_cookies)
        most = self.limits.emails_per_cookie
        crowded = stored.find_crowded(self.connection, self.workspace, causes, limit=most)
        flipped = {each: each in crowded for each in causes if self.crowded.get(each, False) != (each in crowded)}
        stored.save_crowded(self.connection, self.workspace, flipped)
        self.crowded |= flipped
        self._adopt(stored.load_ties_of_cookies(self.connection, self.workspace, flipped))
        for key, tie in self.now.items():
            blame(self.causes, [key], causes[key[0]])
            if tie is not None:
                self.now[key] = queued(tie, crowded=self.crowded[key[0]])
        self._save()

    def renew_turns(self, all_emails: set[str], revised: Cause | None) -> None:
        """Which cookies the e-mails have, where one joined, left or changed its place in the queue."""
        causes: dict[str, Cause] = {}
        for key, tie in self.now.items():
            was = self.was.get(key)
            if _place(was) != _place(tie):
                blame(causes, [key[1]], self.causes[key])
        if revised is not None:
            blame(causes, all_emails, revised)
        if not causes:
            return
        most = self.limits.cookies_per_email
        fitting = stored.cookies_that_fit(self.connection, self.workspace, causes, limit=most)
        fitted = stored.cookies_that_fitted(self.connection, self.workspace, causes)
        moved = {(cookie, email): email for email in causes for cookie in fitting[email] ^ fitted[email]}
        self._adopt(stored.load_ties(self.connection, self.workspace, [key for key in moved if key not in self.now]))
        for key, email in moved.items():
            blame(self.causes, [key], causes[email])
            tie = self.now[key]
            assert tie is not None, "a tie that is gone stands in no queue"
            self.now[key] = replace(tie, fits=key[0] in fitting[email])

    def settle(self, linked: Collection[TieKey]) -> dict[str, Cause]:
        """Status of the ties at hand; the cookies that gained, lost or changed active links."""
        unknown = {cookie for cookie, _ in self.now} - self.crowded.keys()
        self.crowded |= stored.load_crowded(self.connection, self.workspace, unknown)
        dirty: dict[str, Cause] = {}
        for key, tie in self.now.items():
            if tie is not None:
                tie = self.now[key] = settled(tie, crowded=self.crowded[key[0]])
            was = self.was.get(key)
            actives = [each is not None and each.status == "active" for each in (was, tie)]
            if actives[0] != actives[1] or (key in linked and any(actives)):
                blame(dirty, [key[0]], self.causes[key])
        self._save()
        return dirty

    def _adopt(self, ties: Mapping[TieKey, Tie]) -> None:
        for key, tie in ties.items():
            if key not in self.now:
                self.was[key] = self.now[key] = self.saved[key] = tie

    def _save(self) -> None:
        fresh = {key: tie for key, tie in self.now.items() if tie is not None and self.saved.get(key) != tie}
        stored.save_ties(self.connection, self.workspace, fresh.values())
        self.saved |= fresh


def _place(tie: Tie | None) -> object:
    """Where a tie stands in the queue of its e-mail; None = nowhere."""
    return None if tie is None or tie.turn is None else (tie.turn, tie.first)
