"""Where within its second a statement stands; and how an API's answer goes on."""

from __future__ import annotations

from typing import Any

import pytest

from wanamaker_crm_bridge.dialects.pages import reconciled
from wanamaker_crm_bridge.dialects.whole_seconds import SECOND, read_after, told_within
from wanamaker_crm_bridge.fields import Fields
from wanamaker_crm_bridge.json_body import Number
from wanamaker_crm_bridge.mapping import page

CHANGED = 1_767_520_805 * SECOND


@pytest.mark.parametrize(
    ("told", "within"),
    [(-SECOND, 1), (0, 1), (1, 1), (250_000, 250_000), (999_998, 999_998), (999_999, 999_998), (5 * SECOND, 999_998)],
)
def test_a_webhook_stands_where_it_was_told_within_the_second_of_the_change(told: int, within: int) -> None:
    """After what was read too early, and before what was read when the second was over."""
    assert told_within(CHANGED, CHANGED + told) == CHANGED + within
    assert read_after(CHANGED, CHANGED) < CHANGED + within < read_after(CHANGED, CHANGED + 9 * SECOND)


@pytest.mark.parametrize(("read", "at"), [(0, 0), (2 * SECOND - 1, 0), (2 * SECOND, 999_999), (9 * SECOND, 999_999)])
def test_a_reading_stands_behind_the_second_once_that_was_over(read: int, at: int) -> None:
    assert read_after(CHANGED, CHANGED + read) == CHANGED + at


ASKED = {"run": "7", "list": "deals", "since": "0", "after": ""}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, {}),
        ({"asked": {"deals": "9"}, "next": "5"}, {}),
        ({"asked": ASKED}, {"run": "7"}),
        ({"asked": ASKED, "next": None}, {"run": "7"}),
        ({"asked": ASKED, "next": Number("5")}, {"run": "7"}),
        (
            {"asked": ASKED, "next": "5"},
            {"run": "7", "fetches": (page("x-api", run="7", of="deals", since="0", after="5"),)},
        ),
    ],
)
def test_an_answer_of_a_run_asks_for_its_next_page(answer: dict[str, Any], expected: dict[str, Any]) -> None:
    assert reconciled(Fields(answer), "x-api") == expected
