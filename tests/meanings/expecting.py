"""What an example says comes out, read from the tables: each kind of `= …` line by one function that writes the true value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle import Tables
from tests.oracle.event_time import event_time
from tests.oracle.story import CONNECTION, KEYS, at
from wanamaker_shared.contracts import identifiers

from .telling import Told

WORKSPACE = "w1"
KEY = KEYS[WORKSPACE]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`shown` are the tables before the line `later`."""

    told: Told
    tables: Tables
    shown: Tables | None = None

    def touchpoints(self) -> list[dict[str, Any]]:
        return sorted(self.tables["touchpoints"].values(), key=lambda row: (row["start_at"], row["cookie"]))

    def conversion(self, kind: str, deal: str) -> dict[str, Any]:
        return self.tables["conversions"][WORKSPACE, kind, f"{CONNECTION}/{deal}"]

    def credit(self, deal: str, model: str) -> dict[str, Any]:
        return self.tables["credits"][WORKSPACE, "deal", f"{CONNECTION}/{deal}", model]


Teller = Callable[..., str]
"""(outcome, *words, expected=text) -> the true value as the page would write it."""


def channels(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(row["channel"] for row in outcome.touchpoints())


def sources(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(f"{row['source']} / {row['medium']} / {row['campaign']}" for row in outcome.touchpoints())


def days(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(row["day"] for row in outcome.touchpoints())


def original_sources(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(row["original_source"] for row in outcome.touchpoints())


def original_sources_of(outcome: Outcome, id: str, **_rest: str) -> str:
    """Those under which a deal's credits stand."""
    return ", ".join(outcome.conversion("deal", id)["original_sources"])


def landing_pages(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(row["landing_page"] for row in outcome.touchpoints())


def sessions(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(f"{_clock(row['start_at'])}-{_clock(row['end_at'])}" for row in outcome.touchpoints())


def owners(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(outcome.told.readable(row["owner"]) for row in outcome.touchpoints())


def links(outcome: Outcome, **_rest: str) -> str:
    rows = sorted((row["at"], key[1], row) for key, row in outcome.tables["links"].items())
    return ", ".join(f"{cookie} {outcome.told.readable(row['identifier'])} {row['status']}" for _, cookie, row in rows)


def people(outcome: Outcome, **_rest: str) -> str:
    """Each person's identifiers, people in order of when the first of them was named."""
    found: dict[str, list[str]] = {}
    since: dict[str, int] = {}
    for (_, identifier), row in outcome.tables["persons"].items():
        found.setdefault(row["profile"], []).append(outcome.told.readable(identifier))
        since[row["profile"]] = min(row["since"], since.get(row["profile"], row["since"]))
    ordered = sorted((since[profile], " ".join(sorted(names))) for profile, names in found.items())
    return " | ".join(names for _, names in ordered)


def profile(outcome: Outcome, identifier: str, **_rest: str) -> str:
    """The identifier that gives the person its id."""
    id = outcome.tables["persons"][WORKSPACE, outcome.told.identifier(identifier)]["profile"]
    named = [key[1] for key in outcome.tables["persons"] if outcome.told.story.profile(key[1]) == id]
    return " ".join(map(outcome.told.readable, named))


def deals(outcome: Outcome, **_rest: str) -> str:
    return ", ".join(sorted(id for _, _, id in outcome.tables["deals"]))


def deal(outcome: Outcome, id: str = "", *, expected: str) -> str:
    """The columns that the page names; without an id the days of all won deals."""
    if not id:
        return _days_of(outcome, "deal")
    row = outcome.tables["deals"][WORKSPACE, CONNECTION, id]
    return " ".join(f"{name}={_column(row[name], name)}" for name in (word.split("=")[0] for word in expected.split()))


def account(outcome: Outcome, id: str, **_rest: str) -> str:
    return str(outcome.tables["deals"][WORKSPACE, CONNECTION, id]["account"])


def account_of(outcome: Outcome, who: str, **_rest: str) -> str:
    """The account of a person, by any identifier, or of a deal."""
    key = ("deal", f"{CONNECTION}/{who}")
    if "@" in who or ":" in who:
        key = ("person", outcome.tables["persons"][WORKSPACE, outcome.told.identifier(who)]["profile"])
    row = outcome.tables["accounts"].get((WORKSPACE, *key))
    return row["account"].replace(f"company:{CONNECTION}/", "company:") if row else "-"


def journey(outcome: Outcome, kind: str, id: str, **_rest: str) -> str:
    ids = outcome.conversion(kind, id)["journey"]
    return ", ".join(outcome.tables["touchpoints"][WORKSPACE, each]["channel"] for each in ids)


def native(outcome: Outcome, id: str, **_rest: str) -> str:
    row = outcome.conversion("deal", id)
    return f"{row['native_minor']} {row['native_currency']}"


def revenue(outcome: Outcome, id: str, **_rest: str) -> str:
    return str(outcome.conversion("deal", id)["revenue_minor"])


def credit(outcome: Outcome, id: str, model: str, **_rest: str) -> str:
    return _numbers(outcome.credit(id, model)["revenue"])


def micro(outcome: Outcome, kind: str, id: str, model: str, **_rest: str) -> str:
    return _numbers(outcome.tables["credits"][WORKSPACE, kind, f"{CONNECTION}/{id}", model]["micro"])


def adjustment(outcome: Outcome, id: str, model: str, adjustment: str, **_rest: str) -> str:
    return _numbers(outcome.credit(id, model)["adjustments"][adjustment])


def unconverted(outcome: Outcome, **_rest: str) -> str:
    rows = sorted((row["day"], kind, key, row) for (_, kind, key, *_day), row in outcome.tables["unconverted"].items())
    return ", ".join(f"{kind} {key} {day} {row['currency']} {row['minor']}" for day, kind, key, row in rows)


def roi(outcome: Outcome, model: str, basis: str, column: str, **_rest: str) -> str:
    return _rows(_roi(outcome.tables, model, basis, column))


def restated(outcome: Outcome, model: str, **_rest: str) -> str:
    assert outcome.shown is not None, "the example has no line `later`"
    change = _roi(outcome.tables, model, "conversion", "revenue_minor")
    change.subtract(_roi(outcome.shown, model, "conversion", "revenue_minor"))
    return _rows(change)


def traffic(outcome: Outcome, column: str, **_rest: str) -> str:
    sums = Counter[tuple[str, str]]()
    for (_, day, channel, *_dimensions), row in outcome.tables["roi_traffic"].items():
        sums[day, channel] += row[column]
    return _rows(sums)


def costs(outcome: Outcome, column: str, **_rest: str) -> str:
    """As `traffic`, with the names under which it counts."""
    rows = outcome.tables["roi_traffic"].items()
    return ", ".join(
        f"{day} {channel} {source} / {medium} / {campaign} {row[column]}"
        for (_, day, channel, source, medium, campaign), row in sorted(rows)
        if row[column]
    )


def email(outcome: Outcome, *words: str, raw: str, **_rest: str) -> str:
    return identifiers.normalise_email(raw.strip('"')) or "-"


def same_key(outcome: Outcome, address: str, hashed: str, **_rest: str) -> str:
    return _yes(identifiers.linkable_email_key(KEY, address) == identifiers.linkable_email_key(KEY, hashed) is not None)


def junk_id(outcome: Outcome, *words: str, raw: str, **_rest: str) -> str:
    return _yes(identifiers.is_junk_id(raw))


def junk_email(outcome: Outcome, address: str, **_rest: str) -> str:
    return _yes(identifiers.is_junk_email(address))


def user_id(outcome: Outcome, value: str, **_rest: str) -> str:
    kept = identifiers.linkable_user_id(KEY, value)
    normalised = identifiers.normalise_email(value)
    if normalised and kept == identifiers.email_key(KEY, normalised):
        return f"the key of {normalised}"
    return str(kept)


def event_time_of(outcome: Outcome, *words: str, **_rest: str) -> str:
    said = dict(word.split("=", 1) for word in words)
    moments = [at(said[name]) if name in said else None for name in ("received", "sent", "timestamp")]
    received_at, sent_at, timestamp = moments
    assert received_at is not None
    return _moment(event_time(received_at, sent_at, timestamp, browser=said["key"] == "browser"))


def _kind(kind: str) -> Teller:
    return lambda outcome, **_: _days_of(outcome, kind)


TELLERS: dict[str, Teller] = {
    "event-time": event_time_of,
    "same-key": same_key,
    "junk-id": junk_id,
    "junk-email": junk_email,
    "user-id": user_id,
    "account-of": account_of,
    "landing-pages": landing_pages,
    "original-sources": original_sources,
    "original-sources-of": original_sources_of,
    **{kind: _kind(kind) for kind in ("lead", "mql", "sql", "opportunity", "customer")},
    **{
        teller.__name__: teller
        for teller in (
            *(channels, sources, days, sessions, owners, links, people, profile, deals, deal, account, journey, native),
            *(revenue, credit, micro, adjustment, unconverted, roi, restated, traffic, costs, email),
        )
    },
}


def tell_outcome(outcome: Outcome, name: str, args: str, expected: str) -> str:
    """The true value of an expectation. Raises KeyError for a name that nobody knows."""
    teller = TELLERS[name]
    extra = {"raw": args} if name in ("email", "junk-id") else {}
    return teller(outcome, *args.split(), expected=expected, **extra)


def _days_of(outcome: Outcome, kind: str) -> str:
    return ", ".join(sorted(row["day"] for (_, each, _), row in outcome.tables["conversions"].items() if each == kind))


def _roi(tables: Tables, model: str, basis: str, column: str) -> Counter[tuple[str, str]]:
    sums = Counter[tuple[str, str]]()
    for (_, each, dated, day, channel, *_dimensions), row in tables["roi_credit"].items():
        if (each, dated) == (model, basis):
            sums[day, channel] += row[column]
    return sums


def _rows(sums: Counter[tuple[str, str]]) -> str:
    return ", ".join(f"{day} {channel} {value}" for (day, channel), value in sorted(sums.items()) if value)


def _column(value: Any, name: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ",".join(value)
    return _moment(value) if name.endswith("_at") else str(value)


def _numbers(parts: list[int]) -> str:
    return " ".join(map(str, parts))


def _moment(moment: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)).isoformat().removesuffix("+00:00")


def _clock(moment: int) -> str:
    return _moment(moment)[11:16]


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
