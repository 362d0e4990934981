"""Single rules of Pipedrive's and Zoho's fields, each alone: places within a second, primary addresses, stages by either name."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.dialects.pipedrive import map_webhook as map_pipedrive
from wanamaker_crm_bridge.dialects.pipedrive_properties import deal_marks, is_gone, person_said
from wanamaker_crm_bridge.dialects.whole_seconds import SECOND, read_after, told_within
from wanamaker_crm_bridge.dialects.zoho import map_webhook as map_zoho
from wanamaker_crm_bridge.dialects.zoho_fields import deal_meant, stages_of
from wanamaker_crm_bridge.dialects.zoho_fields import person_said as zoho_person_said
from wanamaker_crm_bridge.dialects.zoho_reading import map_reading as map_zoho_reading
from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import read_json
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook
from wanamaker_shared.contracts.crm_events import DealRevised

KEY = bytes(32)
AT = 1_767_520_800 * SECOND
"""2026-01-04T10:00:00Z."""


def fields(value: Any) -> Fields:
    return Fields(read_json(orjson.dumps(value)))


def webhook(body: Any) -> Webhook:
    return Webhook("w", "crm", "d", NOW * SECOND, orjson.dumps(body))


@pytest.mark.parametrize(
    ("told", "place"),
    [
        (-5, 1),
        (0, 1),
        (1, 1),
        (500_000, 500_000),
        (SECOND - 2, SECOND - 2),
        (SECOND - 1, SECOND - 2),
        (SECOND * 9, SECOND - 2),
    ],
)
def test_a_webhook_stands_within_its_second_between_what_was_read_in_and_after_it(told: int, place: int) -> None:
    assert told_within(AT, AT + told) == AT + place
    assert read_after(AT, AT) < AT + place < read_after(AT, AT + 2 * SECOND)


@pytest.mark.parametrize(("read", "place"), [(-5, 0), (2 * SECOND - 1, 0), (2 * SECOND, SECOND - 1)])
def test_a_reading_stands_at_the_end_of_a_second_that_was_over(read: int, place: int) -> None:
    assert read_after(AT, AT + read) == AT + place


class TestPipedrive:
    def test_version_1_tells_the_moment_beside_the_second(self) -> None:
        meta = {"object": "deal", "id": 9, "company_id": 1, "action": "updated", "timestamp": AT // SECOND}
        current = {"id": 9, "status": "open", "update_time": "2026-01-04 10:00:00"}
        body = {"meta": {**meta, "timestamp_micro": AT + 250_000}, "current": current, "previous": None}
        (event,) = map_pipedrive(webhook(body), Context(KEY)).events
        assert event.occurred_at == AT + 250_000

    @pytest.mark.parametrize(
        ("deal", "gone"),
        [
            ({"status": "deleted"}, True),
            ({"deleted": True}, True),
            ({"is_deleted": True}, True),
            ({"status": "lost", "deleted": False, "is_deleted": False}, False),
            ({"is_deleted": "true"}, False),
        ],
    )
    def test_either_version_tells_that_a_deal_is_gone(self, deal: dict[str, Any], gone: bool) -> None:
        assert is_gone(fields(deal)) is gone

    def test_the_primary_address_and_number_come_first(self) -> None:
        entries = [{"value": "b@example.com", "primary": False}, {"value": "a@example.com", "primary": True}]
        phones = [{"value": "2", "primary": False}, {"value": "1", "primary": True}]
        said = person_said(KEY, fields({"emails": entries, "phones": phones}), None)
        assert said.personal == {"emails": ["a@example.com", "b@example.com"], "phone": "1"}

    @pytest.mark.parametrize("name", ["stage_change_time", "won_time", "lost_time"])
    def test_spells_of_one_state_are_told_apart(self, name: str) -> None:
        assert deal_marks(fields({name: "2026-01-04T10:00:00Z"})) != deal_marks(fields({}))

    @pytest.mark.parametrize("before", [None, {"value": 1}, {"is_deleted": False, "status": "open"}])
    def test_a_deal_that_was_not_deleted_is_not_restored(self, before: Any) -> None:
        meta = {
            "entity": "deal",
            "entity_id": 9,
            "company_id": 1,
            "action": "change",
            "timestamp": "2026-01-04T10:00:00Z",
        }
        body = {"meta": meta, "data": {"id": 9, "status": "open"}, "previous": before}
        assert [event.type for event in map_pipedrive(webhook(body), Context(KEY)).events] == ["deal.revised"]


def zoho_reading(**lists: Any) -> Mapped:
    return map_zoho_reading(webhook({"read": AT + 9 * SECOND, **lists}), Context(KEY, readable=True))


class TestZoho:
    @pytest.mark.parametrize("name", ["display_value", "actual_value"])
    @pytest.mark.parametrize("called", ["forecast_type", "deal_category"])
    def test_a_stage_is_known_by_either_name_and_meaning(self, name: str, called: str) -> None:
        assert stages_of([read_json(orjson.dumps({name: "Signed", called: "Closed Won"}))]) == {"Signed": "won"}

    @pytest.mark.parametrize("meaning", ["Omitted", "", None, 7])
    def test_a_meaning_that_is_none_of_ours_is_none(self, meaning: Any) -> None:
        assert stages_of([read_json(orjson.dumps({"display_value": "Signed", "forecast_type": meaning}))]) == {}

    def test_a_won_deal_without_a_closing_date_has_none(self) -> None:
        meant = deal_meant(fields({"Stage": "Signed"}), {"Signed": "won"})
        assert meant is not None
        assert meant.properties == {"stage_means": {"Signed": "won"}, "closed_at": None}

    @pytest.mark.parametrize(
        ("person", "phone"),
        [
            ({"Phone": "1", "Mobile": "2"}, {"phone": "1"}),
            ({"Phone": None, "Mobile": "2"}, {"phone": "2"}),
            ({"Phone": "", "Mobile": ""}, {}),
        ],
    )
    def test_a_mobile_number_is_one_where_there_is_no_other(self, person: Any, phone: dict[str, str]) -> None:
        assert zoho_person_said(KEY, fields(person), None).personal == phone

    def test_a_lead_is_its_contact_since_it_was_converted(self) -> None:
        lead = {"id": "7", "Modified_Time": "2026-01-04T15:30:00+05:30", "Converted_Contact": {"id": "5"}}
        dated = lead | {"Converted_Date_Time": "2026-01-04T12:30:00+05:30"}
        for found, at in ((lead, AT), (dated, AT - 3 * 3600 * SECOND)):
            (merge,) = [event for event in zoho_reading(Leads=[found]).events if event.type == "contact.merged"]
            assert merge.occurred_at == at

    def test_a_value_says_something_of_its_own_record_only(self) -> None:
        values = [{"record_id": number, "values": {"Amount": number}} for number in (1, 2)]
        body = {"module": "Deals", "operation": "update", "server_time": AT // 1000, "ids": ["1", "2"]}
        events = map_zoho(webhook(body | {"affected_values": values}), Context(KEY)).events
        said = {(event.deal_id, event.properties["amount"]) for event in events if isinstance(event, DealRevised)}
        assert said == {("1", "1"), ("2", "2")}

    def test_what_was_deleted_is_not_asked_for(self) -> None:
        body = {"module": "Deals", "operation": "delete", "server_time": AT // 1000, "ids": ["1"]}
        mapped = map_zoho(webhook(body), Context(KEY, readable=True))
        assert ([event.type for event in mapped.events], mapped.fetches) == (["deal.deleted"], ())
