"""The demo company: the same for ever, as varied as it claims, and its truth counted right."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from wanamaker_standalone.simulation.dice import Dice
from wanamaker_standalone.simulation.mix import mix
from wanamaker_standalone.simulation.simulate import simulate
from wanamaker_standalone.simulation.values import Simulation, SpendRows, WebBatch, Webhook

END = date(2026, 3, 31)


@pytest.fixture(scope="module")
def ninety_days() -> Simulation:
    return simulate(1, 90, END)


def web_events(simulation: Simulation) -> list[Any]:
    return [event for step in simulation.steps if isinstance(step, WebBatch) for event in step.events]


def webhooks(simulation: Simulation) -> list[Any]:
    return [step.body for step in simulation.steps if isinstance(step, Webhook)]


def digest(simulation: Simulation) -> str:
    return hashlib.sha256(repr(simulation.steps).encode()).hexdigest()


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others() -> None:
    assert digest(simulate(3, 5, END)) == digest(simulate(3, 5, END))
    assert digest(simulate(3, 5, END)) != digest(simulate(4, 5, END))


def test_dice_keep_their_numbers_between_python_versions() -> None:
    dice = Dice("7")
    assert [dice.whole(1, 6) for _ in range(8)] == [5, 6, 6, 2, 5, 3, 3, 3]


def test_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        simulate(1, 0, END)


def test_one_day_is_a_demo_too() -> None:
    assert web_events(simulate(1, 1, END))


def test_steps_are_in_order_and_inside_the_days(ninety_days: Simulation) -> None:
    times = [step.at for step in ninety_days.steps]
    assert times == sorted(times)
    assert times[0] >= datetime(2026, 1, 1, tzinfo=UTC)
    assert times[-1] < datetime(2026, 4, 1, tzinfo=UTC)


def test_every_id_is_given_once(ninety_days: Simulation) -> None:
    ids = [event["messageId"] for event in web_events(ninety_days)] + [hook["id"] for hook in webhooks(ninety_days)]
    assert len(ids) == len(set(ids))


def test_it_is_about_twenty_thousand_events_with_enough_forms_and_deals(ninety_days: Simulation) -> None:
    events, hooks = web_events(ninety_days), webhooks(ninety_days)
    forms = sum(event.get("event") == "Form Submitted" for event in events)
    deals = sum(hook["type"].startswith("deal.") for hook in hooks)
    assert 18_000 <= len(events) <= 24_000
    assert forms >= 0.03 * len(events)
    assert deals >= 0.01 * (len(events) + len(hooks))


def test_every_kind_of_crm_story_is_told(ninety_days: Simulation) -> None:
    kinds = Counter(hook["type"] for hook in webhooks(ninety_days))
    assert set(kinds) == {
        "contact.updated", "contact.merged", "deal.updated", "deal.merged", "deal.deleted", "deal.restored",
        "revenue.adjusted",
    }  # fmt: skip
    deals = [hook["deal"] for hook in webhooks(ninety_days) if hook["type"] == "deal.updated"]
    assert {deal["status"] for deal in deals if "status" in deal} == {"open", "won", "lost"}
    assert any(deal.get("closed_at", "") is None for deal in deals), "a deal is reopened"


def test_one_known_cookie_in_ten_is_shared(ninety_days: Simulation) -> None:
    people: dict[str, set[str]] = {}
    for event in web_events(ninety_days):
        email = event.get("traits", {}).get("email") or event.get("properties", {}).get("email")
        if email and not email.endswith("@post.example"):
            people.setdefault(event["anonymousId"], set()).add(email.lower())
    shared = sum(len(emails) > 1 for emails in people.values())
    assert 0.09 <= shared / len(people) <= 0.14


def test_people_have_second_devices(ninety_days: Simulation) -> None:
    cookies = defaultdict(set)
    for event in web_events(ninety_days):
        if event.get("userId"):
            cookies[event["userId"]].add(event["anonymousId"])
    assert sum(len(used) > 1 for used in cookies.values()) >= 20


def test_visits_on_one_cookie_are_more_than_half_an_hour_apart(ninety_days: Simulation) -> None:
    """Else two of them would be one session, and the truth about sessions wrong."""
    starts_a_visit = 0
    last: dict[str, datetime] = {}
    for event in web_events(ninety_days):
        at = datetime.fromisoformat(event["timestamp"])
        gap = (at - last[event["anonymousId"]]).total_seconds() if event["anonymousId"] in last else None
        if gap is None or gap > 1800:
            assert event["type"] == "page"
            starts_a_visit += "Googlebot" not in event["context"]["userAgent"]
        last[event["anonymousId"]] = at
    assert starts_a_visit == sum(ninety_days.truth.sessions.values())


def test_all_channels_appear_and_one_wastes_its_money(ninety_days: Simulation) -> None:
    truth = ninety_days.truth
    assert set(truth.sessions) == {
        "Paid Search", "Paid Social", "Email", "Organic Search", "Organic Social", "Direct", "Referral",
    }  # fmt: skip
    cost = {channel: sum(posts.values()) for channel, posts in truth.spend_minor.items()}
    assert cost[truth.wasteful] > 0.3 * sum(cost.values())
    assert truth.sessions[truth.wasteful] > 500
    assert truth.first_touch_minor.get(truth.wasteful, 0) < 0.1 * cost[truth.wasteful]
    assert truth.first_touch_minor["Paid Search"] > cost["Paid Search"]


def test_the_revenue_is_what_the_crm_said_last(ninety_days: Simulation) -> None:
    """Folds the webhooks without the simulation's bookkeeping."""
    deals: dict[str, dict[str, Any]] = defaultdict(dict)
    gone, refunds = set(), Counter[str]()
    for hook in webhooks(ninety_days):
        match hook["type"]:
            case "deal.updated":
                deals[hook["deal"]["id"]].update(hook["deal"])
            case "deal.deleted":
                gone.add(hook["deal"]["id"])
            case "deal.restored":
                gone.discard(hook["deal"]["id"])
            case "deal.merged":
                gone.add(hook["from"])
            case "revenue.adjusted":
                refunds[hook["adjustment"]["deal_id"]] += int(Decimal(hook["adjustment"]["amount"]) * 100)
    won = [deal for key, deal in deals.items() if deal["status"] == "won" and key not in gone]
    truth = ninety_days.truth
    assert truth.deals_won == len(won)
    assert truth.opportunities == len(deals.keys() - gone)
    assert truth.refunds_minor == sum(refunds[deal["id"]] for deal in won) < 0
    assert truth.revenue_minor == sum(int(Decimal(deal["amount"]) * 100) + refunds[deal["id"]] for deal in won)
    assert sum(truth.first_touch_minor.values()) == sum(truth.last_touch_minor.values()) == truth.revenue_minor


def test_spend_is_in_three_posts_every_day(ninety_days: Simulation) -> None:
    uploads = [step for step in ninety_days.steps if isinstance(step, SpendRows)]
    assert len(uploads) == 90
    cost: dict[str, Counter[str]] = defaultdict(Counter)
    for row in (row for upload in uploads for row in upload.rows):
        cost[row["source"]][row["post"]] += int(Decimal(row["amount"]) * 100)
    assert {post for posts in cost.values() for post in posts} == {"attract", "convert", "close"}
    assert sum(sum(posts.values()) for posts in cost.values()) == sum(
        sum(posts.values()) for posts in ninety_days.truth.spend_minor.values()
    )


def test_every_personal_value_is_listed(ninety_days: Simulation) -> None:
    """What looks like an address in a request is in `personal`, so that a leak scan knows what to look for."""
    emails = {
        email
        for event in web_events(ninety_days)
        if (email := event.get("traits", {}).get("email") or event.get("properties", {}).get("email"))
    }
    assert emails <= ninety_days.personal
    assert all(email.rpartition(".")[2] in {"test", "example"} for email in emails)


def test_the_mix_has_the_number_asked_for_and_no_id_twice() -> None:
    steps = list(mix(60_000, 1, END))
    ids = [
        identifier
        for step in steps
        for identifier in (
            [event["messageId"] for event in step.events] if isinstance(step, WebBatch) else [step.event_id]
        )
    ]
    assert len(ids) == len(set(ids)) == 60_000
    assert orjson.dumps([step.events if isinstance(step, WebBatch) else step.body for step in steps[:5]])
