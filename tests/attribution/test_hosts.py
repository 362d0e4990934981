"""The tables of known hosts: what a host is, that its longest part decides, and that no word stands for two things."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict

import pytest

from wanamaker_attribution import hosts
from wanamaker_attribution.channels import RULES_VERSION
from wanamaker_attribution.hosts import TABLES, Known, known_host, known_source, lines, registrable_domain
from wanamaker_attribution.hosts.payments import PAYMENTS
from wanamaker_attribution.hosts.spam import SPAM

KINDS = {
    "search": """
        google.com www.google.de images.google.co.uk news.google.com www.bing.com r.search.yahoo.com
        search.yahoo.co.jp yandex.com.tr ya.ru m.baidu.com duckduckgo.com www.ecosia.org www.qwant.com
        search.brave.com kagi.com search.naver.com suche.t-online.de suche.web.de go.mail.ru szukaj.onet.pl
        www.startpage.com search.aol.co.uk lycos.fr com.google.android.googlequicksearchbox search.seznam.cz
        www.sogou.com search.avira.com
    """,
    "social": """
        l.facebook.com m.facebook.com lm.facebook.com fb.me t.co x.com www.linkedin.com lnkd.in
        l.instagram.com old.reddit.com pinterest.co.uk www.pinterest.at vk.com out.reddit.com bsky.app
        hachyderm.io l.threads.net github.com stackoverflow.com news.ycombinator.com web.telegram.org t.me
        my.mail.ru nicovideo.jp blog.naver.com com.reddit.frontpage linkedin.android
    """,
    "video": "www.youtube.com m.youtube.com youtu.be vimeo.com player.vimeo.com www.twitch.tv dailymotion.com www.netflix.com",
    "shopping": """
        www.amazon.com www.amazon.co.jp smile.amazon.de www.ebay.co.uk ebay.fr allegro.pl de.aliexpress.com
        www.etsy.com mercadolibre.com.mx shopping.google.com shopping.yahoo.co.jp shopping.naver.com idealo.at
        www.walmart.ca zalando.pl
    """,
    "mail": """
        mail.google.com outlook.live.com outlook.office.com eur02.safelinks.protection.outlook.com
        mail.yahoo.com mail.yahoo.co.jp fr.mail.yahoo.com deref-gmx.net navigator.gmx.net mail.proton.me
        poczta.onet.pl e.mail.ru mail.yandex.kz email.seznam.cz com.google.android.gm mail.naver.com
    """,
    "assistant": """
        chatgpt.com chat.openai.com www.perplexity.ai claude.ai gemini.google.com copilot.microsoft.com
        chat.mistral.ai chat.deepseek.com grok.com meta.ai chat.qwen.ai notebooklm.google.com duck.ai
    """,
    "plain": "docs.google.com accounts.google.com aws.amazon.com docs.aws.amazon.com support.google.com login.live.com",
}
UNKNOWN = (
    "news.test google.test notgoogle.com google mygoogle.de co.uk com bingo.com facebook.com.evil.test x.co localhost"
)


@pytest.mark.parametrize(("kind", "host"), [(kind, host) for kind, some in KINDS.items() for host in some.split()])
def test_a_host_is_known_as_what_it_is(kind: str, host: str) -> None:
    known = known_host(host)
    assert known is not None
    assert known.kind == kind


@pytest.mark.parametrize("host", UNKNOWN.split())
def test_a_host_that_only_looks_like_one_is_not_known(host: str) -> None:
    assert known_host(host) is None


def test_an_engine_has_one_name_in_all_countries() -> None:
    found = [known_host(host) for host in ("google.com", "www.google.de", "scholar.google.co.in", "google.com.br")]
    assert set(found) == {Known("search", "google")}


def test_of_a_portal_only_the_host_with_the_search_is_an_engine() -> None:
    assert known_host("www.onet.pl") == known_host("onet.pl") == Known("search", "onet")
    assert known_host("sport.onet.pl") is None


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("google", "search"),
        ("fb", "social"),
        ("ig", "social"),
        ("youtube", "video"),
        ("amazon", "shopping"),
        ("www.google.at", "search"),
        ("m.facebook.com", "social"),
        ("google-shopping", "shopping"),
        ("chatgpt.com", "assistant"),
    ],
)
def test_a_source_is_known_by_name_or_host(source: str, kind: str) -> None:
    known = known_source(source)
    assert known is not None
    assert known.kind == kind


@pytest.mark.parametrize("source", ["newsletter", "(direct)", "(not set)", "partner", "orange", "target", "you"])
def test_an_ordinary_word_is_no_source_that_we_know(source: str) -> None:
    assert known_source(source) is None


def test_no_word_stands_for_two_things() -> None:
    stands_for = defaultdict[str, set[tuple[str, str]]](set)
    for kind, table in TABLES.items():
        for name, words in lines(table):
            for word in (*words, *([name] if kind != "plain" else [])):
                stands_for[word].add((kind, name))
    assert {word: found for word, found in stands_for.items() if len(found) > 1} == {}


HOST = re.compile(r"=?([a-z0-9_-]+\.)+([a-z][a-z0-9-]*|\*)")
WORD = re.compile(r"[a-z0-9+-]+")


def test_every_line_can_be_read() -> None:
    """A misspelt entry would match nothing, silently."""
    strange = [
        (kind, name, word)
        for kind, table in TABLES.items()
        for name, words in lines(table)
        for word in (words or ["no words"])
        if name != name.lower().strip() or not (HOST if "." in word else WORD).fullmatch(word)
    ]
    assert strange == []
    assert [domain for domain in PAYMENTS | SPAM if not HOST.fullmatch(domain)] == []


def test_the_tables_are_broad() -> None:
    hosts_of = {kind: sum("." in word for _, words in lines(table) for word in words) for kind, table in TABLES.items()}
    assert hosts_of["search"] > 450
    assert hosts_of["social"] > 300
    assert hosts_of["shopping"] > 150
    assert hosts_of["mail"] > 100
    assert min(hosts_of["video"], hosts_of["assistant"]) > 50


def test_a_payment_page_is_one_with_all_below_it() -> None:
    assert hosts.is_payment("www.paypal.com")
    assert hosts.is_payment("checkout.stripe.com")
    assert not hosts.is_payment("stripe.com"), "its own site sends visitors too"
    assert not hosts.is_payment("notpaypal.com")


def test_no_place_that_visitors_come_from_is_a_payment_page_or_spam() -> None:
    sending = [
        word.removeprefix("=").replace(".*", ".de")
        for kind, table in TABLES.items()
        if kind != "plain"
        for _, words in lines(table)
        for word in words
        if "." in word
    ]
    assert [host for host in sending if hosts.is_payment(host) or hosts.is_spam(host)] == []
    assert hosts.is_spam("www.semalt.com")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.shop.co.uk", "shop.co.uk"),
        ("a.b.shop.test", "shop.test"),
        ("localhost", "localhost"),
        ("Shop.DE.", "shop.de"),
    ],
)
def test_registrable_domains(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_a_changed_table_is_a_new_version_of_the_rules() -> None:
    """Else an installation would go on mixing touchpoints of the old table and of the new one."""
    content = repr([*TABLES.items(), sorted(PAYMENTS), sorted(SPAM)])
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    assert (RULES_VERSION, digest) == (3, "f102f76d5ff4"), "raise RULES_VERSION, then note both here"
