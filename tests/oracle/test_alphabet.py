"""The alphabet reaches what the rules speak of: each of these is found within a few hundred drawn histories.

Without such a test a change of the strategies could leave the properties true of nothing.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from . import Tables, tables
from .alphabet import histories
from .dedup import Entry
from .story import KEYS

Seen = Callable[[Tables], bool]


def _won(result: Tables, least: int) -> bool:
    return any(kind == "deal" and len(row["journey"]) >= least for (_, kind, _), row in result["conversions"].items())


def _profile(result: Tables, link: dict[str, Any]) -> str:
    return str(result["persons"]["w1", link["identifier"]]["profile"])


REACHED: dict[str, Seen] = {
    "a won deal with a journey of three": lambda result: _won(result, 3),
    "a won deal of two people": lambda result: any(
        kind == "deal" and len(row["profiles"]) > 1 for (_, kind, _), row in result["conversions"].items()
    ),
    "an adjustment on a journey": lambda result: any(
        row["adjustments"] and row["journey"] for row in result["conversions"].values()
    ),
    "a person of four identifiers": lambda result: any(
        sum(row["profile"] == each["profile"] for each in result["persons"].values()) >= 4
        for row in result["persons"].values()
    ),
    "a quarantined link": lambda result: any(row["status"] == "quarantined" for row in result["links"].values()),
    "a revoked link": lambda result: any(row["status"] == "revoked" for row in result["links"].values()),
    "a link by a user id": lambda result: any(
        row["identifier"].startswith("user:") for row in result["links"].values()
    ),
    "a converted deal": lambda result: any(
        row["native_currency"] not in (None, "EUR") and row["revenue_minor"] for row in result["conversions"].values()
    ),
    "unconverted spend": lambda result: any(kind == "spend" for _, kind, *_ in result["unconverted"]),
    "unconverted spend of several days": lambda result: (
        len({key[:3] for key in result["unconverted"] if key[1] == "spend"})
        < len([key for key in result["unconverted"] if key[1] == "spend"])
    ),
    "a cost under a rule's name": lambda result: any(key[-1] in ("and-br", "acme") for key in result["roi_traffic"]),
    "the CRM's own source": lambda result: any("(crm)" in key for key in result["roi_credit"]),
    "a channel rule of the workspace": lambda result: any(
        row["channel"] in ("Partners", "Brand") for row in result["touchpoints"].values()
    ),
    "a customer by company": lambda result: any(key.startswith("company:") for _, _, key in result["conversions"]),
    "a company without anybody": lambda result: any(
        (workspace, f"company:{connection}/{row['into']}") not in result["account_list"]
        for (workspace, connection, _), row in result["companies"].items()
    ),
    "a person of a domain": lambda result: any(
        kind == "person" and row["account"].startswith("domain:") for (_, kind, _), row in result["accounts"].items()
    ),
    "a deal of its person's company": lambda result: any(
        kind == "deal" and row["account"].startswith("domain:") for (_, kind, _), row in result["accounts"].items()
    ),
    "two companies that are one": lambda result: any(row["into"] != key[2] for key, row in result["companies"].items()),
    "two companies of one domain": lambda result: any(
        row["domain"] and row["domain"] == other["domain"] and row["into"] != other["into"]
        for row in result["companies"].values()
        for other in result["companies"].values()
    ),
    "a form that makes no lead of its e-mail": lambda result: any(
        row["lead"] and row["status"] == "active" and ("w1", "lead", _profile(result, row)) not in result["conversions"]
        for key, row in result["links"].items()
        if key[0] == "w1"
    ),
    "a deal won by its stage alone": lambda result: any(
        row["status"] == "won" and row["stage"] == "Gagné" and row["won_at"] for row in result["deals"].values()
    ),
    "a deal lost by a map": lambda result: any(
        row["status"] == "lost" and row["stage"] == "S2" for row in result["deals"].values()
    ),
    "an sql by a stage, an mql before": lambda result: any(
        row["sql_at"] is not None and row["mql_at"] < row["sql_at"] for row in result["deals"].values()
    ),
    "two models that differ on the cent": lambda result: any(
        kind == "deal" and row["revenue"] != result["credits"][workspace, kind, key, "linear"]["revenue"]
        for (workspace, kind, key, model), row in result["credits"].items()
        if model == "w_shaped"
    ),
}


@pytest.fixture(scope="module")
def missing() -> set[str]:
    """What the drawn histories have not shown when all are shown or the examples are used up."""
    still = set(REACHED)

    def all_shown(history: list[Entry]) -> bool:
        result = tables(history, KEYS)
        still.difference_update([phenomenon for phenomenon in still if REACHED[phenomenon](result)])
        return not still

    drawing = settings(
        max_examples=1500,
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with contextlib.suppress(NoSuchExample), warnings.catch_warnings():
        # Hypothesis would print the history that showed the last of them, and warns that it is long. Nobody reads it here.
        warnings.filterwarnings("ignore", "Generating overly large repr")
        find(histories(), all_shown, settings=drawing, random=Random(1))
    return still


@pytest.mark.parametrize("phenomenon", REACHED)
def test_the_alphabet_reaches(phenomenon: str, missing: set[str]) -> None:
    assert phenomenon not in missing
