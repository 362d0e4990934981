"""Click ids: the collector keeps exactly those that say where a visit came from, and each says it."""

from __future__ import annotations

import pytest

from wanamaker_attribution.arrivals import CLICK_IDS, NOT_SET, Arrival, Referrers, find_arrival
from wanamaker_attribution.channels import classify_channel
from wanamaker_collector import addresses
from wanamaker_shared.contracts.web_events import ClickId, Page, Utm

CHANNELS = {
    "Paid Search": "gclid gbraid wbraid gad_source msclkid yclid",
    "Display": "dclid",
    "Paid Social": "ttclid twclid li_fat_id rdt_cid sccid qclid",
    "Organic Social": "fbclid igshid igsh epik",
    "Affiliates": "irclickid awc cjevent",
    "Email": "mc_cid _hsmi",
}
TABLE = [(channel, name) for channel, names in CHANNELS.items() for name in names.split()]


def test_the_collector_keeps_exactly_these() -> None:
    assert {name for _, name in TABLE} == set(CLICK_IDS) == set(addresses.CLICK_IDS)


@pytest.mark.parametrize(("channel", "name"), TABLE)
def test_a_landing_with_only_a_click_id_has_its_channel(channel: str, name: str) -> None:
    landing = addresses.landing_of(f"https://shop.test/offer?{name.upper()}=Ab1")
    came_from = find_arrival(Page(host="shop.test", click_id=ClickId(**landing.click_id or {})), Referrers())
    assert came_from is not None
    assert came_from.click_id == f"{name}:Ab1"
    assert classify_channel(came_from.source, came_from.medium, came_from.campaign, ()) == channel


def test_utm_says_better_and_the_click_id_stays_beside_it() -> None:
    page = Page(utm=Utm(source="newsletter", medium="email"), click_id=ClickId(name="gclid", value="x"))
    assert find_arrival(page, Referrers()) == Arrival("newsletter", "email", NOT_SET, NOT_SET, NOT_SET, "gclid:x")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("gad_source=1&gclid=x", "gclid"),
        ("gclsrc=aw.ds&gclid=x&gad_campaignid=1", "gclid"),
        ("mc_cid=x&mc_eid=y&fbclid=z", "fbclid"),
        ("mc_eid=y&mc_cid=x", "mc_cid"),
        ("ScCid=x", "sccid"),
    ],
)
def test_of_several_click_ids_the_nearest_to_the_click_counts(query: str, name: str) -> None:
    found = addresses.landing_of(f"https://shop.test/?{query}").click_id
    assert found is not None
    assert found["name"] == name


@pytest.mark.parametrize("query", ["mc_eid=ann", "_hsenc=p2", "_kx=p", "gclsrc=aw.ds"])
def test_ids_of_a_recipient_are_not_kept(query: str) -> None:
    assert addresses.landing_of(f"https://shop.test/?{query}").click_id is None
