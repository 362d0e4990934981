"""The cookie and the link token: only what we signed is believed, keys rotate, tokens end and fit one browser."""

from __future__ import annotations

import tracemalloc
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.cookies import VisitorCookie
from wanamaker_collector.credentials import Credentials
from wanamaker_collector.link_tokens import LASTS_SECONDS, LinkTokens
from wanamaker_shared.service.keys import Keyring

DAY = 20_000
OLD, NEW = b"old secret", b"new secret"
SECOND = 1_000_000
FIREFOX, CHROME = "Firefox", "Chrome"


def header(set_cookie: bytes) -> bytes:
    return b"theme=dark; " + set_cookie.partition(b";")[0] + b"; lang=pl"


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()))
def test_what_was_issued_is_read_again(id: str) -> None:
    cookie = VisitorCookie("default", [NEW])
    assert cookie.read(header(cookie.issue(id, DAY))) == (id, DAY)


def test_its_attributes() -> None:
    issued = VisitorCookie("default", [NEW]).issue("c1", DAY).decode()
    assert issued.startswith("wm_37a8eec1=")
    assert issued.split("; ")[1:] == ["Max-Age=34560000", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"]
    assert "; Domain=shop.test" in VisitorCookie("default", [NEW], domain="shop.test").issue("c1", DAY).decode()


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_cookie_is_nobodys(place: int, byte: int) -> None:
    cookie = VisitorCookie("default", [NEW])
    good = cookie.issue("c1", DAY).partition(b";")[0]
    name, _, value = good.partition(b"=")
    place %= len(value)
    changed = value[:place] + bytes([byte]) + value[place + 1 :]
    read = cookie.read(name + b"=" + changed)
    assert read is None or read == ("c1", DAY)
    assert changed == value or read is None or changed[:-1] == value[:-1]  # the last character holds spare bits


def test_what_is_too_long_to_be_ours_is_not_remembered() -> None:
    """Everybody may send heads of 64 KiB, and tens of thousands of verdicts are remembered."""
    cookie = VisitorCookie("default", [NEW])
    assert cookie.read(header(cookie.issue("ż" * 256, DAY))) == ("ż" * 256, DAY)  # the longest id there is
    tracemalloc.start()
    try:
        for n in range(200):
            assert cookie.read(cookie.name + b"=%d" % n + b"x" * 60_000) is None
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("by", ["body", "header"])
def test_a_key_that_is_too_long_is_not_remembered_either(keyring: Keyring, by: str) -> None:
    credentials = Credentials(keyring)
    tracemalloc.start()
    try:
        for n in range(200):
            key = f"{n}" + "x" * 60_000
            found = (
                credentials.of_body(key) if by == "body" else credentials.of_header(b"Basic " + b64encode(key.encode()))
            )
            assert found is None
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_another_workspaces_cookie_is_nobodys() -> None:
    theirs = VisitorCookie("other", [NEW]).issue("c1", DAY)
    ours = VisitorCookie("default", [NEW])
    assert ours.read(header(theirs)) is None
    assert ours.read(header(theirs).replace(VisitorCookie("other", [NEW]).name, ours.name)) is None


def test_keys_rotate() -> None:
    issued = VisitorCookie("default", [OLD]).issue("c1", DAY)
    assert VisitorCookie("default", [NEW, OLD]).read(header(issued)) == ("c1", DAY)
    assert VisitorCookie("default", [NEW]).read(header(issued)) is None
    assert VisitorCookie("default", [NEW]).read(header(VisitorCookie("default", [NEW, OLD]).issue("c1", DAY)))


@pytest.mark.parametrize(
    ("id", "day", "again"), [("c1", DAY, False), ("c1", DAY + 1, False), ("c1", DAY + 2, True), ("c2", DAY, True)]
)
def test_it_is_set_again_when_it_is_old_or_another(id: str, day: int, again: bool) -> None:
    cookie = VisitorCookie("default", [NEW])
    kept = cookie.read(header(cookie.issue("c1", DAY)))
    assert (cookie.to_set(id, day, kept) is not None) is again


def test_a_token_carries_the_visitor_for_two_minutes_in_one_browser() -> None:
    tokens = LinkTokens("default", [NEW])
    token = tokens.issue("c1 ż", CHROME, 0)
    assert tokens.read(token, CHROME, LASTS_SECONDS * SECOND) == "c1 ż"
    assert tokens.read(token, CHROME, (LASTS_SECONDS + 1) * SECOND) is None
    assert tokens.read(token, FIREFOX, 0) is None
    assert LinkTokens("other", [NEW]).read(token, CHROME, 0) is None
    assert (
        LinkTokens("default", [NEW, OLD]).read(LinkTokens("default", [OLD]).issue("c1", CHROME, 0), CHROME, 0) == "c1"
    )


@given(st.text(max_size=80))
def test_what_nobody_issued_is_no_token(token: str) -> None:
    assert LinkTokens("default", [NEW]).read(token, CHROME, 0) is None


def test_a_cookie_is_no_token() -> None:
    cookie = VisitorCookie("default", [NEW]).issue("c1", DAY).partition(b";")[0].partition(b"=")[2].decode()
    assert LinkTokens("default", [NEW]).read(cookie, CHROME, 0) is None
