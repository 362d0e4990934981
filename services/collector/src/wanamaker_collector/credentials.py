"""Whose request it is: the write key of a browser or the secret key of a server, by Basic auth or in the body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from wanamaker_shared.service.keys import Grant, Keyring

from .consent import OPT_OUT, Policy
from .cookies import VisitorCookie
from .link_tokens import LinkTokens
from .mapping import FORM_EVENTS, Origin
from .sites import Site

_LONGEST = 1024
"""What is longer is looked up each time: a body may have a mebibyte of it, and four thousand of those fill the memory."""


class Credentials:
    """Looks keys up in the keyring and answers the `Origin` of the events that come with them.

    `cookie_domain` and `cookieless` are for all sites, `policy` is what holds where visitors stated no consent.
    """

    def __init__(
        self,
        keyring: Keyring,
        form_events: Iterable[str] = (),
        *,
        policy: Policy = OPT_OUT,
        cookie_domain: str | None = None,
        cookieless: bool = False,
    ) -> None:
        self._keyring = keyring
        self._form_events = FORM_EVENTS | frozenset(form_events)
        self._policy = policy
        self._sites = {
            name: Site(
                VisitorCookie(name, keys.cookie_secrets, domain=cookie_domain),
                LinkTokens(name, keys.cookie_secrets),
                keys.cookie_secrets[0],
                frozenset(origin.encode() for origin in keys.origins),
                cookieless,
            )
            for name, keys in keyring.workspaces.items()
        }
        # Browsers send the same few headers for ever; hashing each again would cost more than parsing an event.
        self._known_header = lru_cache(maxsize=4096)(self._of_header)
        self._known_key = lru_cache(maxsize=4096)(self._look_up)

    def of_body(self, write_key: Any) -> Origin | None:
        """The origin for the `writeKey` of a body; None if that is nobody's, or may not write."""
        if not isinstance(write_key, str):
            return None
        return self._known_key(write_key) if len(write_key) <= _LONGEST else self._look_up(write_key)

    def of_header(self, authorization: bytes) -> Origin | None:
        """The origin for `Basic base64(key:)`; whatever stands as the password is ignored."""
        known = self._known_header if len(authorization) <= _LONGEST else self._of_header
        return known(authorization)

    def _of_header(self, authorization: bytes) -> Origin | None:
        scheme, _, encoded = authorization.partition(b" ")
        if scheme.lower() != b"basic":
            return None
        try:
            key = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self._look_up(key.partition(":")[0])

    def _look_up(self, key: str) -> Origin | None:
        grant = self._keyring.grant(key)
        if grant is None or grant.role not in ("write", "secret"):
            return None
        return self.of_grant(grant)

    def of_grant(self, grant: Grant) -> Origin:
        """The origin for a write or a secret key."""
        return Origin(
            workspace=grant.workspace,
            source=grant.key_id,
            browser=grant.role == "write",
            workspace_key=self._keyring.hmac_key(grant.workspace),
            form_events=self._form_events,
            policy=self._policy,
            site=self._sites[grant.workspace] if grant.role == "write" else None,
        )

    def allow(self, website: bytes) -> bool:
        """Whether any key lets this origin send."""
        return any(site.allows(website) for site in self._sites.values())
