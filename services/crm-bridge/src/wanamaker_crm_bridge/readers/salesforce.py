"""Reads Salesforce's API: what a message touched, or page by page all that changed since a time, what was deleted too.

A page of objects costs at most five queries. Source: REST API Developer Guide (QueryAll, status codes) and SOQL's reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import orjson

from wanamaker_crm_bridge.connections import Connection
from wanamaker_crm_bridge.dialects.salesforce_fields import ACCOUNT, CONTACT, HISTORY, LEAD, OPPORTUNITY
from wanamaker_crm_bridge.dialects.salesforce_ids import salesforce_id
from wanamaker_crm_bridge.mapping import Fetch

from .answers import ApiRefused, TooLarge
from .api import Api, Apis
from .pages import fitting, following
from .salesforce_access import ClientCredentials

VERSION = "v62.0"
PER_SECOND = 10.0
"""Salesforce limits requests by the day; this is a pace that nobody else in the organization notices."""
PAGE = 200
MOST_ROWS = 50_000
"""Of one query, however many answers they take."""

_ALWAYS = ("Id", "IsDeleted", "SystemModstamp")


class Table(NamedTuple):
    """What is read of a kind of object. `optional` exist in some organizations only."""

    name: str
    fields: tuple[str, ...]
    optional: tuple[str, ...] = ()
    always: tuple[str, ...] = _ALWAYS


_NOT_EVERYWHERE = ("CurrencyIsoCode", "RecordTypeId", "IsPersonAccount")
"""Of organizations with several currencies, with record types, with person accounts."""
TABLES: Mapping[str, Table] = {
    "opportunities": Table(
        "Opportunity",
        (*(name for name in OPPORTUNITY if name not in _NOT_EVERYWHERE), "IsWon", "IsClosed", "CreatedDate"),
        ("CurrencyIsoCode", "RecordTypeId"),
    ),
    "history": Table(
        "OpportunityHistory",
        ("OpportunityId", "CreatedDate", *(name for name in HISTORY if name not in _NOT_EVERYWHERE)),
        ("CurrencyIsoCode",),
        ("Id",),
    ),
    "roles": Table("OpportunityContactRole", ("OpportunityId", "ContactId")),
    "contacts": Table("Contact", (*CONTACT, "MasterRecordId")),
    "leads": Table("Lead", (*LEAD, "MasterRecordId", "ConvertedContactId", "ConvertedOpportunityId", "ConvertedDate")),
    "accounts": Table("Account", (*ACCOUNT, "MasterRecordId"), ("IsPersonAccount",)),
}
_NO_COLUMN = re.compile(r"No such column '(\w{1,100})'")
_ID = re.compile(r"[A-Za-z0-9]{15,18}")


class SalesforceReader:
    """See `fetching.Fetcher`. A question names ids by kind, or is a `mapping.page`."""

    def __init__(self, apis: Apis) -> None:
        self._apis = apis
        self._readings: dict[tuple[str, str], _Reading] = {}

    async def fetch(self, workspace: str, connection: str, question: Fetch) -> bytes:
        if (workspace, connection) not in self._readings:
            self._readings[workspace, connection] = self._open(workspace, connection)
        reading, asked = self._readings[workspace, connection], question.parameters

        async def read(size: int) -> bytes:
            answer = await reading.page(asked, size) if "list" in asked else await reading.objects(_ids(asked))
            reading.check_organization()
            return orjson.dumps({"organization": reading.organization, "asked": dict(asked), **answer})

        return await fitting(read, PAGE if "list" in asked else 1)

    def _open(self, workspace: str, connection: str) -> _Reading:
        api = self._apis.of(
            workspace, connection, base=None, credentials=ClientCredentials, per_second=PER_SECOND, limited=_limited
        )
        return _Reading(api, self._apis.connections.of(connection))


class _Reading:
    """One organization's data."""

    def __init__(self, api: Api, connection: Connection) -> None:
        assert isinstance(api.credentials, ClientCredentials)
        self._api = api
        self._credentials = api.credentials
        self._connection = connection
        self._missing: set[str] = set()  # of the optional fields

    @property
    def organization(self) -> str | None:
        return self._credentials.organization

    def check_organization(self) -> None:
        """Raises ApiRefused if the access is to another one than the connection's."""
        own, told = self._connection.organization, self.organization
        if own is not None and told is not None and salesforce_id(own, "") != salesforce_id(told, ""):
            raise ApiRefused("the access in keys.json opens another organization than connections.toml names")

    async def objects(self, ids: Mapping[str, Iterable[str]]) -> dict[str, Any]:
        """These objects, and what belongs to the opportunities among them."""
        wanted = {kind: set(ids.get(kind, ())) for kind in TABLES}
        deals = await self._of("opportunities", "Id", wanted["opportunities"])
        return await self._complete(deals, wanted)

    async def _complete(self, deals: list[Any], wanted: dict[str, set[str]]) -> dict[str, Any]:
        """These opportunities with their history, contact roles, contacts and accounts, and the others that are wanted."""
        answer: dict[str, Any] = {}
        if deals:
            known = {deal["Id"] for deal in deals}
            roles = await self._of("roles", "OpportunityId", known)
            answer["history"] = await self._of("history", "OpportunityId", known)
            wanted["contacts"] |= {role["ContactId"] for role in roles if role["ContactId"]}
            wanted["accounts"] |= {deal["AccountId"] for deal in deals if deal["AccountId"]}
            answer |= {"opportunities": deals, "roles": roles}
        for kind in ("contacts", "leads", "accounts"):
            if wanted[kind]:
                answer[kind] = await self._of(kind, "Id", wanted[kind])
        return answer

    async def page(self, asked: Mapping[str, str], size: int) -> dict[str, Any]:
        """One page of a list, and where the next one begins. Pages go by id, which does not change."""
        kind = asked["list"]
        begin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(asked["since"]))
        conditions = [f"SystemModstamp >= {begin:%Y-%m-%dT%H:%M:%SZ}"]
        if asked["after"]:
            conditions.append(f"Id > '{_checked(asked['after'])}'")
        found = await self._query(kind, f"{' AND '.join(conditions)} ORDER BY Id LIMIT {size}")
        if kind == "roles":
            answer = await self.objects({"opportunities": {role["OpportunityId"] for role in found}})
        elif kind == "opportunities":
            answer = await self._complete(found, {each: set() for each in TABLES})
        else:
            answer = {kind: found}
        return answer | following(asked, found, found[-1]["Id"] if len(found) == size else None)

    def _own(self, kind: str) -> list[str]:
        """The fields that the connection names."""
        options = self._connection
        return [each for each in (options.lifecycle_field, options.user_id) if each] if kind == "contacts" else []

    def _optional(self, kind: str) -> list[str]:
        """A lead need not have the field that a contact has."""
        user_id = self._connection.user_id
        return [*TABLES[kind].optional, *([user_id] if kind == "leads" and user_id else [])]

    async def _of(self, kind: str, key: str, ids: Iterable[str]) -> list[Any]:
        known = sorted(ids)
        found = []
        for start in range(0, len(known), PAGE):
            listed = ",".join(f"'{_checked(each)}'" for each in known[start : start + PAGE])
            found += await self._query(kind, f"{key} IN ({listed}) ORDER BY Id")
        return found

    async def _query(self, kind: str, condition: str) -> list[Any]:
        """All rows, deleted ones too, however many answers they take. Fields that this organization has not are left out."""
        table = TABLES[kind]
        optional = [name for name in self._optional(kind) if f"{kind}.{name}" not in self._missing]
        fields = ", ".join(dict.fromkeys([*table.always, *table.fields, *self._own(kind), *optional]))
        query = f"SELECT {fields} FROM {table.name} WHERE {condition}"  # noqa: S608  ids are checked, all else is ours
        try:
            answer = await self._api.get(f"/services/data/{VERSION}/queryAll", q=query)
        except ApiRefused as refused:
            name = _unknown_column(refused.answer)
            if name is None:
                raise
            if name not in optional:
                raise ApiRefused(
                    f"the app's user does not see the field {table.name}.{name}; give it to the user in Salesforce"
                ) from None
            self._missing.add(f"{kind}.{name}")
            return await self._query(kind, condition)
        found = list(answer["records"])
        read = set[str]()
        while not answer["done"]:
            more = str(answer["nextRecordsUrl"])
            if not more.startswith("/") or more in read:  # put behind the host's name it would be another host
                raise ApiRefused(f"the rows of {table.name} go on nowhere, or where they were")
            if len(found) > MOST_ROWS:
                raise TooLarge(f"more than {MOST_ROWS} rows of {table.name} belong to what was asked for")
            read.add(more)
            answer = await self._api.get(more)
            found += answer["records"]
        for each in found:
            each.pop("attributes", None)
        return found


def _ids(asked: Mapping[str, str]) -> dict[str, list[str]]:
    return {kind: asked[kind].split(",") for kind in TABLES if asked.get(kind)}


def _checked(object_id: str) -> str:
    """An id as it may stand in a query."""
    if not _ID.fullmatch(object_id):
        raise ApiRefused("a question names what is no Salesforce id")
    return object_id


def _errors(answer: httpx.Response | None) -> list[Mapping[str, Any]]:
    """What Salesforce says is wrong: a list of `errorCode` and `message`."""
    try:
        told = None if answer is None else answer.json()
    except ValueError:
        return []
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def _limited(answer: httpx.Response) -> bool:
    """The requests of the day, or those under way together, are used up: a 403 that passes by itself."""
    return any(each.get("errorCode") == "REQUEST_LIMIT_EXCEEDED" for each in _errors(answer))


def _unknown_column(answer: httpx.Response | None) -> str | None:
    for each in _errors(answer):
        match = _NO_COLUMN.search(str(each.get("message"))) if each.get("errorCode") == "INVALID_FIELD" else None
        if match:
            return match[1]
    return None
