"""A Salesforce organization: records with their last change, its outbound messages in SOAP, its login and its REST API.

Written from developer.salesforce.com (SOAP API: Outbound Messaging; REST API: QueryAll, status codes; SOQL) and Salesforce help
(OAuth 2.0 client credentials flow).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import httpx

from .faults import Faults

ORGANIZATION = "00D000000000062EAA"
CLIENT = {"login_url": "https://acme.my.salesforce.com", "client_id": "3MVG9.key", "client_secret": "S3CR3T"}
INSTANCE = "https://acme.my.salesforce.com"
PREFIXES = {
    "Opportunity": "006",
    "OpportunityHistory": "008",
    "OpportunityContactRole": "00K",
    "Contact": "003",
    "Lead": "00Q",
    "Account": "001",
}
EMPTY: dict[str, dict[str, Any]] = {
    "Opportunity": dict.fromkeys(["Name", "StageName", "Amount", "CloseDate", "LeadSource", "AccountId"]),
    "OpportunityHistory": {},
    "OpportunityContactRole": {},
    "Contact": dict.fromkeys(["Email", "AccountId", "FirstName", "LastName", "Phone", "MasterRecordId"]),
    "Lead": dict.fromkeys(
        "Email Status FirstName LastName Phone Website MasterRecordId ConvertedContactId ConvertedOpportunityId "
        "ConvertedDate".split()
    ),
    "Account": dict.fromkeys(["Name", "Website", "MasterRecordId"]),
}
STAGES = {"Closed Won": (True, True), "Closed Lost": (False, True)}


def iso(seconds: int) -> str:
    """A time as SOAP has it; the REST API writes +0000 instead of Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def numbered(kind: str, number: int) -> str:
    """An id of 15 characters, of those in which case matters."""
    return f"{PREFIXES[kind]}5g0000Ab{number:04d}"


@dataclass
class Salesforce:
    faults: Faults = field(default_factory=Faults)
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {kind: {} for kind in PREFIXES})
    columns: set[str] = field(default_factory=set)
    """Of those that not every organization has, which this one has."""
    hidden: set[str] = field(default_factory=set)
    """Fields that the app's user does not see."""
    not_of_leads: set[str] = field(default_factory=set)
    batch: int = 2000
    queries: list[str] = field(default_factory=list)
    logins: int = 0
    login_faults: Faults = field(default_factory=Faults)
    sessions: set[str] = field(default_factory=set)
    _cursors: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    # what people do in Salesforce

    def put(self, kind: str, number: int, at: int, **fields: Any) -> str:
        """Create or change a record; its id with 18 characters."""
        known = self.rows[kind].get(key := long_id(numbered(kind, number)))
        row = {"Id": key, "IsDeleted": False, "CreatedDate": iso(at), **EMPTY[kind]} if known is None else known
        row = {**row, **fields, "SystemModstamp": iso(at), "LastModifiedDate": iso(at)}
        if kind == "Opportunity":
            row["IsWon"], row["IsClosed"] = STAGES.get(row["StageName"] or "", (False, False))
            self._remember(row, known, at)
        self.rows[kind][key] = row
        return key

    def _remember(self, row: dict[str, Any], known: dict[str, Any] | None, at: int) -> None:
        """Salesforce keeps every change of the stage, amount, probability and close date, by itself."""
        names = ("StageName", "Amount", "CloseDate", "CurrencyIsoCode")
        now = {name: row.get(name) for name in names}
        if known is None or now != {name: known.get(name) for name in names}:
            key = long_id(numbered("OpportunityHistory", len(self.rows["OpportunityHistory"])))
            dated = {"CreatedDate": iso(at), "SystemModstamp": iso(at + 1)}
            self.rows["OpportunityHistory"][key] = {"Id": key, "OpportunityId": row["Id"], **now, **dated}

    def delete(self, kind: str, object_id: str, at: int, *, into: str | None = None) -> None:
        row = self.rows[kind][object_id]
        row |= {"IsDeleted": True, "SystemModstamp": iso(at), "LastModifiedDate": iso(at)}
        if into is not None:
            row["MasterRecordId"] = into

    def restore(self, kind: str, object_id: str, at: int) -> None:
        self.rows[kind][object_id] |= {"IsDeleted": False, "SystemModstamp": iso(at), "LastModifiedDate": iso(at)}

    def told(self, kind: str, object_id: str, *fields: str) -> tuple[str, dict[str, Any]]:
        """A notification of these fields of a record as it is now."""
        row = self.rows[kind][object_id]
        return kind, {"Id": object_id, **{name: row[name] for name in fields}}

    def missing(self) -> set[str]:
        return set(NOT_EVERYWHERE) - self.columns

    # its API

    def answer(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport."""
        if request.url.path == "/services/oauth2/token":
            return self._login(request)
        fault = self._fault(request)
        if fault is not None:
            return fault
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.sessions:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if str(request.url).split("?")[0] == f"{INSTANCE}/services/data/v62.0/queryAll":
            return self._query(request.url.params["q"])
        cursor = request.url.path.rpartition("/")[2]
        if cursor in self._cursors:
            return self._batch(self._cursors.pop(cursor))
        return error(404, "NOT_FOUND", "The requested resource does not exist")

    def _fault(self, request: httpx.Request) -> httpx.Response | None:
        limit = self.faults.pending[:1] == [403]
        fault = self.faults.before(request)
        if limit and fault is not None:
            return error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        return fault

    def _login(self, request: httpx.Request) -> httpx.Response:
        fault = self.login_faults.before(request)
        if fault is not None:
            return fault
        form = {name: value for name, (value,) in parse_qs(request.content.decode()).items()}
        wanted = {"grant_type": "client_credentials"} | {k: v for k, v in CLIENT.items() if k != "login_url"}
        if form != wanted:
            answer = {"error": "invalid_client", "error_description": "invalid client credentials"}
            return httpx.Response(401, json=answer)
        self.logins += 1
        self.sessions.add(f"session-{self.logins}")
        return httpx.Response(
            200,
            json={
                "access_token": f"session-{self.logins}",
                "instance_url": INSTANCE,
                "id": f"https://login.salesforce.com/id/{ORGANIZATION}/0055g00000Ab000AAA",
                "token_type": "Bearer",
                "issued_at": "1767607200000",
                "signature": "c2ln",
            },
        )

    def _query(self, soql: str) -> httpx.Response:
        self.queries.append(soql)
        match = re.fullmatch(r"SELECT (.+) FROM (\w+) WHERE (.+) ORDER BY Id(?: LIMIT (\d+))?", soql)
        assert match, soql
        names, kind, conditions = match[1].split(", "), match[2], match[3].split(" AND ")
        for name in names:
            lacks = kind == "Lead" and name in self.not_of_leads
            if lacks or name in self.hidden or (name in NOT_EVERYWHERE and name not in self.columns):
                return error(400, "INVALID_FIELD", f"\nSELECT Id\n^\nNo such column '{name}' on entity '{kind}'. If …")
        rows = [self.rows[kind][key] for key in sorted(self.rows[kind])]
        found = [row for row in rows if all(fits(row, condition) for condition in conditions)]
        found = found[: int(match[4])] if match[4] else found
        return self._batch([shown(kind, row, names) for row in found])

    def _batch(self, rows: list[dict[str, Any]]) -> httpx.Response:
        answer: dict[str, Any] = {"totalSize": len(rows), "done": True, "records": rows[: self.batch]}
        if rows[self.batch :]:
            cursor = f"01gD0000002HU6K{len(self._cursors)}{len(rows)}-{self.batch}"
            self._cursors[cursor] = rows[self.batch :]
            answer |= {"done": False, "nextRecordsUrl": f"/services/data/v62.0/query/{cursor}"}
        return httpx.Response(200, json=answer)


NOT_EVERYWHERE = ("CurrencyIsoCode", "RecordTypeId", "IsPersonAccount")


def fits(row: dict[str, Any], condition: str) -> bool:
    if condition.startswith("SystemModstamp >= "):
        since = datetime.fromisoformat(condition.removeprefix("SystemModstamp >= "))
        return datetime.fromisoformat(row["SystemModstamp"]) >= since
    if match := re.fullmatch(r"Id > '(\w+)'", condition):
        return str(row["Id"]) > match[1]
    match = re.fullmatch(r"(\w+) IN \(('\w+'(?:,'\w+')*)\)", condition)
    assert match, condition
    return f"'{row[match[1]]}'" in match[2].split(",")


def shown(kind: str, row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """A row as REST writes it."""
    values = {name: row.get(name) for name in names}
    for name in ("SystemModstamp", "CreatedDate"):
        if isinstance(values.get(name), str):
            values[name] = str(values[name]).replace("Z", "+0000")
    return {"attributes": {"type": kind, "url": f"/services/data/v62.0/sobjects/{kind}/{row['Id']}"}, **values}


def error(status: int, code: str, message: str) -> httpx.Response:
    return httpx.Response(status, json=[{"message": message, "errorCode": code}])


def long_id(short: str) -> str:
    """The 18 characters, by Salesforce's own description: each five characters, from the last to the first, are bits."""
    bits = ["".join("1" if c.isupper() else "0" for c in reversed(short[at : at + 5])) for at in (0, 5, 10)]
    return short + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[int(each, 2)] for each in bits)


# its outbound messages


def soap(*notifications: tuple[str, dict[str, Any]], organization: str = ORGANIZATION) -> bytes:
    """A message as Salesforce writes it. `None` is sent as nil."""
    parts = [
        f"<Notification><Id>04l5g0000000{number:03d}AAA</Id>"
        f'<sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{_fields(record)}</sObject>'
        "</Notification>"
        for number, (kind, record) in enumerate(notifications)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        ' <soapenv:Body>\n  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
        f"   <OrganizationId>{organization}</OrganizationId>\n   <ActionId>04k5g0000008OjAAAU</ActionId>\n"
        '   <SessionId xsi:nil="true"/>\n'
        f"   <EnterpriseUrl>{INSTANCE}/services/Soap/c/62.0/{ORGANIZATION}</EnterpriseUrl>\n"
        f"   <PartnerUrl>{INSTANCE}/services/Soap/u/62.0/{ORGANIZATION}</PartnerUrl>\n"
        f"   {''.join(parts)}\n  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"
    ).encode()


def _fields(record: dict[str, Any]) -> str:
    return "".join(
        f'<sf:{name} xsi:nil="true"/>' if value is None else f"<sf:{name}>{escape(_text(value))}</sf:{name}>"
        for name, value in record.items()
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
