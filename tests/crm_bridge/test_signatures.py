"""Signatures: what the reference library signs is taken, anything else is not, and nothing a stranger sends is an error."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm_bridge.signing import NOW, OTHER_SECRET, SECRET, keyring, raw, signed
from wanamaker_crm_bridge.connections import Connections
from wanamaker_crm_bridge.schemes import CRMS, STANDARD_WEBHOOKS
from wanamaker_crm_bridge.senders import Sender, sender_of
from wanamaker_crm_bridge.signatures import Request, Scheme, verified_id
from wanamaker_shared.service.keys import Keyring

BODY = b'{"type": "deal.updated"}'


def check(headers: dict[str, str], body: bytes = BODY, *, secret: str = SECRET, now: float = NOW) -> str | None:
    return verified_id(STANDARD_WEBHOOKS, secret, Request(raw(headers), body), now=now)


def test_a_request_signed_by_the_reference_library_is_taken() -> None:
    assert check(signed(BODY)) == "msg_1"


def test_a_secret_without_padding_or_prefix_works_as_the_library_has_it() -> None:
    assert check(signed(BODY, secret=SECRET.rstrip("=")), secret=SECRET.rstrip("=")) == "msg_1"


@pytest.mark.parametrize(
    ("header", "value"),
    [("webhook-id", "msg_2"), ("webhook-timestamp", str(NOW + 1)), ("webhook-signature", "v1,AAAA")],
)
def test_a_changed_header_is_refused(header: str, value: str) -> None:
    assert check(signed(BODY) | {header: value}) is None


def test_a_changed_body_is_refused() -> None:
    assert check(signed(BODY), BODY + b" ") is None


def test_another_secret_is_refused() -> None:
    assert check(signed(BODY, secret=OTHER_SECRET)) is None


@pytest.mark.parametrize(
    ("apart", "taken"), [(-301, False), (-300, True), (0, True), (300, True), (301, False), (10**9, False)]
)
def test_the_time_window_has_two_sides_ends_included(apart: int, taken: bool) -> None:
    assert (check(signed(BODY, at=NOW + apart)) is not None) is taken


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(missing: str) -> None:
    headers = signed(BODY)
    del headers[missing]
    assert check(headers) is None


@pytest.mark.parametrize("doubled", [b"webhook-id", b"webhook-timestamp", b"webhook-signature"])
def test_a_header_given_twice_is_refused(doubled: bytes) -> None:
    headers = raw(signed(BODY))
    again = next(header for header in headers if header[0] == doubled)
    assert verified_id(STANDARD_WEBHOOKS, SECRET, Request([*headers, again], BODY), now=NOW) is None


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed(BODY)
    others = f"v1a,AAAA v1,%%% v1, v2,x {headers['webhook-signature']}"
    assert check(headers | {"webhook-signature": others}) == "msg_1"
    assert check(headers | {"webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,")}) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "v1,\xff\xfe"},
        {"webhook-signature": "\xe9"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-timestamp": "\xb2\xb3"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-id": "m\xfcller"},
        {"webhook-id": "x" * 257},
        {"webhook-id": ""},
    ],
)
def test_hostile_headers_are_refused_not_errors(changed: dict[str, str]) -> None:
    assert check(signed(BODY) | changed) is None


def signed_by_us(delivery_id: bytes = b"m", timestamp: bytes = b"%d" % NOW) -> Request:
    """Rightly signed, whatever stands in the headers: the library signs only what is well formed."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = hmac.digest(key, b".".join([delivery_id, timestamp, BODY]), "sha256")
    headers = [
        (b"webhook-id", delivery_id),
        (b"webhook-timestamp", timestamp),
        (b"webhook-signature", b"v1," + base64.b64encode(signature)),
    ]
    return Request(headers, BODY)


@pytest.mark.parametrize(
    ("timestamp", "taken"),
    [
        (b"1767607200", True),
        (b"0001767607200", True),
        (b"", False),
        (b"-1767607200", False),
        (b"+1767607200", False),
        (b" 1767607200", False),
        (b"1767607200\n", False),
        (b"1_767_607_200", False),
        (b"1767607200.0", False),
        (b"1.7676072e9", False),
        (b"nan", False),
        (b"inf", False),
        ("١٧٦٧٦٠٧٢٠٠".encode(), False),
        ("１７６７６０７２００".encode(), False),
        (b"0" * 7 + b"1767607200", False),
        (b"9" * 16, False),
        (b"9" * 5000, False),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else str(value),
)
def test_a_time_that_is_no_plain_number_near_now_is_refused_though_it_is_signed(timestamp: bytes, taken: bool) -> None:
    request = signed_by_us(timestamp=timestamp)
    assert (verified_id(STANDARD_WEBHOOKS, SECRET, request, now=NOW) is not None) is taken


@pytest.mark.parametrize(
    ("delivery_id", "taken"),
    [
        (b"x" * 256, True),
        (b" ", True),
        (b"x" * 257, False),
        (b"", False),
        (b"m\x00", False),
        (b"m\x1b[2J", False),
        (b"m\x7f", False),
        ("mü".encode(), False),
        (b"m\xff", False),
    ],
)
def test_an_id_that_no_table_can_hold_is_refused_though_it_is_signed(delivery_id: bytes, taken: bool) -> None:
    found = verified_id(STANDARD_WEBHOOKS, SECRET, signed_by_us(delivery_id), now=NOW)
    assert found == (delivery_id.decode() if taken else None)


@given(
    headers=st.lists(
        st.tuples(st.sampled_from([b"webhook-id", b"webhook-timestamp", b"webhook-signature"]), st.binary(max_size=40))
    ),
    body=st.binary(max_size=40),
)
def test_whatever_bytes_come_the_answer_is_no(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    assert verified_id(STANDARD_WEBHOOKS, SECRET, Request(headers, body), now=NOW) is None


def test_a_failure_that_nobody_foresaw_is_a_no_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise OverflowError

    monkeypatch.setattr("wanamaker_crm_bridge.signatures.hmac.digest", broken)
    assert check(signed(BODY)) is None


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%"])
def test_an_empty_or_broken_secret_verifies_nobody(secret: str) -> None:
    signature = base64.b64encode(hmac.digest(b"", b"msg_1.%d." % NOW + BODY, hashlib.sha256)).decode()
    forged = {"webhook-id": "msg_1", "webhook-timestamp": str(NOW), "webhook-signature": f"v1,{signature}"}
    assert check(forged, secret=secret) is None


def test_a_new_scheme_is_a_row() -> None:
    """Hex, milliseconds, other headers, a plain secret: nothing but data."""
    row = Scheme(
        name="example",
        id_header=b"x-delivery",
        timestamp_header=b"x-time",
        signature_header=b"x-signature",
        parts=("timestamp", "body"),
        separator=b":",
        digest="sha512",
        encoding="hex",
        ticks_per_second=1000,
    )
    signature = hmac.new(b"plain secret", b"%d:%b" % (NOW * 1000, BODY), hashlib.sha512).hexdigest()
    headers = {"x-delivery": "7", "x-time": str(NOW * 1000), "x-signature": signature}
    assert verified_id(row, "plain secret", Request(raw(headers), BODY), now=NOW + 299) == "7"
    assert verified_id(row, "plain secret", Request(raw(headers), BODY), now=NOW + 301) is None


def sender(ring: Keyring, connection: str, *, secret: str = SECRET) -> Sender | None:
    request = Request(raw(signed(BODY, secret=secret)), BODY)
    return sender_of(ring.workspaces, Connections(), connection, request, now=NOW)


class TestWorkspaces:
    """Whose secret signed it, theirs it is."""

    def test_two_workspaces_with_one_connection_name_are_told_apart(self) -> None:
        ring = keyring(a={"generic": (SECRET,)}, b={"generic": (OTHER_SECRET,)})
        for secret, workspace in ((SECRET, "a"), (OTHER_SECRET, "b")):
            found = sender(ring, "generic", secret=secret)
            assert found is not None
            assert found.workspace == workspace

    def test_during_a_rotation_both_secrets_count(self) -> None:
        ring = keyring(a={"generic": (OTHER_SECRET, SECRET)})
        for secret in (SECRET, OTHER_SECRET):
            assert sender(ring, "generic", secret=secret) is not None

    def test_a_secret_counts_for_its_own_connection_only(self) -> None:
        ring = keyring(a={"generic": (SECRET,), "generic-eu": (OTHER_SECRET,)})
        assert sender(ring, "generic-eu") is None

    def test_an_unknown_connection_belongs_to_nobody(self) -> None:
        ring = keyring(a={"generic": (SECRET,)})
        assert sender(ring, "other") is None


@pytest.mark.parametrize("connection", ["generic", "generic-eu", "salesdesk", "my-crm", ""])
def test_a_connection_without_a_dialect_of_its_name_is_generic(connection: str) -> None:
    assert Connections().crm_of(connection) == "generic"
    assert "generic" in CRMS
