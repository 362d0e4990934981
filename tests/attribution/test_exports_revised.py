"""Exports sent one after the other: rows in any order, files repeated, later ones with fewer or other rows, by other breakdowns.

What is left is told twice: by the oracle from the records, and by a dictionary from the files themselves.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.product_tables import product_tables
from tests.attribution.test_against_oracle import projected
from tests.oracle import tables
from tests.oracle.dedup import Entry
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS, Story, at
from wanamaker_attribution.spend_exports import Asked, read_export
from wanamaker_attribution.uploads.exports import judge_export
from wanamaker_shared.contracts import ad_spend
from wanamaker_shared.contracts.ad_spend import SpendRevised
from wanamaker_shared.contracts.record import encode

HEADS = {
    True: "Day,Ad group,Campaign,Campaign ID,Currency code,Cost",
    False: "Day,Ad group,Campaign,Currency code,Cost",
}


@dataclass(frozen=True, slots=True)
class Row:
    day: str
    campaign: int
    ad_group: str
    cents: int


Export = tuple[bool, str, list[Row]]
"""(with the campaign's id, what campaigns are called in it, rows)"""

rows = st.builds(
    Row,
    st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03"]),
    st.sampled_from([1, 2]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from([0, 1, 150, 99_999, 1_234_567]),
)
exports = st.tuples(st.booleans(), st.sampled_from(["brand {}", "renamed {}"]), st.lists(rows, min_size=1, max_size=6))


def written(export: Export) -> bytes:
    with_id, called, its = export
    lines = [HEADS[with_id]]
    for row in its:
        cells = [row.day, row.ad_group, called.format(row.campaign), str(row.campaign), "EUR", f"{row.cents / 100:.2f}"]
        lines.append(",".join(cells if with_id else [*cells[:3], *cells[4:]]))
    return "\n".join([*lines, "Total: Campaigns,,,,,9.99"]).encode()


def judged_records(export: Export, received_at: int = 0) -> tuple[SpendRevised, ...]:
    judged = judge_export("w1", read_export(written(export), Asked()), post="attract", received_at=received_at)
    assert judged.bad == ()
    return judged.records


def entries_of(files: list[Export]) -> list[Entry]:
    first = at("2026-04-01 10:00")
    return [
        (ad_spend.TOPIC, record, encode(record))
        for number, export in enumerate(files)
        for record in judged_records(export, first + number)
    ]


def told_by_the_files(files: list[Export]) -> Counter[tuple[str, str]]:
    """(day, campaign) -> cents: of each campaign and day what the last file says of it."""
    said: dict[tuple[str, str], tuple[str, int]] = {}
    for with_id, called, its in files:
        sums = Counter[tuple[str, str]]()
        for row in its:
            key = (row.day, str(row.campaign) if with_id else called.format(row.campaign))
            sums[key] += row.cents
            said[key] = (called.format(row.campaign), sums[key])
    left = Counter[tuple[str, str]]()
    for (day, _), (campaign, cents) in said.items():
        left[day, campaign] += cents
    return +left


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(exports, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_what_is_left_of_exports_is_what_the_last_says_of_each_campaign_and_day(
    files: list[Export], chance: random.Random
) -> None:
    repeated = [file for file in files for _ in range(chance.choice([1, 1, 2]))]
    shuffled = [(with_id, called, chance.sample(its, len(its))) for with_id, called, its in repeated]
    entries = entries_of(shuffled)
    arriving = logged(entries)
    chance.shuffle(arriving)
    with projected(arriving, chance) as connection:
        found = product_tables(connection)
    assert found["roi_traffic"] == tables(entries, KEYS)["roi_traffic"]
    traffic = {(key[1], key[-1]): row["attract_minor"] for key, row in found["roi_traffic"].items()}
    assert traffic == told_by_the_files(files)


@given(exports, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_account(export: Export, chance: random.Random) -> None:
    with_id, called, its = export
    mixed = (with_id, called, chance.sample(its, len(its)))
    said = [
        {(cost.spend_key, cost.date, cost.campaign, Decimal(cost.amount)) for cost in judged_records(each)}
        for each in (export, mixed)
    ]
    assert said[0] == said[1]


def test_every_post_is_reached_by_exports_and_by_rules() -> None:
    story = Story()
    story.settings("2026-04-02 10:00", spend_rules=[{"campaign": "close.*", "post": "close"}])
    text = b"Day,Campaign,Currency code,Cost\n2026-03-01,brand,EUR,1.00\n2026-03-01,close deals,EUR,2.00\n"
    for number, post in enumerate(("convert", "attract", "convert")):
        judged = judge_export("w1", read_export(text, Asked()), post=post, received_at=at("2026-04-01 10:00") + number)
        story.entries += [(ad_spend.TOPIC, record, encode(record)) for record in judged.records]
    rows = {key[-1]: row for key, row in story.tables()["roi_traffic"].items()}
    assert (rows["brand"]["convert_minor"], rows["brand"]["attract_minor"]) == (100, 0)
    assert rows["close deals"]["close_minor"] == 200
