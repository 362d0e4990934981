"""Registrable domains: of an e-mail address, and of what a CRM calls a company's domain.

The collector, the crm-bridge and attribution compare them, so the definition is part of the contract.
"""

from __future__ import annotations

from functools import lru_cache

from tldextract import TLDExtract

from .identifiers import normalise_email

_extract = TLDExtract(suffix_list_urls=(), cache_dir=None)  # the bundled list: no network, no files
_LONGEST = 2048
"""Characters of a company's domain that are looked at: CRMs put whole web addresses there."""


@lru_cache(maxsize=16384)
def registrable_domain(host: str) -> str:
    """`b.co.uk` of `a.b.co.uk` by the public suffix list; of endings it does not know, the last two labels."""
    known = _extract(host).top_domain_under_public_suffix
    return known or ".".join(host.split(".")[-2:])


def email_domain(value: str) -> str | None:
    """The registrable domain of an address as somebody wrote it; None if it is no address, or the hash of one."""
    normalised = normalise_email(value)
    return None if normalised is None else registrable_domain(normalised.partition("@")[2])


def company_domain(value: str) -> str | None:
    """The registrable domain of a company's domain or web address, in the form that an e-mail's has; None if it holds none.

    `https://www.Bücher.example:8080/shop` → `xn--bcher-kva.example`.
    """
    text = value[:_LONGEST].strip()
    _, found, rest = text.partition("://")
    host = (rest if found else text.removeprefix("//")).partition("/")[0].partition("?")[0].partition("#")[0]
    return email_domain(f"a@{host.rpartition('@')[2].partition(':')[0].rstrip('.')}")
