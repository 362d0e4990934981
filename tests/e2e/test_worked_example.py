"""The worked example through the public endpoints of a running Wanamaker, in three orders, in workspaces that share all names.

Every workspace has the same cookie, e-mail, contact and deal ids: what one says never shows in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.worked_example import (
    REVENUE,
    Revenue,
    read_revenue,
    send_deal,
    send_form,
    send_visits,
    wait_for_revenue,
)

from .house import House, running_house

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ORDERS = {
    "default": (send_visits, send_form, send_deal),
    "deal-first": (send_visits, send_deal, send_form),
    "form-first": (send_form, send_visits, send_deal),
}
"""Workspace → the order in which the same things arrive there."""
OTHER = "without-visits"
OTHERS: Revenue = {model: {"(unattributed)": 7000} for model in REVENUE}
"""In this workspace the same deal brought 70.00, and its cookie never visited."""
JANUARY = {"from_": "2026-01-01", "to": "2026-01-31"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Each thing is in every table before the next one comes, so that the orders are what they say."""
    with running_house(tmp_path_factory.mktemp("house") / "data", [*list(ORDERS)[1:], OTHER]) as house:
        for step in range(3):
            for workspace, order in ORDERS.items():
                order[step](house.doors[workspace], house.client)
            house.settle()
        send_form(house.doors[OTHER], house.client)
        send_deal(house.doors[OTHER], house.client, amount="70.00")
        house.settle()
        yield house


@pytest.mark.parametrize("workspace", ORDERS)
def test_every_cent_stands_where_it_was_earned(house: House, workspace: str) -> None:
    assert read_revenue(house.doors[workspace], house.client) == REVENUE


def test_a_workspace_with_the_same_names_has_its_own_numbers(house: House) -> None:
    assert read_revenue(house.doors[OTHER], house.client) == OTHERS
    sessions = {
        workspace: house.report(workspace, "/v1/roi", **JANUARY)["totals"]["sessions"] for workspace in house.doors
    }
    assert sessions == {"default": 3, "deal-first": 3, "form-first": 3, OTHER: 0}
    ids = {house.profile(workspace, "email:ann@example.com")["id"] for workspace in house.doors}
    assert len(ids) == len(house.doors)


@pytest.mark.parametrize("model", REVENUE)
@pytest.mark.parametrize("basis", ["conversion", "touch"])
def test_the_explanation_of_a_row_adds_up_to_it(house: House, model: str, basis: str) -> None:
    question = {"model": model, "basis": basis, **JANUARY}
    rows = house.report("deal-first", "/v1/roi", group_by="channel", **question)["rows"]
    assert {row["channel"] for row in rows} == {"Paid Search", "Email", "Direct"}
    for row in rows:
        explained = house.report("deal-first", "/v1/explain", channel=row["channel"], **question)
        of_deals = [credit for credit in explained["credits"] if credit["conversion"]["kind"] == "deal"]
        assert sum(credit["revenue_minor"] for credit in of_deals) == row["revenue_minor"]
        assert sum(credit["micro"] for credit in of_deals) == row["deals"] * 1_000_000
        assert {name: explained["totals"][name] for name in ("revenue_minor", "sessions", "leads")} == {
            name: row[name] for name in ("revenue_minor", "sessions", "leads")
        }
        for credit in of_deals:
            assert credit["touchpoint"]["channel"] == row["channel"]
            assert credit["records"]["link"]["event_id"] == "m4"
            assert [said["topic"] for said in credit["records"]["conversion"]] == ["crm-events"]


def test_the_deal_and_the_journey_show_the_same_path(house: House) -> None:
    profile = house.profile("form-first", "cookie:c1")
    assert [(link["cookie"], link["event_id"], link["status"]) for link in profile["links"]] == [("c1", "m4", "active")]
    journey = house.report("form-first", f"/v1/journeys/{profile['id']}")
    deal = house.report("form-first", "/v1/deals/D1")
    assert [point["channel"] for point in journey["touchpoints"]] == ["Paid Search", "Email", "Direct"]
    assert deal["touchpoints"] == journey["touchpoints"]
    assert {point["owned_by_link"] for point in journey["touchpoints"]} == {"m4"}
    assert (deal["deal"]["amount_minor"], deal["deal"]["won_at"]) == (10001, "2026-01-20T12:00:00Z")
    assert deal["deal"]["people"] == [profile["id"]]
    assert earned(deal) == earned(journey) == [3334, 3334, 3333]
    assert {conversion["kind"] for conversion in journey["conversions"]} >= {"lead", "deal"}


def earned(answer: Any) -> list[int]:
    """What linear gives to each touchpoint of the one won deal, in their order."""
    (deal,) = (each for each in answer["conversions"] if each["kind"] == "deal")
    by_point = {credit["touchpoint"]: credit["revenue_minor"] for credit in deal["credits"]["linear"]}
    return [by_point[point["id"]] for point in answer["touchpoints"]]


def test_a_revoked_link_takes_the_credit_away_and_a_release_brings_it_back(house: House) -> None:
    """Last here: it changes what the others look at."""
    doors = house.doors["default"]
    house.decide("default", "revoke", "cookie:c1", "email:ann@example.com")
    nobodys = {model: {"(unattributed)": 10001} for model in REVENUE}
    assert wait_for_revenue(doors, house.client, nobodys) == nobodys
    assert read_revenue(house.doors["deal-first"], house.client) == REVENUE
    house.decide("default", "release", "cookie:c1", "email:ann@example.com")
    assert wait_for_revenue(doors, house.client) == REVENUE
