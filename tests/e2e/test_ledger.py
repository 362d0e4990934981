"""A deal told by stages and in a foreign currency, through a running Wanamaker: won, converted by the ECB's rate, mapped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.standalone.running_demo import wanamaker
from tests.standalone.running_up import wait_for

from .house import House, running_house

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORKSPACE = "ledger"
DEAL = "/v1/deals/generic/D1"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("house") / "data", [WORKSPACE]) as house:
        yield house


def tell(house: House, id: str, at: str, **deal: Any) -> None:
    doors, now = house.doors[WORKSPACE], datetime.now(UTC)
    body = json.dumps({"type": "deal.updated", "id": id, "occurred_at": at, "deal": {"id": "D1", **deal}})
    headers = {
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(doors.keys["webhooks"]["generic"]).sign(id, now, body),
    }
    answer = house.client.post(f"{doors.crm_bridge}/webhooks/generic", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def shown(house: House, holds: Callable[[Any], bool]) -> Any:
    """The deal, once this holds of it."""

    def look() -> Any:
        deal = house.report(WORKSPACE, DEAL)["deal"]
        return deal if holds(deal) else None

    house.settle()
    return wait_for(look)


def test_stages_rates_and_history(house: House) -> None:
    tell(house, "e1", "2026-01-20T10:00:00Z", stage="Proposal", amount="900.00", currency="PLN")
    tell(house, "e2", "2026-02-01T10:00:00Z", stage="Closed Won", amount="1000.00")
    friday = {"day": "2026-01-30", "base": "EUR", "currency": "PLN", "rate": "4.2073", "origin": "table"}
    deal = shown(house, lambda deal: deal["rates"] == [friday])  # an older day's may have been taken in before
    assert (deal["status"], deal["revenue_minor"]) == ("won", 23_768)

    doors = house.doors[WORKSPACE]
    headers = {"Authorization": f"Bearer {doors.keys['admin_key']}"}
    stated = {"stage_maps": {"generic": {"*": {"Closed Won": "lost", "Proposal": "won"}}}}
    assert house.client.put(f"{doors.attribution}/v1/settings", json=stated, headers=headers).status_code == 200
    assert shown(house, lambda deal: deal["status"] == "lost")["revenue_minor"] is None
    history = house.report(WORKSPACE, f"{DEAL}/history")["history"]
    assert [(entry["after"]["status"], entry["after"]["amount"]) for entry in history] == [
        ("won", "900.00"),
        ("lost", "1000.00"),
    ]
    verified = wanamaker("verify", "--data", house.data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
