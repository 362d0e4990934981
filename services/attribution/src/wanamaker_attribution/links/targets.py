"""Where a tracking link may lead: the target's address in one canonical form, and the URL with its campaign parameters. Pure.

An address is refused rather than repaired wherever a browser might read another host in it than we do
(url.spec.whatwg.org: `\\` is `/` to it), so that no link leads off the domains that were allowed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

import idna

from wanamaker_shared.contracts.identifiers import normalise_email

from ..hosts import registrable_domain

MOST_BYTES = 2_000
"""Of an address, with its parameters; what browsers, mail programs and QR codes carry without trouble."""

PARAMETERS = ("source", "medium", "campaign", "term", "content")

_KEPT = "".join(character for character in map(chr, range(0x21, 0x7F)) if character not in '"<>\\^`{|}')
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z)({_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}\Z")
_PORT = re.compile(r"[0-9]{1,5}\Z")
_BETWEEN_WORDS = re.compile(r"""[\s,;<>()"'/&=:?]+""")
_OF_ONE_VISIT = frozenset(
    """
    _hsenc _kx _wm awc cjevent dclid epik fbclid gad_source gbraid gclid igsh igshid irclickid li_fat_id mc_eid msclkid qclid
    rdt_cid sccid ttclid twclid vero_id wbraid yclid
    """.split()
)
"""Parameters that name one click or one visitor: copied into a link, they would say it of everybody."""


class BadTarget(ValueError):
    """The address cannot be a target. The reason says what to do and holds nothing of the address but a host."""


class Target(NamedTuple):
    host: str
    url: str
    """Scheme and host in lower case, the host as IDNA, everything in ASCII."""


def read_target(text: str) -> Target:
    """The target that somebody typed or pasted. Raises BadTarget."""
    address = text.strip()
    if not address:
        raise BadTarget("url is missing: give the address of the page, like https://shop.example/landing")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in address):
        raise BadTarget("url must not hold control characters or halves of surrogate pairs")
    if any(character.isspace() or character == "\\" for character in address):
        raise BadTarget("url must not hold spaces or backslashes; write a space as %20")
    scheme, colon, rest = address.partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        raise BadTarget("url must begin with https:// or http://")
    rest, hash_sign, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    host, port = _host_and_port(authority)
    _refuse_parameters(query)
    if any(has_email(unquote_plus(part)) for part in (path, query, fragment)):
        raise BadTarget("url holds an e-mail address; a link is the same for everybody, so take it out")
    url = f"{scheme.lower()}://{host}{port}/{_ascii(path)}"
    if query:
        url += f"?{_ascii(query)}"
    if hash_sign:
        url += f"#{_ascii(fragment)}"
    return Target(host, url)


def require_allowed(target: Target, domains: Collection[str]) -> None:
    """Raises BadTarget unless the target's registrable domain is one of these."""
    domain = registrable_domain(target.host)
    if domain not in domains:
        raise BadTarget(
            f"url leads to {domain}, which is not a domain of this workspace: an administrator adds it to own_domains"
            " (your own website) or link_domains (another one) with PUT /v1/settings"
        )


def tagged(target: Target, values: Mapping[str, str]) -> str:
    """The target with its campaign parameters (`PARAMETERS`), behind those it has. Raises BadTarget if it gets too long."""
    address, hash_sign, fragment = target.url.partition("#")
    parameters = "&".join(f"utm_{name}={quote(values[name], safe='')}" for name in PARAMETERS if name in values)
    url = f"{address}{'&' if '?' in address else '?'}{parameters}{hash_sign}{fragment}"
    if len(url) > MOST_BYTES:
        raise BadTarget(f"url with its parameters has {len(url)} bytes; at most {MOST_BYTES} work everywhere")
    return url


def has_email(text: str) -> bool:
    """Whether an e-mail address stands in a text, alone or among other words."""
    if "@" not in unicodedata.normalize("NFKC", text):
        return False
    return any(normalise_email(word) is not None for word in (text, *_BETWEEN_WORDS.split(text)))


def _host_and_port(authority: str) -> tuple[str, str]:
    if "@" in authority:
        raise BadTarget("url must not hold a user name (what stands before @)")
    host, colon, port = authority.partition(":")
    host = host.rstrip(".").lower()
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        host = ""
    if not _HOST.match(host) or (colon and not (_PORT.match(port) and int(port) < 1 << 16)):
        raise BadTarget("url must name a host, like https://shop.example/landing")
    return host, colon + port


def _refuse_parameters(query: str) -> None:
    for pair in query.split("&"):
        name = unquote_plus(pair.partition("=")[0]).lower()
        if name.startswith("utm_"):
            raise BadTarget(f"url carries {name[:40]} already: take its utm parameters out, the link gets its own")
        if name in _OF_ONE_VISIT:
            raise BadTarget(f"url carries {name}, which belongs to one click or one visitor: take it out")


def _ascii(part: str) -> str:
    """Percent-encodes what may not stand in a URL; what is encoded already stays."""
    return quote(part, safe=_KEPT)
