"""Minor units: one table in the bridge, which reads cents, one in attribution, which counts them, and one in the oracle."""

from __future__ import annotations

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


def test_the_bridge_and_attribution_count_every_currency_alike() -> None:
    known = {*CURRENCIES, *CODES, "???"}
    stated = dict.fromkeys(known, 2) | {code: number for number, codes in ISO_4217.items() for code in codes.split()}
    assert {code: digits(code) for code in known} == stated
    assert {code: exponent(code) for code in known} == stated
    assert {code: oracle.EXPONENTS.get(code, 2) for code in known} == stated


def test_every_currency_of_a_deal_may_have_rates_and_costs() -> None:
    """Else a deal of a currency that left, like HRK or SLL, could never be converted."""
    assert CODES == CURRENCIES
