"""Currency signs and codes as they stand beside amounts: in a cell, in a heading, in an XLSX cell's format."""

from __future__ import annotations

import re

from wanamaker_crm_bridge.currencies import CURRENCIES

SIGNS = {
    "€": "EUR", "£": "GBP", "$": "USD", "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD",
    "HK$": "HKD", "S$": "SGD", "R$": "BRL", "zł": "PLN", "ZŁ": "PLN", "Zł": "PLN", "zl": "PLN", "Kč": "CZK", "KČ": "CZK",
    "kč": "CZK", "Ft": "HUF", "¥": "JPY", "₽": "RUB", "₹": "INR", "₺": "TRY", "₴": "UAH", "₪": "ILS", "₩": "KRW", "₫": "VND",
    "₦": "NGN", "Fr.": "CHF", "Fr": "CHF", "SFr.": "CHF", "лв": "BGN", "лв.": "BGN", "lei": "RON", "Euro": "EUR", "euro": "EUR",
    "EURO": "EUR", "euros": "EUR",
}  # fmt: skip
_CROWNS = ("SEK", "NOK", "DKK", "ISK")
ASSUMED = {"$": ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "TWD", "ARS", "CLP", "COP"), "¥": ("JPY", "CNY")}
"""Signs that others use too: what else says which, else read as the first of them, and said."""
SEVERAL = {"kr": _CROWNS, "kr.": _CROWNS, "Kr": _CROWNS, "Kr.": _CROWNS, **ASSUMED}
"""Signs that several currencies have; what else says which must be one of them."""

_NO_CODES = frozenset("ALL All all Top top Try try Cup cup Mop mop Gel gel".split())
"""Words of headings that are no currency, though there is one of that code."""
_IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]{1,6}?)\s*[)\]]")
_FORMAT = re.compile(r'\[\$([^\]-]{1,6})(?:-([^\]]*))?\]|"\s*([^"]{1,6}?)\s*"|([$€£¥₽₹₺])')
_OF_A_COUNTRY = {
    "409": "USD", "en-us": "USD", "1009": "CAD", "en-ca": "CAD", "c0c": "CAD", "fr-ca": "CAD", "c09": "AUD", "en-au": "AUD",
    "1409": "NZD", "en-nz": "NZD", "804": "CNY", "zh-cn": "CNY", "411": "JPY", "ja-jp": "JPY",
}  # fmt: skip
"""Whose `$` or `¥` it is, where an XLSX's format names the country."""


def currency_of(sign: str) -> str | None:
    """The currency that a sign or code means; None if it means none, or several."""
    bare = sign.strip(" \u00a0\u202f\u2009")
    if bare in SIGNS:
        return SIGNS[bare]
    code = bare.upper()
    return code if code in CURRENCIES else None


def currency_in_heading(heading: str) -> str | None:
    """`Amount (EUR)`, `Betrag in €`, `Kwota [zł]`, `Montant €`, `Value EUR`."""
    words = _words_of(heading)
    found = {currency for word in words if word not in _NO_CODES and (currency := currency_of(word)) is not None}
    return found.pop() if len(found) == 1 else None


def sign_in_heading(heading: str) -> str | None:
    """`$` where that is what names the currency of a heading: `Amount ($)`."""
    return next((word for word in _words_of(heading) if word in ASSUMED), None)


def _words_of(heading: str) -> list[str]:
    return [match[1] for match in _IN_BRACKETS.finditer(heading)] + heading.split()[1:]


def currency_in_format(number_format: str) -> str | None:
    r"""Of an XLSX cell: `#,##0.00\ [$€-407]`, `#,##0 "zł"`. A sign of `SEVERAL` stays the sign, unless its country is named."""
    found = set()
    for bracketed, country, quoted, bare in _FORMAT.findall(number_format):
        sign = (bracketed or quoted or bare).strip()
        if sign in SEVERAL:
            found.add(_OF_A_COUNTRY.get(country.lower(), sign) if sign in ASSUMED else sign)
        elif (currency := currency_of(sign)) is not None:
            found.add(currency)
    return found.pop() if len(found) == 1 else None
