"""Access to Salesforce by the OAuth 2.0 client credentials flow: an app of the organization logs in as itself.

Source: Salesforce help, "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from .answers import ApiRefused, exchange, json_of

_CODE = re.compile(r"[a-z_]{1,50}")
_ORGANIZATION = re.compile(r"/id/(00D[A-Za-z0-9]{12,15})/")


class ClientCredentials:
    """See `api.Credentials`. Raises KeyError for what `crm_access` lacks."""

    def __init__(self, access: Mapping[str, str]) -> None:
        self._login = access["login_url"].rstrip("/") + "/services/oauth2/token"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": access["client_id"],
            "client_secret": access["client_secret"],
        }
        self._token: str | None = None
        self.base: str | None = None
        self.organization: str | None = None
        """Whose data it opens; known after the first login."""

    async def headers(self, client: httpx.AsyncClient) -> Mapping[str, str]:
        if self._token is None:
            await self._log_in(client)
        return {"authorization": f"Bearer {self._token}"}

    async def renew(self, client: httpx.AsyncClient) -> bool:
        """A session ends after some hours, or when somebody ends it."""
        self._token = None
        return True

    async def _log_in(self, client: httpx.AsyncClient) -> None:
        answer = await exchange(client, "POST", self._login, data=self._form)
        if not answer.is_success:
            raise ApiRefused(f"the login was answered {answer.status_code}{_why(answer)}", answer)
        told = json_of(answer, "the login")
        if not isinstance(told, dict) or not all(told.get(name) for name in ("access_token", "instance_url")):
            raise ApiRefused("the login gave no access: is login_url in keys.json your My Domain?", answer)
        self._token, self.base = str(told["access_token"]), str(told["instance_url"])
        found = _ORGANIZATION.search(str(told.get("id", "")))
        self.organization = found[1] if found else None


def _why(answer: httpx.Response) -> str:
    """OAuth's own word for what is wrong (RFC 6749, 5.2), and what to look at."""
    try:
        code = str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return ""
    return f" ({code}): see crm_access in keys.json and the app's settings" if _CODE.fullmatch(code) else ""
