"""Tracking links, the pure rules: where they may lead, what the URL becomes, which names clash, what a slug is made of."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_attribution.links.names import Known, Names, clash
from wanamaker_attribution.links.slugs import slugs
from wanamaker_attribution.links.targets import BadTarget, Target, has_email, read_target, require_allowed, tagged
from wanamaker_shared.contracts.tracking_links import SLUG

TARGETS = {
    "https://shop.example/landing": ("shop.example", "https://shop.example/landing"),
    " HTTPS://Shop.Example ": ("shop.example", "https://shop.example/"),
    "http://shop.example:8080/a?b=c&d#e": ("shop.example", "http://shop.example:8080/a?b=c&d#e"),
    "https://shop.example./": ("shop.example", "https://shop.example/"),
    "https://shop.example?": ("shop.example", "https://shop.example/"),
    "https://bücher.example/grün?q=öl": (
        "xn--bcher-kva.example",
        "https://xn--bcher-kva.example/gr%C3%BCn?q=%C3%B6l",
    ),
    "https://shop.example/a%20b": ("shop.example", "https://shop.example/a%20b"),
    "https://shop.example/a?x=/b/../c//d": ("shop.example", "https://shop.example/a?x=/b/../c//d"),
    "https://shop.example/@ann": ("shop.example", "https://shop.example/@ann"),
    'https://shop.example/"><script>': ("shop.example", "https://shop.example/%22%3E%3Cscript%3E"),
}


@pytest.mark.parametrize("text", TARGETS)
def test_a_target_is_brought_to_one_form(text: str) -> None:
    assert read_target(text) == TARGETS[text]
    assert read_target(TARGETS[text][1]) == TARGETS[text]


REFUSED = {
    "": "missing",
    "shop.example/landing": "must begin with https://",
    "//shop.example/": "must begin with https://",
    "javascript:alert(1)": "must begin with https://",
    "javascript://shop.example/%0aalert(1)": "must begin with https://",
    "ftp://shop.example/": "must begin with https://",
    "data:text/html,x": "must begin with https://",
    "https://": "must name a host",
    "https:///evil.example": "must name a host",
    "https://shop.example:x/": "must name a host",
    "https://shop.example:99999/": "must name a host",
    "https://localhost/": "must name a host",
    "https://127.0.0.1/": "must name a host",
    "https://2130706433/": "must name a host",
    "https://[::1]/": "must name a host",
    "https://shop%2eexample/": "must name a host",
    "https://-shop.example/": "must name a host",
    "https://shop..example/": "must name a host",
    "https://evil.example\\@shop.example/": "backslashes",
    "https://evil.example\\.shop.example/": "backslashes",
    "https://shop.example@evil.example/": "user name",
    "https://ann:secret@shop.example/": "user name",
    "https://shop.example/a b": "spaces",
    "https://shop.example/a\u00a0b": "spaces",
    "https://shop.example/\nX: y": "control characters",
    "https://shop.example/\x00": "control characters",
    "https://shop.example/\ud800": "control characters",
    "https://shop.example/?utm_source=x": "carries utm_source already",
    "https://shop.example/?a=b&UTM_Medium=": "carries utm_medium already",
    "https://shop.example/?%75tm_id=1": "carries utm_id already",
    "https://shop.example/?gclid=x": "carries gclid",
    "https://shop.example/?_wm=token": "carries _wm",
    "https://shop.example/?mc_eid=ann": "carries mc_eid",
    "https://shop.example/?_hsenc=p2": "carries _hsenc",
    "https://shop.example/?_kx=p": "carries _kx",
    "https://shop.example/?vero_id=ann": "carries vero_id",
    "https://shop.example/?to=ann@shop.example": "e-mail",
    "https://shop.example/?to=ann%40shop.example": "e-mail",
    "https://shop.example/ann+news@shop.example/x": "e-mail",
    "https://shop.example/#mail=ann@shop.example": "e-mail",
}


@pytest.mark.parametrize("text", REFUSED)
def test_other_addresses_are_refused_with_the_reason(text: str) -> None:
    with pytest.raises(BadTarget, match=REFUSED[text]) as refused:
        read_target(text)
    assert "ann@" not in str(refused.value)
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize("host", ["shop.example", "www.shop.example", "a.b.shop.example"])
def test_hosts_of_an_allowed_domain(host: str) -> None:
    require_allowed(Target(host, f"https://{host}/"), {"shop.example"})


@pytest.mark.parametrize("host", ["evil.example", "shop.example.evil.example", "notshop.example", "example.com"])
def test_no_others(host: str) -> None:
    with pytest.raises(BadTarget, match="link_domains"):
        require_allowed(Target(host, f"https://{host}/"), {"shop.example"})


def test_parameters_stand_behind_those_of_the_page_and_before_the_fragment() -> None:
    values = {"medium": "email", "source": "a&b", "campaign": "Spring Sale+50%", "content": "über/1"}
    told = "utm_source=a%26b&utm_medium=email&utm_campaign=Spring%20Sale%2B50%25&utm_content=%C3%BCber%2F1"
    assert tagged(read_target("https://shop.example/?id=7#top"), values) == f"https://shop.example/?id=7&{told}#top"
    assert tagged(read_target("https://shop.example"), values) == f"https://shop.example/?{told}"
    with pytest.raises(BadTarget, match="2000"):
        tagged(read_target(f"https://shop.example/{'a' * 1990}"), values)


@pytest.mark.parametrize("text", ["ann@example.com", "to ann@example.com now", "<ann@example.com>", "ann＠example.com"])
def test_an_address_among_words_is_seen(text: str) -> None:
    assert has_email(text)


@pytest.mark.parametrize("text", ["@ann", "50% @ shop", "a@b", "spring"])
def test_an_at_sign_alone_is_no_address(text: str) -> None:
    assert not has_email(text)


def names(*known: str) -> Names:
    found = Names()
    for name in known:
        found.add("campaign", Known(name, "2026-01-02", by_link=True))
    return found


@pytest.mark.parametrize(
    "name", ["Spring Sale", "spring_sale", "SPRING-SALE", "springsale", "spring – sale", "ｓｐｒｉｎｇ sale"]
)
def test_names_that_read_alike_clash(name: str) -> None:
    assert clash([names("other"), names("spring-sale", "Spring--Sale")], "campaign", name) == (
        "spring-sale",
        "2026-01-02",
        True,
    )


@pytest.mark.parametrize("name", ["spring-sale", "spring-sale-2", "sprung-sale", "spring.sale"])
def test_the_same_name_and_other_names_do_not(name: str) -> None:
    assert clash([names("Spring_Sale"), names("spring-sale")], "campaign", name) is None
    assert clash([names("spring-sale")], "source", "Spring Sale") is None


def test_slugs_are_readable_first_and_then_certain() -> None:
    found = list(islice(slugs("w1", "https://shop.example/", "Spring Sale!", "Newsletter", ""), 4))
    assert found[:2] == ["spring-sale", "spring-sale-newsletter"]
    assert found[3].startswith(found[2])
    assert found[2].startswith("spring-sale-newsletter-")
    first, second = (next(slugs(workspace, "https://shop.example/", "春")) for workspace in ("w1", "w2"))
    assert first != second


@given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
def test_every_slug_that_is_made_is_one(parts: list[str]) -> None:
    made = list(slugs("w1", "https://shop.example/", *parts))
    assert made
    assert all(SLUG.match(slug) for slug in made)
    assert made == list(slugs("w1", "https://shop.example/", *parts))
