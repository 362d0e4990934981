"""Links: each form or identify ties its cookie to the e-mail it names, else to the user id, or to what that stands for.

Pure. A user id that the same cookie also sent together with an e-mail stands for that e-mail: the last such at or before the
link, else the first after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Moment(NamedTuple):
    """A cookie's events in order: the sender is the cookie itself, so three parts are enough."""

    at: int
    source: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """A form or identify that names somebody. `previous_user_id` is kept only where it counts (secret-key identify)."""

    cookie: str
    at: int
    source: str
    event_id: str
    type: str
    trust: str
    user_id: str | None
    email_key: str | None
    previous_user_id: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of its record: source, sender, event_id."""
        return self.source, self.cookie, self.event_id

    @property
    def moment(self) -> Moment:
        return Moment(self.at, self.source, self.event_id)

    @property
    def lead(self) -> bool:
        """Whether the event itself named the e-mail."""
        return self.email_key is not None


def resolve(links: Iterable[Link]) -> dict[Link, str | None]:
    """To whom each link ties its cookie, as identifier text; None if it names a previous user id only.

    `links` are of one cookie; if one with a user id is among them, so must be all with that user id.
    """
    links = list(links)
    together: dict[str, list[Link]] = {}
    for link in sorted(links, key=lambda link: link.moment):
        if link.user_id and link.email_key:
            together.setdefault(link.user_id, []).append(link)
    return {link: _identifier(link, together.get(link.user_id or "", [])) for link in links}


def _identifier(link: Link, together: list[Link]) -> str | None:
    if link.email_key:
        return f"email:{link.email_key}"
    if not link.user_id:
        return None
    if not together:
        return f"user:{link.user_id}"
    before = bisect_right(together, link.moment, key=lambda other: other.moment)
    return f"email:{together[before - 1 if before else 0].email_key}"
