"""The form plugin's events: which field is the e-mail, and that passwords and cards go no further."""

from __future__ import annotations

from typing import Any

import pytest

from wanamaker_collector.snowplow_forms import form_members, is_card_number

CARD = "4111 1111 1111 1111"


def element(name: Any, value: Any, kind: str = "text") -> dict[str, Any]:
    return {"name": name, "value": value, "nodeName": "INPUT", "type": kind}


def submitted(*elements: Any) -> Any:
    event = form_members("submit_form", {"formId": "demo", "formClasses": [], "elements": list(elements)})
    assert (event["type"], event["event"], event["properties"]["form"]) == ("track", "Form Submitted", "demo")
    return event["properties"]


@pytest.mark.parametrize(
    ("elements", "email"),
    [
        ([element("x", "ann@example.com", "email")], "ann@example.com"),
        ([element("your-email", "b@example.com"), element("x", "ann@example.com", "email")], "ann@example.com"),
        ([element("E-Mail", "ann@example.com")], "ann@example.com"),
        ([element("e_mail", ""), element("emailAddress", "ann@example.com")], "ann@example.com"),
        ([element("email", "")], ""),
        ([element("email", None)], None),
        ([element("message", "ann@example.com")], None),
        ([element("email-password", "open sesame", "password")], None),
        ([element("email_password", "open sesame"), element("email", "")], ""),
        ([element("email", CARD)], None),
        ([element("password", "ann@example.com", "email")], "ann@example.com"),
        ([element("secretary_email", "ann@example.com")], "ann@example.com"),
        ([], None),
        (["no element", element(None, "x"), element(7, "ann@example.com")], None),
    ],
)
def test_the_e_mail_of_a_form(elements: list[Any], email: str | None) -> None:
    assert submitted(*elements).get("email") == email


SECRETS = [
    element("x", "open sesame", "password"),
    *(
        element(name, "open sesame")
        for name in (
            "password user_password Passwort pass login-pass pwd cvv card_cvc cardNumber card-no cc cc-exp iban pin ssn"
        ).split()
    ),
    element("note", CARD),
    element("note", "4111-1111-1111-1111"),
]  # fmt: skip

PLAIN = [
    *(
        element(name, "open sesame")
        for name in "compass passenger account discard spinning success message secretary".split()
    ),
    element("phone", "+49 30 1234567890"),
    element("order", "4111 1111 1111 1112"),
    element("n", "0"),
    element("n", None),
]


@pytest.mark.parametrize("secret", SECRETS, ids=lambda each: f"{each['name']}={each['value']}")
def test_secrets_go_no_further(secret: dict[str, Any]) -> None:
    assert submitted(secret, element("city", "Bonn"))["fields"] == {"city": "Bonn"}
    for name in ("focus_form", "change_form"):
        stated = {"formId": "demo", "elementId": secret["name"], "type": secret["type"], "value": secret["value"]}
        event = form_members(name, stated)
        assert event == {
            "type": "track",
            "event": name,
            "properties": {"formId": "demo", "elementId": secret["name"], "type": secret["type"]},
        }


@pytest.mark.parametrize("plain", PLAIN, ids=lambda each: f"{each['name']}={each['value']}")
def test_other_fields_are_kept(plain: dict[str, Any]) -> None:
    assert submitted(plain)["fields"] == {plain["name"]: plain["value"]}
    stated = {"elementId": plain["name"], "value": plain["value"]}
    assert form_members("change_form", stated)["properties"] == stated


def test_whatever_stands_where_elements_should() -> None:
    stated: list[Any] = [None, 7, "x", {}, [[]], [None]]
    for elements in stated:
        properties = form_members("submit_form", {"elements": elements})["properties"]
        assert properties == {"form": None, "fields": {}}


@pytest.mark.parametrize("text", [CARD, "378282246310005", "6011000990139424", " 5555555555554444 "])
def test_card_numbers(text: str) -> None:
    assert is_card_number(text)


@pytest.mark.parametrize(
    "text", ["", "4111111111111112", "411111111111", "41111111111111111111", "4111 1111  1111 1111", "x" * 16]
)
def test_other_numbers(text: str) -> None:
    assert not is_card_number(text)
