"""What a website's browsers are given and held to: cookie, link tokens, the origins that may send, ids without a cookie. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from .cookies import VisitorCookie
from .event_time import DAY
from .link_tokens import LinkTokens


@dataclass(frozen=True, slots=True)
class Site:
    """Of one write key. `origins` are the only ones whose pages may send, as in the header Origin; empty = any."""

    cookie: VisitorCookie
    tokens: LinkTokens
    secret: bytes
    origins: frozenset[bytes] = frozenset()
    cookieless: bool = False
    """Nothing is stored on any device."""

    def allows(self, origin: bytes) -> bool:
        return not self.origins or origin in self.origins

    def daily_id(self, address: str, user_agent: str, at: int) -> str:
        """The id of a browser without a cookie: the same within a day of UTC, and on no other day.

        A keyed hash of what comes with every request; neither the address nor the user agent can be read from it.
        """
        return self._keyed("daily", str(at // DAY), address, user_agent)

    def fresh_id(self, of: str, address: str, user_agent: str) -> str:
        """A new visitor's id. Made of the id of the first event, so that the same request sent again makes no second one, and
        of what tells browsers apart, so that an id which is the same in every copy of a newsletter makes no one of them all."""
        return self._keyed("fresh", of, address, user_agent)

    def _keyed(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "replace")
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()[:32]
