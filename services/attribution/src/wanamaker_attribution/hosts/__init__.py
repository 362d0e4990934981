"""What is known of hosts and sources: search engine, social network, video, shop, web mail, AI assistant. Read once at import.

A table's line is `name: host host word`: what a referral from the hosts reads as, the hosts with all below them, and other
names that a `utm_source` may have. `google.*` is any country's ending, `=aol.com` that host and none below. The longest match
wins, so that `mail.google.com` is mail although `google.com` is a search engine (docs/channels.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from tldextract import TLDExtract

from .assistants import ASSISTANTS
from .mail import MAIL
from .payments import PAYMENTS
from .plain import PLAIN
from .search import SEARCH
from .shopping import SHOPPING
from .social import SOCIAL
from .spam import SPAM
from .video import VIDEO

Kind = Literal["search", "social", "video", "shopping", "mail", "assistant", "plain"]

TABLES: dict[Kind, str] = {
    "search": SEARCH,
    "social": SOCIAL,
    "video": VIDEO,
    "shopping": SHOPPING,
    "mail": MAIL,
    "assistant": ASSISTANTS,
    "plain": PLAIN,
}


class Known(NamedTuple):
    """What a host or source is; `name` is what a search engine's visits have as their source."""

    kind: Kind
    name: str


def lines(table: str) -> Iterator[tuple[str, list[str]]]:
    """(name, words) of each line of a table."""
    for line in table.strip().splitlines():
        name, _, words = line.partition(":")
        yield name, words.split()


def _read() -> tuple[dict[str, Known], dict[str, Known]]:
    hosts: dict[str, Known] = {}
    names: dict[str, Known] = {}
    for kind, table in TABLES.items():
        for name, words in lines(table):
            known = Known(kind, name)
            if kind != "plain":
                names[name] = known
            for word in words:
                (hosts if "." in word else names)[word] = known
    return hosts, names


_HOSTS, _NAMES = _read()
# Before a country's ending: google.co.uk, google.com.br.
_SECOND_LEVELS = frozenset("co com edu gov ne net or org".split())
_extract = TLDExtract(suffix_list_urls=(), cache_dir=None)  # the bundled list: no network, no files


@lru_cache(maxsize=65536)
def known_host(host: str) -> Known | None:
    """What a host (lower case) is known as, by its longest part that a table lists."""
    labels = host.removeprefix("www.").split(".")
    for form in _forms(labels):
        if exact := _HOSTS.get(f"={form}"):
            return exact
    for start in range(len(labels) - 1):
        for form in _forms(labels[start:]):
            if found := _HOSTS.get(form):
                return found
    return None


@lru_cache(maxsize=65536)
def known_source(source: str) -> Known | None:
    """What a source (lower case) is known as: a name (`google`) or a host (`www.google.de`)."""
    return _NAMES.get(source) or known_host(source)


def is_kind(source: str, kind: Kind) -> bool:
    known = known_source(source)
    return known is not None and known.kind == kind


def is_under(host: str, domains: Collection[str]) -> bool:
    """Whether a host or one of its parent domains is among the domains."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def is_payment(host: str) -> bool:
    return is_under(host, PAYMENTS)


def is_spam(host: str) -> bool:
    return is_under(host, SPAM)


@lru_cache(maxsize=65536)
def registrable_domain(host: str) -> str:
    """`www.shop.co.uk` → `shop.co.uk`; a host without a public ending (`shop.test`, `localhost`) by its last two labels."""
    bare = host.lower().rstrip(".")
    found = _extract(bare)
    if found.suffix and found.domain:
        return f"{found.domain}.{found.suffix}"
    return ".".join(bare.split(".")[-2:])


def _forms(labels: list[str]) -> Iterator[str]:
    """The host itself, and its form for any country: `google.co.uk`, `google.*`."""
    yield ".".join(labels)
    if len(labels) > 1 and len(labels[-1]) == 2:
        before = labels[:-1]
        if len(before) > 1 and before[-1] in _SECOND_LEVELS:
            before = before[:-1]
        yield ".".join([*before, "*"])
