"""Pages of a vendor's lists: as large as the log takes, each once, and an end that is told where the vendor has none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs

from tests.crm_bridge.crms.bridge import ADMIN, Bridge, said
from tests.crm_bridge.crms.faults import no_sleep
from tests.crm_bridge.crms.hubspot import TOKEN as HUBSPOT_TOKEN
from tests.crm_bridge.crms.hubspot import Hubspot
from tests.crm_bridge.crms.pipedrive import COMPANY, Pipedrive
from tests.crm_bridge.crms.pipedrive import TOKEN as PIPEDRIVE_TOKEN
from tests.crm_bridge.crms.salesforce import CLIENT, Salesforce
from tests.crm_bridge.crms.zoho import ACCESS, STAGES, Zoho
from tests.crm_bridge.signing import NOW, workspace
from wanamaker_crm_bridge import readers
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.mapping import Fetch
from wanamaker_crm_bridge.readers import answers, fetchers, pages
from wanamaker_crm_bridge.readers import salesforce as salesforce_reader
from wanamaker_crm_bridge.readers.answers import ApiRefused, TooLarge
from wanamaker_crm_bridge.readers.api import Apis

T = NOW - 86_400
PAGE = {"list": "deals", "since": "0", "after": "", "run": "r"}


async def ask(dialect: str, access: dict[str, str], answer: Any, **asked: str) -> Any:
    keys = replace(workspace("w", {}), crm_access={"crm": access})
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        apis = Apis(client, {"w": keys}, Connections(), no_sleep, lambda: 0.0)
        return orjson.loads(await fetchers(apis)[dialect].fetch("w", "crm", Fetch("q", dialect, asked)))


async def ask_pipedrive(answer: Any, **asked: str) -> Any:
    return await ask("pipedrive-api", {"api_token": PIPEDRIVE_TOKEN}, answer, **asked)


async def ask_salesforce(salesforce: Salesforce, **asked: str) -> Any:
    return await ask("salesforce-api", CLIENT, salesforce.answer, **asked)


@pytest.fixture
def small_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 20_000)


class TestTooLarge:
    """A record of the log holds 16 MiB. What does not fit would be asked for again and again."""

    @pytest.mark.usefixtures("small_records")
    async def test_a_page_of_pipedrives_is_asked_for_in_smaller_parts(self, tmp_path: Path) -> None:
        pipedrive = Pipedrive()
        for number in range(150):
            pipedrive.create("deals", number, T, value=number, title="x" * 500)
        bridge = await Bridge(tmp_path, "pipedrive", "a:b", {"api_token": PIPEDRIVE_TOKEN}, pipedrive.answer, "").open()
        try:
            found = await bridge.reconcile()
            facts = await bridge.facts()
        finally:
            await bridge.close()
        assert (found["state"], found["pages"] > 8) == ("done", True)
        assert [said(facts, "deal", str(n))["amount"] for n in range(150)] == [str(n) for n in range(150)]

    @pytest.mark.usefixtures("small_records")
    async def test_a_page_of_salesforces_too(self, tmp_path: Path, salesforce: Salesforce) -> None:
        deals = [salesforce.put("Opportunity", n, T, StageName="A", Amount=n) for n in range(90)]
        bridge = await Bridge(tmp_path, "salesforce", "secret", CLIENT, salesforce.answer, "").open()
        try:
            found = await bridge.reconcile()
            facts = await bridge.facts()
        finally:
            await bridge.close()
        assert found["state"] == "done"
        assert [said(facts, "deal", deal)["amount"] for deal in deals] == [str(n) for n in range(90)]

    @pytest.mark.usefixtures("small_records")
    async def test_a_page_of_hubspots_too(self, tmp_path: Path) -> None:
        hubspot = Hubspot()
        for number in range(100, 160):
            hubspot.create("deals", str(number), 1000 * T, amount=str(number), dealname="x" * 500)
        bridge = await Bridge(tmp_path, "hubspot", "s", {"access_token": HUBSPOT_TOKEN}, hubspot.answer, "").open()
        try:
            found = await bridge.reconcile()
            facts = await bridge.facts()
        finally:
            await bridge.close()
        assert (found["state"], found["pages"] > 6) == ("done", True)
        assert [said(facts, "deal", str(n))["amount"] for n in range(100, 160)] == [str(n) for n in range(100, 160)]

    async def test_one_deal_with_more_history_than_fits_is_refused(
        self, salesforce: Salesforce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(salesforce_reader, "MOST_ROWS", 20)
        salesforce.batch = 5
        for number in range(40):
            deal = salesforce.put("Opportunity", 3, T + number, StageName="A", Amount=number)
        with pytest.raises(TooLarge, match="more than 20 rows of OpportunityHistory belong to what was asked for"):
            await ask_salesforce(salesforce, opportunities=deal)

    async def test_a_question_that_can_not_be_made_smaller_becomes_a_failed_event(self, tmp_path: Path) -> None:
        """At once: it will not be smaller the next time. The run says so."""
        bridge = await Bridge(
            tmp_path,
            "pipedrive",
            "a:b",
            {"api_token": PIPEDRIVE_TOKEN},
            lambda _: httpx.Response(200, content=b" " * (answers.MOST_BYTES + 1)),
            "",
        ).open()
        try:
            headers = {"authorization": f"Bearer {ADMIN}"}
            run = (await bridge.client.post("/v1/reconcile/pipedrive", headers=headers)).json()["run"]
            with capture_logs():  # a traceback for each attempt takes longer than the attempt
                bridge.now = int(run) / 1_000_000
                while await bridge.ask():
                    pass
            found = (await bridge.client.get(f"/v1/reconcile/pipedrive/{run}", headers=headers)).json()
            failures = await bridge.failures()
        finally:
            await bridge.close()
        assert f"was answered more than {answers.MOST_BYTES} bytes" in found["failed"]
        assert len(failures) == 5

    async def test_a_question_has_less_time_than_its_lease(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(readers, "MOST_SECONDS", 0.01)

        async def never(_: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        with pytest.raises(ApiRefused, match="took longer than 0 seconds together"):
            await ask_pipedrive(never, **PAGE)


def pages_of(*, after: Any, rows: list[Any]) -> Callable[[httpx.Request], httpx.Response]:
    """A Pipedrive that always says so."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/users/me":
            return httpx.Response(200, json={"data": {"company_id": COMPANY}})
        return httpx.Response(200, json={"data": rows, "additional_data": {"next_cursor": after}})

    return answer


class TestNoEnd:
    @pytest.mark.parametrize(
        ("rows", "after"),
        [([{"id": 1}], "c1"), ([{"id": 1}], 7), ([], "c2")],
        ids=["the same cursor", "the same number", "an empty page"],
    )
    async def test_a_list_that_repeats_itself_is_told(self, rows: list[Any], after: Any) -> None:
        asked = PAGE | {"after": "7" if after == 7 else "c1"}
        with pytest.raises(ApiRefused, match="the CRM's list of deals has no end"):
            await ask_pipedrive(pages_of(after=after, rows=rows), **asked)

    async def test_a_cursor_that_is_a_number_is_followed(self) -> None:
        found = await ask_pipedrive(pages_of(after=8, rows=[{"id": 1}]), **PAGE)
        assert found["next"] == "8"

    async def test_zohos_deleted_records_that_go_on_empty_are_told(self) -> None:
        zoho = Zoho()

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/deleted"):
                return httpx.Response(200, json={"data": [], "info": {"more_records": True}})
            return zoho.answer(request)

        asked = PAGE | {"list": "deleted", "after": "3"}
        with pytest.raises(ApiRefused, match="the CRM's list of deleted has no end"):
            await ask("zoho-api", ACCESS, answer, **asked)

    @pytest.mark.parametrize("more", [".evil.test/collect", "@evil.test/", "https://evil.test/", "", "/again"])
    async def test_salesforces_rows_go_on_at_the_same_host_and_not_for_ever(
        self, salesforce: Salesforce, more: str
    ) -> None:
        hosts: set[str] = set()

        def answer(request: httpx.Request) -> httpx.Response:
            hosts.add(request.url.host)
            if request.url.path == "/services/oauth2/token":
                return salesforce.answer(request)
            row = {"Id": "0065g0000Ab0003AQA"}
            return httpx.Response(200, json={"records": [row], "done": False, "nextRecordsUrl": more})

        with pytest.raises(ApiRefused, match="the rows of Opportunity go on nowhere, or where they were"):
            await ask("salesforce-api", CLIENT, answer, **(PAGE | {"list": "opportunities"}))
        assert hosts == {"acme.my.salesforce.com"}


class TestPipedrive:
    async def test_participants_without_a_person_are_passed_over(self) -> None:
        """They count as rows: else the same ones would be asked for, for ever."""
        rows = [{"person_id": None}, {"person_id": {"value": 501}}, {}, {"person_id": {"value": 502}}]

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/participants"):
                start = int(request.url.params["start"])
                more = {"pagination": {"more_items_in_collection": start + 1 < len(rows)}}
                return httpx.Response(200, json={"data": rows[start : start + 1], "additional_data": more})
            if request.url.path == "/v1/users/me":
                return httpx.Response(200, json={"data": {"company_id": COMPANY}})
            return httpx.Response(200, json={"data": {"id": 9, "participants_count": 4}})

        found = await asyncio.wait_for(ask_pipedrive(answer, deals="9"), 5)
        assert found["participants"] == [{"deal": 9, "persons": [501, 502]}]

    async def test_only_what_changed_since_is_asked_for(self) -> None:
        queries: list[dict[str, str]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            queries.append(dict(request.url.params))
            return pages_of(after=None, rows=[])(request)

        await ask_pipedrive(answer, **PAGE)
        await ask_pipedrive(answer, **(PAGE | {"since": str(T * 1_000_000 + 999_999)}))
        assert ["updated_since" in query for query in queries] == [False, False, False, True]
        assert queries[-1]["updated_since"] == "2026-01-04T10:00:00Z"

    @pytest.mark.parametrize(("main", "participants"), [(None, 1), (501, 2)])
    async def test_participants_are_asked_for_where_there_are_any_but_the_main_person(
        self, main: int | None, participants: int
    ) -> None:
        pipedrive = Pipedrive()
        pipedrive.create("deals", 9, T, person_id=main)
        assert (await ask_pipedrive(pipedrive.answer, deals="9"))["participants"] == []
        pipedrive.participants[9] = [502]
        found = await ask_pipedrive(pipedrive.answer, deals="9")
        assert [len(row["persons"]) for row in found["participants"]] == [participants]

    @pytest.mark.parametrize("status", [404, 410])
    async def test_what_is_gone_is_not_there(self, status: int) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/users/me":
                return httpx.Response(200, json={"data": {"company_id": COMPANY}})
            return httpx.Response(status, json={"success": False})

        assert (await ask_pipedrive(answer, deals="9"))["deals"] == []

    @pytest.mark.parametrize("object_id", ["../../v1/users", "9?x=", "..", ".", "x", "9/../8", "٣"])
    async def test_what_is_no_number_is_asked_of_no_other_path(self, object_id: str) -> None:
        pipedrive = Pipedrive()
        found = await ask_pipedrive(pipedrive.answer, deals=object_id)
        assert found["deals"] == []
        assert pipedrive.calls == ["GET /v1/users/me"]


class TestZoho:
    async def test_a_stage_that_is_new_means_what_zoho_says_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        zoho = Zoho()
        zoho.create("Deals", "1", T, Stage="Qualification")
        zoho.create("Deals", "2", T, Stage="Made up")
        keys = replace(workspace("w", {}), crm_access={"crm": ACCESS})
        async with httpx.AsyncClient(transport=httpx.MockTransport(zoho.answer)) as client:
            reader = fetchers(Apis(client, {"w": keys}, Connections(), no_sleep, lambda: 0.0))["zoho-api"]

            async def stages_of(deal: str) -> set[str]:
                question = Fetch("q", "zoho-api", {"module": "Deals", "ids": deal})
                return {
                    each["display_value"] for each in orjson.loads(await reader.fetch("w", "crm", question))["stages"]
                }

            assert await stages_of("1") == await stages_of("1") == set(STAGES)
            assert zoho.calls.count("GET /crm/v8/settings/fields") == 1
            monkeypatch.setitem(STAGES, "Made up", "Closed Won")
            assert await stages_of("2") == set(STAGES)
            assert zoho.calls.count("GET /crm/v8/settings/fields") == 2
