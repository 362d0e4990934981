"""What the sender of a spreadsheet says about it: whose deals they are, and what need not be guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from zoneinfo import ZoneInfo

from wanamaker_crm_bridge.currencies import CURRENCIES
from wanamaker_crm_bridge.values import printable

from .refusal import Refused
from .words import FIELDS

CONNECTION = "spreadsheet"
DECIMALS = {"comma": ",", "point": "."}
ORDERS = ("day_first", "month_first")
STATUSES = ("open", "won", "lost")
ENCODINGS = ("utf-8", "windows-1252", "windows-1250", "iso-8859-2", "utf-16")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_CONNECTION = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Options:
    """`columns` is heading → field, or → None for one that is not to be read."""

    connection: str = CONNECTION
    columns: Mapping[str, str | None] = field(default_factory=dict)
    decimal: str | None = None
    date_order: str | None = None
    currency: str | None = None
    status: str | None = None
    zone: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None

    @property
    def makes_ids(self) -> bool:
        """Whether what has no id is given one: not in the name of a CRM, whose ids it would stand beside."""
        return self.connection == CONNECTION or self.connection.startswith(f"{CONNECTION}-")

    def stated(self) -> dict[str, object]:
        """What makes this reading of a file another than the next one, as JSON."""
        return {name: value for name, value in asdict(self).items() if value not in (None, {})}


def read_options(stated: Mapping[str, str | None]) -> Options:
    """From the parameters of a request. Raises Refused naming the one that cannot be used."""
    given = {name: value for name, value in stated.items() if value is not None and value != ""}
    connection = given.get("connection", CONNECTION)
    if not _CONNECTION.fullmatch(connection):
        raise Refused("connection: 1 to 100 letters, digits, and . _ -", option="connection")
    currency = given.get("currency", "").strip().upper() or None
    if currency is not None and currency not in CURRENCIES:
        raise Refused('currency: an ISO 4217 code such as "EUR"', option="currency")
    return Options(
        connection=connection,
        columns=_columns(given.get("columns")),
        decimal=_one_of(given, "decimal", DECIMALS),
        date_order=_one_of(given, "date_order", ORDERS),
        currency=currency,
        status=_one_of(given, "status", STATUSES),
        zone=_zone(given.get("zone")),
        encoding=_one_of(given, "encoding", ENCODINGS),
        delimiter=_one_of(given, "delimiter", DELIMITERS),
        sheet=given.get("sheet"),
    )


def _columns(text: str | None) -> dict[str, str | None]:
    if text is None:
        return {}
    wanted = f"columns: a JSON object, heading → field; the fields are {', '.join(FIELDS)}; null = do not read it"
    try:
        chosen = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(wanted, option="columns") from None
    fields = chosen.values() if isinstance(chosen, dict) else [""]
    if not all(field is None or (isinstance(field, str) and field in FIELDS) for field in fields):
        raise Refused(wanted, option="columns")
    return {printable(heading).strip(): field for heading, field in chosen.items()}


def _one_of(given: Mapping[str, str], name: str, words: Mapping[str, str] | tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is None or value in words:
        return value
    raise Refused(f"{name}: one of {', '.join(words)}", option=name)


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Refused('zone: a time zone such as "Europe/Warsaw"', option="zone") from None
    return name
