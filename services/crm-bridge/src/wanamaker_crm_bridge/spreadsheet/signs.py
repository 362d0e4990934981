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
SEVERAL = {"kr": "SEK, NOK, DKK, ISK", "kr.": "SEK, NOK, DKK, ISK", "Kr": "SEK, NOK, DKK, ISK"}
"""Signs that several currencies have; a row with one of them says its currency otherwise."""
ASSUMED = frozenset(["$", "¥"])
"""Signs that others use too: read as the first of them, and said."""

_IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]{1,6}?)\s*[)\]]")
_FORMAT = re.compile(r'\[\$([^\]-]{1,6})(?:-[0-9A-Fa-f]+)?\]|"\s*([^"]{1,6}?)\s*"|([€£¥₽₹₺])')


def currency_of(sign: str) -> str | None:
    """The currency that a sign or code means; None if it means none, or several."""
    bare = sign.strip(" \u00a0\u202f\u2009")
    if bare in SIGNS:
        return SIGNS[bare]
    code = bare.upper()
    return code if code in CURRENCIES else None


def currency_in_heading(heading: str) -> str | None:
    """`Amount (EUR)`, `Betrag in €`, `Kwota [zł]`, `Montant €`, `Value EUR`."""
    words = [match[1] for match in _IN_BRACKETS.finditer(heading)] + heading.split()[1:]
    found = {currency for word in words if (currency := currency_of(word)) is not None and word != "ALL"}
    return found.pop() if len(found) == 1 else None


def currency_in_format(number_format: str) -> str | None:
    r"""Of an XLSX cell: `#,##0.00\ [$€-407]`, `#,##0 "zł"`."""
    found = {
        currency
        for match in _FORMAT.finditer(number_format)
        if (currency := currency_of(next(group for group in match.groups() if group is not None))) is not None
    }
    return found.pop() if len(found) == 1 else None
