"""Salesforce's ids of 15 and 18 characters. The examples are Salesforce's own and were worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm_bridge.crms.salesforce import long_id
from wanamaker_crm_bridge.dialects.salesforce_ids import checksum_of, salesforce_id
from wanamaker_crm_bridge.mapping import Unmappable

EXAMPLES = [
    ("00D000000000062", "EAA"),  # D is the third of its five: 4
    ("001A0000006Vm9r", "IAC"),  # A the fourth: 8; V the second: 2
    ("0065g0000Ab0003", "AQA"),  # A the last: 16
    ("ABCDEFGHIJKLMNO", "555"),  # all: 31
    ("000000000000000", "AAA"),
]


@pytest.mark.parametrize(("short", "checksum"), EXAMPLES)
def test_both_forms_are_one_id(short: str, checksum: str) -> None:
    assert salesforce_id(short, "Id") == salesforce_id(short + checksum, "Id") == short + checksum
    assert salesforce_id(f" {short}\n", "Id") == short + checksum


@pytest.mark.parametrize("lost", [str.upper, str.lower])
def test_a_case_that_was_lost_is_given_back(lost: type) -> None:
    assert salesforce_id(lost("001A0000006Vm9rIAC"), "Id") == "001A0000006Vm9rIAC"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "001A0000006Vm9",
        "001A0000006Vm9rI",
        "001A0000006Vm9rIACA",
        "001A0000006Vm9!",
        "٠٠١A0000006Vm9r",
        None,
        7,
        [],
        {},
        "001A0000006Vm9rIAA",
        "001A0000006Vm9rIA9",
        "001a0000006vm9rDAC",
        "001A0000006Vm9r\x00",
    ],
)
def test_what_is_no_id_is_refused_without_the_value(value: object) -> None:
    with pytest.raises(Unmappable, match=r"^Id (must be a|is no) Salesforce id") as refused:
        salesforce_id(value, "Id")
    assert not isinstance(value, str) or not value or value not in str(refused.value)


@given(st.text("aAbZz09", min_size=15, max_size=15))
def test_any_id_of_15_is_the_one_of_18(short: str) -> None:
    assert short + checksum_of(short) == long_id(short) == salesforce_id(long_id(short), "Id")
    assert salesforce_id(long_id(short).upper(), "Id") == salesforce_id(long_id(short).lower(), "Id") == long_id(short)
