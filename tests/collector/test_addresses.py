"""What URLs and referrers say, from a table of examples, and that any text at all can be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.addresses import CLICK_IDS, PARAMETER_BYTES, host_of, landing_of
from wanamaker_collector.pages import page_of


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://Shop.TEST/Products/1?x=1#top", "shop.test", "/Products/1"),
        ("https://shop.test", "shop.test", "/"),
        ("https://shop.test?utm_source=a", "shop.test", "/"),
        ("https://ann:secret@shop.test:8443/a", "shop.test", "/a"),
        ("https://shop.test./a", "shop.test", "/a"),
        ("http://[::1]:8000/a", "[::1]", "/a"),
        ("//cdn.shop.test/a", "cdn.shop.test", "/a"),
        ("/a/b?x", "", "/a/b"),
        ("  https://shop.test/a ", "shop.test", "/a"),
        ("about:blank", "", ""),
        ("mailto:ann@example.com", "", ""),
        ("data:text/html,<b>", "", ""),
        ("android-app://com.google.android.gm/", "com.google.android.gm", "/"),
        ("https://shop.test/unsubscribe/ann@example.com/now", "shop.test", "/unsubscribe/(e-mail)/now"),
        ("https://shop.test/u/ann%40example.com", "shop.test", "/u/(e-mail)"),
        ("https://shop.test/@ann/post", "shop.test", "/@ann/post"),
        ("", "", ""),
    ],
)
def test_host_and_path(url: str, host: str, path: str) -> None:
    landing = landing_of(url)
    assert (landing.host, landing.path) == (host, path)


@pytest.mark.parametrize(
    ("query", "utm"),
    [
        (
            "utm_source=google&utm_medium=cpc&utm_campaign=brand",
            {"source": "google", "medium": "cpc", "campaign": "brand"},
        ),
        ("utm_term=red+shoes&utm_content=%C3%A9t%C3%A9", {"term": "red shoes", "content": "été"}),
        ("UTM_Source=Google", {"source": "Google"}),
        ("utm_source=&utm_source=second&utm_source=third", {"source": "second"}),
        ("utm_source=%20%20", {}),
        ("utm_source=a%00b%1B", {"source": "a\ufffdb\ufffd"}),
        ("utm_source=%FF", {"source": "\ufffd"}),
        ("utm_content=ann%40example.com", {"content": "(e-mail)"}),
        ("utm_campaign=" + "é" * 200, {"campaign": "é" * 127}),
        ("utm_id=7&other=1", {}),
    ],
)
def test_campaign_parameters(query: str, utm: dict[str, str]) -> None:
    assert landing_of(f"https://shop.test/?{query}").utm == utm


@pytest.mark.parametrize("name", CLICK_IDS)
def test_each_click_id_is_recognised(name: str) -> None:
    assert landing_of(f"https://shop.test/?a=1&{name}=x1").click_id == {"name": name, "value": "x1"}


def test_of_several_click_ids_the_most_telling_counts() -> None:
    assert landing_of("https://shop.test/?gad_source=1&gclid=x1").click_id == {"name": "gclid", "value": "x1"}


@given(st.text())
def test_any_text_can_be_an_address(text: str) -> None:
    landing = landing_of(text)
    host_of(text)
    parts = [landing.host, landing.path, *landing.utm.values(), *(landing.click_id or {}).values()]
    assert all(len(part.encode(errors="surrogatepass")) <= 1024 for part in parts)
    assert "?" not in landing.path


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.sampled_from(["utm_source", "gclid"]))
def test_no_parameter_is_longer_than_a_key_can_hold(value: str, name: str) -> None:
    landing = landing_of(f"https://shop.test/?{name}={value}")
    for kept in (*landing.utm.values(), *(landing.click_id or {}).values()):
        assert 0 < len(kept.encode()) <= PARAMETER_BYTES


@pytest.mark.parametrize(
    ("context", "properties", "page"),
    [
        ({}, {}, {"host": "", "path": "", "utm": {}}),
        (
            {
                "page": {
                    "url": "https://shop.test/a?utm_source=x",
                    "referrer": "https://www.Google.com/search?q=private",
                }
            },
            {},
            {"host": "shop.test", "path": "/a", "utm": {"source": "x"}, "referrer_host": "www.google.com"},
        ),
        (
            {},
            {"url": "https://shop.test/a", "referrer": "https://x.test/"},
            {"host": "shop.test", "path": "/a", "utm": {}, "referrer_host": "x.test"},
        ),
        ({"page": {"path": "/a", "search": "?utm_source=x"}}, {}, {"host": "", "path": "/a", "utm": {"source": "x"}}),
        ({"page": {"url": 7, "referrer": []}}, {}, {"host": "", "path": "", "utm": {}}),
        (
            {"campaign": {"source": "news", "name": "spring", "medium": 1}},
            {"path": "/a"},
            {"host": "", "path": "/a", "utm": {"source": "news", "campaign": "spring"}},
        ),
        (
            {"page": {"url": "https://shop.test/?utm_source=x"}, "campaign": {"source": "news", "medium": "email"}},
            {},
            {"host": "shop.test", "path": "/", "utm": {"source": "x"}},
        ),
    ],
)
def test_a_page_comes_from_what_the_sender_says_of_it(
    context: dict[str, Any], properties: dict[str, Any], page: dict[str, Any]
) -> None:
    assert page_of(context, properties) == page
