"""What a page's URL and referrer say: host, path, campaign parameters and click id. The rest of a URL is personal."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from .cleaning import clean_text, cut
from .people import without_address

CLICK_IDS = (
    "gclid", "gbraid", "wbraid", "dclid", "gad_source", "fbclid", "msclkid", "li_fat_id",
    "twclid", "ttclid", "rdt_cid", "igshid", "igsh", "epik", "sccid", "qclid", "yclid",
    "irclickid", "awc", "cjevent", "mc_cid", "_hsmi",
)  # fmt: skip
"""In order of preference: a URL with `gad_source=1&gclid=…` is the click of its gclid, a newsletter's link that was shared on a
network that network's. Ids that name a recipient (`mc_eid`, `_hsenc`, `_kx`) are not kept."""

UTM = ("source", "medium", "campaign", "term", "content")

HOST_BYTES = 253
PATH_BYTES = 1024
PARAMETER_BYTES = 255
"""They become parts of database keys, which are short; the whole URL is kept in `personal`."""

_REMEMBERED = 2048
"""Characters of an address that is remembered; a longer one is read each time, else such would fill the memory."""

_WANTED = frozenset(CLICK_IDS) | {f"utm_{part}" for part in UTM}


class Address(NamedTuple):
    host: str
    path: str
    query: str


class Landing(NamedTuple):
    """What an address says of a page view, ready to stand in a record: never change the dicts."""

    host: str
    path: str
    utm: dict[str, str]
    click_id: dict[str, str] | None


def landing_of(url: str, search: str = "") -> Landing:
    """The landing at a URL; `search` is its query if it stands by itself."""
    read = _landing_of if len(url) + len(search) <= _REMEMBERED else _landing_of.__wrapped__
    return read(url, search)


@lru_cache(maxsize=8192)
def _landing_of(url: str, search: str) -> Landing:
    host, path, query = split_url(url)
    found = parameters(query or search.removeprefix("?"))
    clicked = next(({"name": name, "value": found[name]} for name in CLICK_IDS if name in found), None)
    return Landing(host, path, {part: found[name] for part in UTM if (name := f"utm_{part}") in found}, clicked)


def split_url(url: str) -> Address:
    """Host (lower case, without port and user), path and query of a URL; a path alone has no host.

    Takes any text: what is no web address (`about:blank`, `mailto:…`) has neither host nor path.
    """
    head, _, query = url.strip().partition("#")[0].partition("?")
    scheme, found, rest = head.partition("://")
    if not found or "/" in scheme:
        if not head.startswith("//"):
            return Address("", "" if ":" in head.partition("/")[0] else _path(head), query)
        rest = head[2:]
    authority, slash, path = rest.partition("/")
    return Address(_host(authority), _path(slash + path or "/"), query)


def host_of(url: str) -> str | None:
    read = _host_of if len(url) <= _REMEMBERED else _host_of.__wrapped__
    return read(url)


@lru_cache(maxsize=8192)
def _host_of(url: str) -> str | None:
    return split_url(url).host or None


def parameters(query: str) -> dict[str, str]:
    """The campaign parameters and click ids of a query, decoded, safe and short; the first that is not empty counts."""
    found: dict[str, str] = {}
    if not query:
        return found
    for pair in query.split("&"):
        name, _, text = pair.partition("=")
        if text and (name := name.lower()) in _WANTED and name not in found and (value := parameter(_decoded(text))):
            found[name] = value
    return found


def parameter(text: str) -> str:
    """A campaign parameter as it is kept: safe, trimmed, at most 255 bytes."""
    return cut(without_address(clean_text(text).strip()), PARAMETER_BYTES)


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="replace") if "%" in text or "+" in text else text


def _host(authority: str) -> str:
    host = authority.rpartition("@")[2].lower()
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return cut(host.rstrip("."), HOST_BYTES)


def _path(path: str) -> str:
    if "@" in path or "%" in path or not path.isascii():
        path = "/".join(
            "(e-mail)" if without_address(unquote(part)) == "(e-mail)" else part for part in path.split("/", PATH_BYTES)
        )
    return cut(path, PATH_BYTES)
