"""How each vendor signs, by vectors that are not ours: published ones, and ones made with openssl as the docstrings show."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm_bridge.signing import NOW, raw
from wanamaker_crm_bridge.schemes import CRMS, HUBSPOT_V1, HUBSPOT_V2, HUBSPOT_V3, SCHEMES, STRIPE
from wanamaker_crm_bridge.senders import delivery_of
from wanamaker_crm_bridge.signatures import Request, delivery_id_of, verified_id
from wanamaker_crm_bridge.tokens import BASIC, BEARER, BODY_TOKEN, PATH, Token, told_id

HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
BODY = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.creation",'
    b'"attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
)
URI = "https://crm.example.com/webhooks/hubspot"


def test_hubspots_published_v1_vector() -> None:
    headers = raw({"x-hubspot-signature": "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"})
    assert verified_id(HUBSPOT_V1, HUBSPOT_SECRET, Request(headers, BODY), now=NOW) == delivery_id_of(BODY)
    assert verified_id(HUBSPOT_V1, HUBSPOT_SECRET, Request(headers, BODY + b" "), now=NOW) is None


def test_hubspots_published_v2_vector() -> None:
    headers = raw({"x-hubspot-signature": "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"})
    asked = Request(headers, b"", "GET", "https://www.example.com/webhook_uri")
    assert verified_id(HUBSPOT_V2, HUBSPOT_SECRET, asked, now=NOW) == delivery_id_of(b"")
    assert verified_id(HUBSPOT_V2, HUBSPOT_SECRET, asked._replace(method="POST"), now=NOW) is None


def v3(signature: str, uri: str = URI, timestamp: int = NOW * 1000) -> Request:
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": str(timestamp)}
    return Request(raw(headers), BODY, "POST", uri)


PLAIN = "4VN6hHKXIXZ199biloLfqfN/E5YAGADYbb8nX3I2NIc="
ESCAPED = "QwL7xTgaM9gtPcunz6+Q+Lt0xsj/r0EgIX7kiTx8c2s="


def test_hubspot_v3_as_openssl_signs_it() -> None:
    """`printf 'POST%s%s%s' "$URI" "$BODY" 1767607200000 | openssl dgst -sha256 -hmac "$SECRET" -binary | base64`"""
    assert verified_id(HUBSPOT_V3, HUBSPOT_SECRET, v3(PLAIN), now=NOW) == delivery_id_of(BODY)


@pytest.mark.parametrize(
    "query",
    ["?to=a@b/c%20d&x=(1)", "?to=a%40b%2Fc%20d&x=%281%29", "?to=a%40b%2fc%20d&x=(1)", "?to=a@b/c%20d&x=(1)#top"],
)
def test_hubspot_v3_signs_the_query_with_these_characters_plain(query: str) -> None:
    """The same with `URI='…/hubspot?to=a@b/c%20d&x=(1)'`: however the query came, that is what was signed."""
    assert verified_id(HUBSPOT_V3, HUBSPOT_SECRET, v3(ESCAPED, URI + query), now=NOW) is not None


@pytest.mark.parametrize(("apart", "taken"), [(-300, True), (-301, False), (300, True), (301, False)])
def test_hubspot_v3_has_a_window_of_two_sides_in_milliseconds(apart: int, taken: bool) -> None:
    assert (verified_id(HUBSPOT_V3, HUBSPOT_SECRET, v3(PLAIN), now=NOW + apart) is not None) is taken


def test_hubspots_older_signatures_count_only_where_a_connection_asks_for_them() -> None:
    """They have no time: who overheard one may send it for ever."""
    assert CRMS["hubspot"] == (HUBSPOT_V3,)


STRIPE_BODY = b'{"id":"evt_1"}'
STRIPE_SIGNATURE = "53ad6acf2c1f561d8fc80da2f39c62252324ad9a8c3730bf7010ec620e572089"


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (f"t={NOW},v1={STRIPE_SIGNATURE}", True),
        (f"t={NOW},v1={'0' * 64},v1={STRIPE_SIGNATURE},v0={'1' * 64}", True),
        (f"t={NOW}, v1={STRIPE_SIGNATURE}", True),
        (f"t={NOW},v0={STRIPE_SIGNATURE}", False),
        (f"t={NOW},t={NOW},v1={STRIPE_SIGNATURE}", False),
        (f"t={NOW + 1},v1={STRIPE_SIGNATURE}", False),
        (f"v1={STRIPE_SIGNATURE}", False),
        ("t=,v1=", False),
        ("", False),
    ],
)
def test_stripe_as_openssl_signs_it(header: str, taken: bool) -> None:
    """`printf '1767607200.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test_secret -hex`"""
    request = Request(raw({"stripe-signature": header}), STRIPE_BODY)
    assert (verified_id(STRIPE, "whsec_test_secret", request, now=NOW + 299) is not None) is taken
    assert verified_id(STRIPE, "whsec_test_secret", request, now=NOW + 301) is None
    assert verified_id(STRIPE, "whsec_test_secret", request, now=NOW - 301) is None


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


@pytest.mark.parametrize(
    ("token", "request_"),
    [
        (BEARER, Request(raw({"authorization": "Bearer me:pass"}), b"{}")),
        (BASIC, Request(raw({"authorization": basic(b"me:pass")}), b"{}")),
        (PATH, Request([], b"{}", path="/webhooks/salesforce/me:pass")),
        (BODY_TOKEN, Request([], b'{"token": "me:pass"}')),
    ],
)
def test_a_token_is_found_where_its_sender_says_it(token: Token, request_: Request) -> None:
    assert told_id(token, "me:pass", request_) == delivery_id_of(request_.body)
    assert told_id(token, "me:other", request_) is None
    assert (
        told_id(token, "", request_._replace(headers=raw({"authorization": "Bearer "}), path="/", body=b'{"token":""}'))
        is None
    )


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_a_secret_that_no_sender_can_say_is_nobodys(name: str) -> None:
    """Half a character in keys.json: as JSON has it, and no bytes are."""
    request = Request(raw({"authorization": "Bearer x"}), b'{"token":"\\ud800"}', path="/webhooks/x/x")
    assert delivery_of(SCHEMES[name], "\ud800", request, NOW) is None


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"authorization",
                    b"stripe-signature",
                    b"x-hubspot-signature",
                    b"x-hubspot-signature-v3",
                    b"webhook-id",
                ]
            ),
            st.binary(max_size=60) | st.sampled_from([b"Bearer x", b"Basic !!", b"t=1,v1=00", b"Basic \xff"]),
        ),
        max_size=4,
    ),
    body=st.binary(max_size=40) | st.sampled_from([b'{"token": {}}', b'{"token": null}', b"[" * 5000]),
    uri=st.text(max_size=20),
)
def test_whatever_a_stranger_sends_no_scheme_takes_it(
    headers: list[tuple[bytes, bytes]], body: bytes, uri: str
) -> None:
    for verifier in SCHEMES.values():
        assert (
            delivery_of(verifier, "a secret that nobody guesses", Request(headers, body, "POST", uri, uri), NOW) is None
        )
