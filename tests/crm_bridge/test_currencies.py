"""Minor units: one table in the bridge, which reads cents, one in attribution, which counts them, and one in the oracle."""

from __future__ import annotations

import pytest

from tests.oracle import money as oracle
from wanamaker_attribution.currencies import CODES
from wanamaker_attribution.money import exponent
from wanamaker_crm_bridge.currencies import CURRENCIES, digits

ISO_4217 = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
"""List one's minor units that are not two, written down once more."""


@pytest.mark.parametrize("currency", sorted({*CURRENCIES, *CODES, "???"}))
def test_the_bridge_and_attribution_count_one_currency_alike(currency: str) -> None:
    stated = next((number for number, codes in ISO_4217.items() if currency in codes.split()), 2)
    assert digits(currency) == exponent(currency) == oracle.EXPONENTS.get(currency, 2) == stated


def test_what_attribution_may_name_a_crm_may_state() -> None:
    assert CODES <= CURRENCIES
