"""Attribution's tables read back in the oracle's shape, so that the two can be compared with `==`."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, select

from tests.oracle import Tables
from wanamaker_attribution import account_tables as a
from wanamaker_attribution import tables as t

COMPARED = (
    "touchpoints",
    "deals",
    "conversions",
    "credits",
    "roi_credit",
    "roi_traffic",
    "unconverted",
    "accounts",
    "companies",
    "account_list",
)


def product_tables(connection: Connection) -> Tables:
    """The tables of `COMPARED`, as tests.oracle.tables gives them."""
    return {
        "touchpoints": {
            (row["workspace"], row["id"]): _without(row, _TOUCHPOINT) for row in _all(connection, t.touchpoint)
        },
        "deals": {
            (row["workspace"], row["connection"], row["deal_id"]): _deal(row) for row in _all(connection, t.deal)
        },
        "conversions": _conversions(connection),
        "credits": _credits(connection),
        "roi_credit": _sums(connection, t.roi_credit, ("model", "basis", "day", *t.DIMENSIONS), t.CREDIT_MEASURES),
        "roi_traffic": _sums(connection, t.roi_traffic, ("day", *t.DIMENSIONS), t.TRAFFIC_MEASURES),
        "unconverted": {
            (row["workspace"], row["kind"], row["key"], *(row[name] for name in _FURTHER[row["kind"]])): {
                "day": row["day"],
                "currency": row["currency"],
                "minor": row["native_minor"],
            }
            for row in _all(connection, t.foreign_money)
            if row["minor"] is None
        },
        "accounts": {
            (row["workspace"], "person", row["profile"]): {"account": row["account"]}
            for row in _all(connection, a.person_account)
        }
        | {
            (row["workspace"], "deal", f"{row['connection']}/{row['deal_id']}"): {"account": row["account"]}
            for row in _all(connection, a.deal_account)
        },
        "account_list": {
            (row["workspace"], row["account"]): {"domain": row["domain"], "name": row["name"]}
            for row in _all(connection, a.account)
        },
        "companies": {_company_key(row): _company(row) for row in _all(connection, a.company)},
    }


_FURTHER = {"deal": (), "adjustment": ("owner",), "spend": ("day",)}
"""What a row of foreign money is known by beside its key."""
_TOUCHPOINT = ("workspace", "id", "record_source", "event_id", "end_source", "end_event_id", "arrival", "rules")


def _all(connection: Connection, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _without(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _company_key(row: dict[str, Any]) -> tuple[str, ...]:
    connection, _, company_id = row["company"].removeprefix("company:").partition("/")
    return row["workspace"], connection, company_id


def _company(row: dict[str, Any]) -> dict[str, Any]:
    return {"domain": row["domain"], "name": row["name"], "into": row["account"].rpartition("/")[2]}


def _deal(row: dict[str, Any]) -> dict[str, Any]:
    kept = _without(row, ("workspace", "connection", "deal_id", "revenue_minor", "adjustments"))
    return kept | {"contacts": orjson.loads(row["contacts"])}


def _conversions(connection: Connection) -> dict[tuple[str, ...], dict[str, Any]]:
    deals = {(row["workspace"], row["connection"], row["deal_id"]): row for row in _all(connection, t.deal)}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in _all(connection, t.conversion):
        deal = deals.get((row["workspace"], row["connection"], row["deal_id"]))
        won = deal if row["kind"] == "deal" else None
        natives = {item[0]: item for item in orjson.loads(won["adjustments"])} if won else {}
        found[row["workspace"], row["kind"], row["key"]] = {
            "at": row["at"],
            "day": row["day"],
            "profiles": orjson.loads(row["people"]),
            "revenue_minor": row["revenue_minor"],
            "native_minor": won["amount_minor"] if won else 0,
            "native_currency": won["currency"] if won else None,
            "deal": f"{row['connection']}/{row['deal_id']}" if row["deal_id"] else None,
            "journey": [touch[0] for touch in orjson.loads(row["journey"])],
            "original_sources": [touch[10] for touch in orjson.loads(row["journey"])] or [row["crm_original_source"]],
            "adjustments": [
                {
                    "id": item,
                    "at": at,
                    "day": day,
                    "revenue_minor": minor,
                    "native_minor": natives[item][2],
                    "native_currency": natives[item][3],
                }
                for item, at, day, minor in orjson.loads(row["adjustments"])
            ],
        }
    return found


def _credits(connection: Connection) -> dict[tuple[str, ...], dict[str, Any]]:
    return {
        (row["workspace"], row["kind"], row["key"], model): {
            "micro": micro,
            "revenue": revenue,
            "adjustments": dict(zip((item[0] for item in orjson.loads(row["adjustments"])), adjustments, strict=True)),
        }
        for row in _all(connection, t.conversion)
        for model, (micro, revenue, adjustments) in orjson.loads(row["credits"]).items()
    }


def _sums(connection: Connection, table: Any, key: tuple[str, ...], measures: tuple[str, ...]) -> Any:
    return {
        (row["workspace"], *(row[name] for name in key)): {name: row[name] for name in measures}
        for row in _all(connection, table)
    }
