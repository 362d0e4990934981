"""Bodies in the shapes that the vendors' pages show, field by field; what they come to is written by hand.

Pipedrive: "Guide for Webhooks" (v1), "Guide for Webhooks v2" and its migration guide. Zoho: "Notification APIs" v8.
"""

from __future__ import annotations

import json
from typing import Any

from tests.crm_bridge.signing import NOW
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook

PIPEDRIVE_2: dict[str, Any] = {
    "meta": {
        "action": "change",
        "entity": "deal",
        "company_id": "123123",
        "correlation_id": "f7b6a1b2-1111-2222-3333-123456789012",
        "entity_id": "1",
        "id": "0a6ee8d6-1111-2222-3333-123456789012",
        "is_bulk_edit": False,
        "timestamp": "2026-01-04T10:00:05.250Z",
        "type": "general",
        "user_id": "123",
        "version": "2.0",
        "webhook_id": "99",
        "webhook_owner_id": "123",
        "change_source": "app",
        "attempt": 1,
        "host": "company.pipedrive.com",
        "permitted_user_ids": ["123", "456"],
    },
    "data": {
        "add_time": "2026-01-04T09:57:34Z",
        "channel": None,
        "channel_id": None,
        "close_time": "2026-01-04T10:00:05Z",
        "creator_user_id": 123,
        "currency": "BRL",
        "custom_fields": {},
        "expected_close_date": "2026-03-31",
        "first_won_time": "2026-01-04T10:00:05Z",
        "id": 1,
        "label_ids": [],
        "lost_reason": None,
        "lost_time": None,
        "org_id": 1,
        "origin": "ManuallyCreated",
        "origin_id": None,
        "owner_id": 123,
        "person_id": 1,
        "pipeline_id": 1,
        "probability": None,
        "stage_change_time": "2026-01-04T09:59:01Z",
        "stage_id": 2,
        "status": "won",
        "title": "Deal 01",
        "update_time": "2026-01-04T10:00:05Z",
        "value": 1,
        "visible_to": "3",
        "won_time": "2026-01-04T10:00:05Z",
        "is_archived": False,
        "archive_time": None,
    },
    "previous": {"status": "open", "won_time": None, "update_time": "2026-01-04T09:59:01Z"},
}

PIPEDRIVE_1: dict[str, Any] = {
    "v": 1,
    "matches_filters": {"current": []},
    "meta": {
        "action": "updated",
        "change_source": "app",
        "company_id": 123123,
        "host": "company.pipedrive.com",
        "id": 1,
        "is_bulk_update": False,
        "matches_filters": {"current": []},
        "object": "deal",
        "permitted_user_ids": [123],
        "pipedrive_service_name": False,
        "timestamp": 1767520805,
        "timestamp_micro": 1767520805250000,
        "prepublish_timestamp": 1767520805337,
        "trans_pending": False,
        "user_id": 123,
        "v": 1,
        "webhook_id": "99",
    },
    "current": {
        "id": 1,
        "person_id": 1,
        "org_id": 1,
        "person_name": "Somebody",
        "org_name": "Some company",
        "stage_id": 2,
        "pipeline_id": 1,
        "title": "Deal 01",
        "value": 1,
        "currency": "BRL",
        "add_time": "2026-01-04 09:57:34",
        "update_time": "2026-01-04 10:00:05",
        "stage_change_time": "2026-01-04 09:59:01",
        "active": False,
        "deleted": False,
        "status": "won",
        "expected_close_date": "2026-03-31",
        "close_time": "2026-01-04 10:00:05",
        "won_time": "2026-01-04 10:00:05",
        "lost_time": None,
        "participants_count": 1,
        "formatted_value": "R$1",
    },
    "previous": {"id": 1, "status": "open", "deleted": False},
    "retry": 0,
    "event": "updated.deal",
}

ZOHO: dict[str, Any] = {
    "server_time": 1767520806000,
    "affected_values": [{"record_id": "6756839000000575405", "values": {"Stage": "Closed Won", "Amount": 1}}],
    "query_params": {},
    "module": "Deals",
    "resource_uri": "https://www.zohoapis.com/crm/v8/Deals",
    "ids": ["6756839000000575405"],
    "affected_fields": [{"6756839000000575405": ["Stage", "Amount"]}],
    "operation": "update",
    "channel_id": "1105420521999070702",
    "token": "c3504777-db15-4332-8286-478a1b5006bc",
}


def mapped(dialect: str, body: dict[str, Any]) -> Mapped:
    webhook = Webhook("default", dialect, "d", NOW * 1_000_000, json.dumps(body).encode())
    return DIALECTS[dialect](webhook, Context(bytes(32)))


def test_both_versions_of_pipedrives_webhook_are_one_statement() -> None:
    first, second = mapped("pipedrive", PIPEDRIVE_1), mapped("pipedrive", PIPEDRIVE_2)
    deal, contacts = second.events
    assert deal.model_dump()["properties"] == {
        "status": "won",
        "pipeline": "1",
        "stage": "2",
        "amount": "1",
        "currency": "BRL",
        "created_at": "2026-01-04T09:57:34Z",
        "closed_at": "2026-01-04T10:00:05Z",
        "company_id": "1",
    }
    assert (deal.occurred_at, contacts.model_dump()["contacts"]) == (1_767_520_805_250_000, ["1"])
    assert [event.event_id for event in first.events] == [event.event_id for event in second.events]
    assert first.standing == second.standing


def test_a_deletion_by_a_merge_says_where_the_deal_went() -> None:
    meta = {**PIPEDRIVE_2["meta"], "action": "delete", "merged_to_id": "7"}
    (merge,) = mapped("pipedrive", {"meta": meta, "data": None, "previous": PIPEDRIVE_2["data"]}).events
    said = merge.model_dump()
    assert (said["type"], said["from_id"], said["into_id"]) == ("deal.merged", "1", "7")


def test_zohos_notification_has_the_values_that_its_channel_asked_for() -> None:
    (deal,) = mapped("zoho", ZOHO).events
    said = deal.model_dump()
    assert (said["deal_id"], said["properties"]) == ("6756839000000575405", {"stage": "Closed Won", "amount": "1"})
    assert said["occurred_at"] == 1_767_520_806_000_000
