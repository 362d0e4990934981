"""What becomes of the rows of a request for links: each is made, is there already, or is refused with the reason. Pure.

Rows are judged in their order, each against the links there are and those that the rows before it make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from wanamaker_shared.contracts.record import canonical
from wanamaker_shared.contracts.settings import WorkspaceSettings
from wanamaker_shared.contracts.tracking_links import LinkCreated, LinkRestored
from wanamaker_shared.link_book import Held

from ..schemas.links import LinkRow, Verdict
from .link import Link, channel_of, link_of, why_not_channel
from .names import FIELDS, Known, Names, clash
from .slugs import slugs
from .targets import PARAMETERS, BadTarget, read_target, require_allowed, tagged

SOURCE = "links"
MOST_LINKS = 100_000
"""In one installation: every collector has all of them in memory."""


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    channel: str | None = None
    held: Held[Link] | None = None
    record: LinkCreated | LinkRestored | None = None
    """What is to be appended, for the verdict to come true."""


@dataclass(slots=True)
class Plan:
    """`find` gives the link of a slug in the whole installation, `links` says how many there are; `names` are those in use."""

    workspace: str
    settings: WorkspaceSettings
    find: Callable[[str], Held[Link] | None]
    links: int
    names: tuple[Names, ...]
    at: int
    has_short_urls: bool
    _drafts: dict[str, Held[Link]] = field(default_factory=dict)
    _draft_names: Names = field(default_factory=Names)

    def judge(self, row: LinkRow) -> Judged:
        reasons: list[str] = []
        channel = channel_of(row.source, row.medium, row.campaign, self.settings)
        if lost := why_not_channel(channel, row.medium, offline=row.offline):
            reasons.append(lost)
        if not row.allow_similar:
            reasons += self._clashes(row)
        if row.offline and not self.has_short_urls:
            reasons.append(
                "an offline link is reached by its short URL, but this installation has none:"
                " set WANAMAKER_COLLECTOR_URL to the public address of the collector"
            )
        try:
            link = self._link(row)
        except BadTarget as error:
            return Judged("refused", (str(error), *reasons), channel)
        slug = self._free_slug(row, link)
        if slug is None:
            reasons.append("slug is taken by another link; choose another one, or leave it out")
        if slug is None or reasons:
            return Judged("refused", tuple(reasons), channel)
        return self._made(slug, link, channel)

    def _made(self, slug: str, link: Link, channel: str) -> Judged:
        held = self._held(slug)
        if held is not None and not held.retired:
            return Judged("exists", (), channel, held)
        if held is not None:
            at = max(self.at, held.changed_at + 1)
            record = self._restoring(slug, at)
            restored = replace(held, changed=record.order, retired=False)
            return self._drafted(restored, Judged("restored", (), channel, restored, record))
        if self.links + len(self._drafts) >= MOST_LINKS:
            return Judged("refused", (f"there are {MOST_LINKS} links, which is the most that can be kept",), channel)
        creating = self._creating(slug, link)
        created = Held(slug, self.workspace, link_of(creating), self.at, creating.order)
        return self._drafted(created, Judged("created", (), channel, created, creating))

    def _drafted(self, held: Held[Link], judged: Judged) -> Judged:
        self._drafts[held.slug] = held
        for name in FIELDS:
            self._draft_names.add(name, Known(getattr(held.link, name), "", by_link=True))
        return judged

    def _clashes(self, row: LinkRow) -> Iterator[str]:
        for name in FIELDS:
            if (known := clash((*self.names, self._draft_names), name, getattr(row, name))) is not None:
                yield f"{name} reads like {_told(known)}; use that, or send allow_similar: true to have both"

    def _link(self, row: LinkRow) -> Link:
        target = read_target(row.url)
        require_allowed(target, {*self.settings.own_domains, *self.settings.link_domains})
        values = {name: value for name in PARAMETERS if (value := getattr(row, name)) is not None}
        url = tagged(target, values)
        return Link(url, target.url, row.source, row.medium, row.campaign, row.term, row.content, row.offline)

    def _free_slug(self, row: LinkRow, link: Link) -> str | None:
        """The slug that is this link's already, or may become it."""
        wanted = (
            [row.slug] if row.slug else slugs(self.workspace, link.url, row.campaign, row.source, row.content or "")
        )
        return next((slug for slug in wanted if self._is_free(slug, link)), None)

    def _is_free(self, slug: str, link: Link) -> bool:
        held = self._held(slug)
        return held is None or (held.workspace == self.workspace and held.link.url == link.url)

    def _held(self, slug: str) -> Held[Link] | None:
        return self._drafts.get(slug) or self.find(slug)

    def _creating(self, slug: str, link: Link) -> LinkCreated:
        return LinkCreated(
            workspace=self.workspace,
            source=SOURCE,
            event_id=record_id("link.created", slug, self.at),
            occurred_at=self.at,
            received_at=self.at,
            slug=slug,
            url=link.url,
            target=link.target,
            utm_source=link.source,
            medium=link.medium,
            campaign=link.campaign,
            term=link.term,
            content=link.content,
            offline=link.offline,
        )

    def _restoring(self, slug: str, at: int) -> LinkRestored:
        return LinkRestored(
            workspace=self.workspace,
            source=SOURCE,
            event_id=record_id("link.restored", slug, at),
            occurred_at=at,
            received_at=self.at,
            slug=slug,
        )


def record_id(type: str, slug: str, at: int) -> str:
    return hashlib.sha256(canonical([type, slug, at])).hexdigest()[:32]


def _told(known: Known) -> str:
    if not known.since:
        return f'"{known.name}" of another row'
    return f'"{known.name}", {"made" if known.by_link else "in reports since"} {known.since}'
