"""What sales knows and what marketing pays, by every way they come in: a CRM with webhooks that got lost, a spreadsheet, an ad
platform's export; one table, one account page, and a log that accounts for all of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.crm_bridge.crms.hubspot import CLIENT_SECRET, TOKEN, Hubspot, signature_v3
from tests.e2e.house import House, running_house
from tests.standalone.running_demo import wanamaker

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

JANUARY = {"from_": "2026-01-01", "to": "2026-01-31"}
PUBLIC = "https://crm.example.com/webhooks/hubspot"

SPREADSHEET = """\
Angebot;Kunde;E-Mail;Status;Betrag;Währung;Angelegt am;Gewonnen am
A-17;Muster GmbH;bob@muster.example;gewonnen;1.234,50 €;EUR;12.01.2026;21.01.2026
A-18;Muster GmbH;bob@muster.example;verloren;99,00 €;EUR;13.01.2026;
A-19;Muster GmbH;bob@muster.example;gewonnen;sehr viel;EUR;13.01.2026;22.01.2026
"""
EXPORT = """\
Campaign performance
January 5, 2026 - January 6, 2026
Day,Campaign,Campaign ID,Currency code,Cost
2026-01-05,brand,111,EUR,"1,200.00"
2026-01-06,brand,111,EUR,300.00
Total: Campaigns, --, --,EUR,"1,500.00"
"""


def at(text: str) -> int:
    """HubSpot's milliseconds."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@contextmanager
def served(hubspot: Hubspot) -> Iterator[str]:
    """The fake portal on a socket of this machine: its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            url = f"http://127.0.0.1{self.path}"
            answer = hubspot.answer(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            """Nothing: the test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("sales") / "data"
    hubspot = Hubspot()
    with served(hubspot) as api:
        for command in (
            ("webhook", "hubspot", "--secret", CLIENT_SECRET),
            ("access", "hubspot", f"access_token={TOKEN}"),
        ):
            done = wanamaker("keys", "--data", data, *command)
            assert done.returncode == 0, done.stderr
        (data / "connections.toml").write_text(f'[hubspot]\nurl = "{PUBLIC}"\napi = "{api}"\n')
        with running_house(data, ["north"]) as running:
            visits(running)
            sales(running, hubspot)
            spreadsheet(running)
            costs(running)
            running.settle()
            yield running
    verified = wanamaker("verify", data=data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    audited = wanamaker("audit", data=data)
    assert audited.returncode == 0, audited.stdout + audited.stderr


def visits(house: House) -> None:
    doors = house.doors["default"]

    def page(name: str, cookie: str, when: str, query: str) -> dict[str, Any]:
        url = f"https://shop.test/?{query}"
        return {
            "type": "page",
            "messageId": name,
            "anonymousId": cookie,
            "timestamp": when,
            "context": {"page": {"url": url}},
        }

    def form(name: str, cookie: str, when: str, email: str) -> dict[str, Any]:
        return {
            "type": "track",
            "event": "Form Submitted",
            "messageId": name,
            "anonymousId": cookie,
            "timestamp": when,
            "properties": {"email": email},
        }

    batch = [
        page("m1", "c1", "2026-01-05T10:00:00Z", "utm_source=google&utm_medium=cpc&utm_campaign=brand"),
        form("m2", "c1", "2026-01-05T10:05:00Z", "ann@acme.example"),
        page("m3", "c2", "2026-01-06T10:00:00Z", "utm_source=newsletter&utm_medium=email&utm_campaign=jan"),
        form("m4", "c2", "2026-01-06T10:05:00Z", "bob@muster.example"),
    ]
    answer = house.client.post(
        f"{doors.collector}/v1/batch", json={"writeKey": doors.keys["secret_key"], "batch": batch}
    )
    assert answer.json()["accepted"] == 4, answer.text


def sales(house: House, hubspot: Hubspot) -> None:
    """Ann's deal is won in HubSpot. All webhooks got lost but the last, which says one thing only."""
    hubspot.create(
        "contacts", "501", at("2026-01-07T09:00"), email="Ann@Acme.example", lifecyclestage="salesqualifiedlead"
    )
    hubspot.create("companies", "77", at("2026-01-07T09:00"), name="Acme Ltd", domain="acme.example")
    hubspot.create("deals", "9", at("2026-01-08T09:00"), dealstage="appointmentscheduled", pipeline="default")
    hubspot.associate("9", "501", at("2026-01-08T09:01"))
    hubspot.companies_of["9"] = ["77"]
    hubspot.change("deals", "9", at("2026-01-20T12:00"), "dealstage", "closedwon")
    hubspot.change("deals", "9", at("2026-01-20T12:00"), "closedate", str(at("2026-01-20T12:00")))
    hubspot.change("deals", "9", at("2026-01-20T12:00"), "deal_currency_code", "EUR")
    hubspot.change("deals", "9", at("2026-01-20T12:00"), "amount", "2900.00")
    hubspot.outgoing.clear()
    found = wanamaker("reconcile", "hubspot", "--data", house.data)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "that no webhook had brought" in found.stdout
    hubspot.change("deals", "9", at("2026-01-21T12:00"), "amount", "3000.00")
    body, stamp = hubspot.delivery(), str(round(datetime.now(UTC).timestamp() * 1000))
    headers = {
        "x-hubspot-request-timestamp": stamp,
        "x-hubspot-signature-v3": signature_v3("POST", PUBLIC, body, stamp),
    }
    doors = house.doors["default"]
    answer = house.client.post(f"{doors.crm_bridge}/webhooks/hubspot", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def spreadsheet(house: House) -> None:
    """Bob's deals are kept by hand. One line of three cannot be read."""
    file = house.data.parent / "angebote.csv"
    file.write_text(SPREADSHEET)
    imported = wanamaker("import", "deals", file, "--yes", "--data", house.data)
    assert imported.returncode == 1, imported.stdout + imported.stderr


def costs(house: House) -> None:
    file = house.data.parent / "google.csv"
    file.write_text(EXPORT)
    taken = wanamaker("import", "spend", file, "--data", house.data)
    assert taken.returncode == 0, taken.stdout + taken.stderr


def test_each_channel_has_what_it_earned_and_what_it_cost(house: House) -> None:
    report = house.report("default", "/v1/roi", model="linear", basis="conversion", group_by="channel", **JANUARY)
    rows = {row["channel"]: (row["revenue_minor"], row["spend_minor"], row["deals"]) for row in report["rows"]}
    assert rows == {"Paid Search": (300_000, 150_000, 1), "Email": (123_450, 0, 1)}
    assert report["totals"]["roi"] == round((423_450 - 150_000) / 150_000, 4)


def test_the_costs_stand_on_their_campaign_and_days(house: House) -> None:
    report = house.report("default", "/v1/roi", group_by="day,campaign", model="linear", **JANUARY)
    spent = {(row["day"], row["campaign"]): row["spend_minor"] for row in report["rows"] if row["spend_minor"]}
    assert spent == {("2026-01-05", "brand"): 120_000, ("2026-01-06", "brand"): 30_000}


def test_an_account_is_its_people_and_their_deals(house: House) -> None:
    report = house.report("default", "/v1/roi", group_by="account", model="linear", **JANUARY)
    earned = {row["account"]: row["revenue_minor"] for row in report["rows"] if row["revenue_minor"]}
    assert earned == {"company:hubspot/77": 300_000, "domain:muster.example": 123_450}


def test_the_bad_line_of_the_spreadsheet_is_told_with_its_place(house: House) -> None:
    reasons = wanamaker("failed", "--data", house.data, "reasons").stdout
    assert "line 4" in reasons
    assert "sehr viel" not in reasons


def test_nothing_of_it_is_another_workspaces(house: House) -> None:
    report = house.report("north", "/v1/roi", group_by="channel", model="linear", **JANUARY)
    assert report["rows"] == []


def test_a_second_reconciliation_finds_nothing_new(house: House) -> None:
    found = wanamaker("reconcile", "hubspot", "--since", "2026-01-01", "--data", house.data)
    assert "0 that no webhook had brought" in found.stdout, found.stdout + found.stderr
    doors = house.doors["default"]
    key = {"authorization": f"Bearer {doors.keys['admin_key']}"}
    runs = json.loads(house.client.get(f"{doors.crm_bridge}/v1/reconcile/hubspot", headers=key).text)["runs"]
    assert [run["state"] for run in runs] == ["done", "done"]
