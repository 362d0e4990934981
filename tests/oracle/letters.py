"""The letters of the alphabet: names, days, moments and amounts of which every drawn history is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from wanamaker_shared.contracts.identifiers import email_key
from wanamaker_shared.contracts.record import Record

from .clock import DAY, HOUR, MINUTE, SECOND
from .story import CONNECTION, KEYS, at

WORKSPACES = ("w1",) * 5 + ("w2",)
COOKIES = ("c1", "c2")
ADDRESSES = ("ann@example.com", "bob@example.com")
CONTACTS = ("C1", "C2")
DEALS = ("D1", "D2")
USERS = ("u1",)
OTHER_USER = "u0"
"""Named by an alias only."""
CONNECTIONS = (CONNECTION,) * 5 + ("other",)
SERVER = "server"
"""The secret key's id."""

FIRST_DAY = date(2026, 3, 22)
"""Of twelve; in Warsaw the eighth has 23 hours."""
DAYS = tuple(str(FIRST_DAY + timedelta(days=day)) for day in range(12))

Draw = st.DrawFn
Scene = list[tuple[str, Record]]


def moments() -> st.SearchStrategy[int]:
    """Noon and the hours in which Warsaw's midnight falls; minutes about the session gap; now and then the same moment."""
    start = at(f"{FIRST_DAY} 00:00")
    return st.builds(
        lambda day, hour, minute: start + day * DAY + hour * HOUR + minute * MINUTE,
        st.sampled_from([0, 1, 6, 7, *range(12)]),
        st.sampled_from([12, 12, 22, 23]),
        st.sampled_from([0, 29, 30, 31]),
    )


def times_as_text() -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(DAYS),
        st.builds("{}T{}:00Z".format, st.sampled_from(DAYS), st.sampled_from(["12:00", "22:00", "22:30"])),
        st.builds("{}T00:30:00+02:00".format, st.sampled_from(DAYS)),
    )


def envelope_of(workspace: str, source: str, moment: int) -> dict[str, Any]:
    received_at = moment + 2 * SECOND
    return {
        "workspace": workspace,
        "source": source,
        "event_id": "",
        "occurred_at": moment,
        "received_at": received_at,
    }


def some(properties: dict[str, st.SearchStrategy[Any]], least: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """A few of the properties."""
    names = st.lists(st.sampled_from(sorted(properties)), min_size=least, max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: properties[name] for name in chosen}))


def amounts() -> st.SearchStrategy[str | None]:
    return st.sampled_from(["100.01", "50.00", "0.07", "1000", "12.345", None])


def emails_of(workspace: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([*(email_key(KEYS[workspace], address) for address in (*ADDRESSES, *ADDRESSES)), None])


def domains() -> st.SearchStrategy[str | None]:
    """An e-mail's domain as a record states it; a free mail provider's now and then, and none where only a hash was sent."""
    return st.sampled_from(["example.com", "example.com", "other.test", "gmail.com", None])


def maybe(values: Sequence[str], one_in: int) -> st.SearchStrategy[str | None]:
    return st.sampled_from([*values, *[None] * ((one_in - 1) * len(values))])


def seldom() -> st.SearchStrategy[bool]:
    return st.sampled_from([False] * 9 + [True])
