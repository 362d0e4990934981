"""Zoho's access tokens: made of a refresh token at the accounts server of the data centre, for an hour each.

Zoho gives at most ten in ten minutes, so one is kept until it is about to end, and what is asked at the same time shares the
next. Source: zoho.com/crm/developer/docs/api/v8/refresh.html.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

import httpx

from .answers import ApiRefused, exchange, json_of

ACCOUNTS = "https://accounts.zoho.com"
"""The accounts server of the United States; `accounts` in `crm_access` names that of another data centre."""

_EARLY = 60.0
_YOUNG = 60.0
"""In which a token that is refused is not the fault: it lacks a scope, or somebody else has just made it."""


class ZohoTokens:
    """See `api.Credentials`."""

    def __init__(self, access: Mapping[str, str], clock: Callable[[], float]) -> None:
        self._form = {name: access[name] for name in ("client_id", "client_secret", "refresh_token")}
        self._accounts = access.get("accounts", ACCOUNTS).rstrip("/")
        self._token = ""
        self._made = self._ends = -_YOUNG
        self._clock = clock
        self._turn = asyncio.Lock()

    @property
    def base(self) -> str:
        """Where the API of the data centre is: accounts.zoho.eu → www.zohoapis.eu, accounts.zohocloud.ca → www.zohoapis.ca."""
        return re.sub(r"//accounts\.zoho(cloud)?\.", "//www.zohoapis.", self._accounts)

    async def headers(self, client: httpx.AsyncClient) -> Mapping[str, str]:
        async with self._turn:
            if self._clock() >= self._ends:
                await self._make(client)
        return {"authorization": f"Zoho-oauthtoken {self._token}"}

    async def renew(self, client: httpx.AsyncClient) -> bool:
        async with self._turn:
            if self._clock() >= self._made + _YOUNG:
                await self._make(client)
        return True

    async def _make(self, client: httpx.AsyncClient) -> None:
        form = {**self._form, "grant_type": "refresh_token"}
        answer = await exchange(client, "POST", f"{self._accounts}/oauth/v2/token", data=form)
        said = json_of(answer, f"{self._accounts}/oauth/v2/token") if answer.is_success else {}
        token = said.get("access_token") if isinstance(said, dict) else None
        if not isinstance(token, str):  # Zoho says what is wrong with a 200 too
            raise ApiRefused(
                f"{self._accounts} gave no access token (answered {answer.status_code}): client_id, client_secret and "
                "refresh_token in keys.json must belong together, and to this data centre",
                answer,
            )
        self._token, self._made = token, self._clock()
        runs = said.get("expires_in")
        self._ends = self._made + max(_YOUNG, (runs if isinstance(runs, int) else 3600) - _EARLY)
