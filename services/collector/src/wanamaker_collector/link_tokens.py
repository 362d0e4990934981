"""Link tokens: a visitor's id on its way from one of the owner's domains to another, in the parameter `_wm` of a link.

Signed, valid for two minutes and for the browser that asked only, since links are copied and sent on. Pure: time is an argument.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from itsdangerous import BadSignature

from .cookies import signer

LASTS_SECONDS = 120
_SECOND = 1_000_000
_LONGEST = 2048


class LinkTokens:
    """The tokens of one workspace; `keys` as those of the cookie."""

    def __init__(self, workspace: str, keys: Sequence[bytes]) -> None:
        self._signer = signer(keys, f"link/{workspace}")

    def issue(self, id: str, user_agent: str, at: int) -> str:
        """A token for this visitor; `at` in microseconds since 1970."""
        expires = at // _SECOND + LASTS_SECONDS
        return self._signer.sign(f"{id.encode().hex()}.{expires}.{_browser(user_agent)}".encode()).decode()

    def read(self, token: str, user_agent: str, at: int) -> str | None:
        """The visitor's id if the token is ours, was not expired at that time, and is used by the browser it was made for.

        `at` is when the event happened, not when it came in: one that had to wait in the browser is still the same visitor's.
        """
        if len(token) > _LONGEST:
            return None
        try:
            id, expires, browser = self._signer.unsign(token.encode("utf-8", "replace")).decode("ascii").split(".")
            if at // _SECOND > int(expires) or browser != _browser(user_agent):
                return None
            return bytes.fromhex(id).decode()
        except (BadSignature, ValueError):
            return None


def _browser(user_agent: str) -> str:
    return hashlib.sha256(user_agent.encode("utf-8", "replace")).hexdigest()[:16]
