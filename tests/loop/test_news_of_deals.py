"""What CRMs say of deals in an order nobody would choose: in every one of them it comes to the oracle's tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle import tables
from tests.oracle.log_keys import logged
from tests.oracle.story import KEYS, Story
from wanamaker_shared.eventlog.compare import Line

from .check import rows_of
from .product import tables_of
from .world import World

DAY = "2026-03-0{} 10:00"


def day(number: int) -> str:
    return DAY.format(number)


def duplicates(told: Story) -> None:
    """Three won deals of a contact each, with refunds, one more than the deal brought."""
    for number in (1, 2, 3):
        told.deal(f"D{number}", day(number), [f"C{number}"], status="won", amount=f"{number}0.05")
    told.adjustment("R1", "D2", "-30.00", "2026-03-05", day(5))
    told.adjustment("R1", "D1", "-1.00", "2026-03-04", day(4))


def a_chain(told: Story) -> None:
    duplicates(told)
    told.deal_merged("D1", "D2", day(6))
    told.deal_merged("D2", "D3", day(7))
    told.deal("D1", day(8), added=["C4"])
    told.deal("D3", day(8), removed=["C2"])


def a_circle(told: Story) -> None:
    duplicates(told)
    told.deal_merged("D1", "D2", day(6))
    told.deal_merged("D2", "D3", day(6))
    told.deal_merged("D3", "D1", day(6))


def another_target(told: Story) -> None:
    """A later merge of the same deal takes it out of a circle."""
    a_circle(told)
    told.deal_merged("D1", "D4", day(8))
    told.deal("D4", day(2), status="won", amount="7.00")


def into_nothing(told: Story) -> None:
    """Into a deal of which nothing was ever stated, and that goes on into one."""
    duplicates(told)
    told.deal_merged("D1", "D9", day(6))
    told.deal_merged("D9", "D2", day(7))
    told.deal_merged("D3", "D8", day(7))


def deleted_and_merged(told: Story) -> None:
    duplicates(told)
    told.deal_deleted("D1", day(5))
    told.deal_merged("D1", "D2", day(6))
    told.deal_deleted("D2", day(7))
    told.deal_restored("D2", day(8))
    told.deal_deleted("D3", day(7))
    told.deal("D3", day(8), status="lost")
    told.adjustment("R9", "D3", "5.00", "2026-03-09", day(9))


def won_lost_won(told: Story) -> None:
    told.page("c1", day(1), "google/cpc")
    told.form("c1", "2026-03-01 10:05", email="ann@example.com")
    told.contact("C1", day(1), emails=["ann@example.com"])
    told.deal("D1", day(2), ["C1"], status="won", amount="100.00")
    told.deal("D1", day(4), status="lost")
    told.deal("D1", day(6), status="won", added=["C2"])
    told.deal("D1", day(7), stage="handed over", removed=["C1"])
    told.adjustment("R1", "D1", "-100.01", "2026-03-03", day(3))


def other_money(told: Story) -> None:
    """A currency that changes after the winning, an amount that goes and comes, refunds in a third one, rates that come late."""
    told.deal("D1", day(2), status="won", amount="100.00", currency="PLN")
    told.adjustment("R1", "D1", "-33.3", "2026-03-03", day(3))
    told.adjustment("R2", "D1", "-500", "2026-03-03", day(3), currency="JPY")
    told.rate("2026-03-01", "EUR", "PLN", "4.25")
    told.deal("D1", day(4), amount=None)
    told.deal("D1", day(5), amount="0.125", currency="JPY")
    told.deal("D1", day(6), amount="0")
    told.deal("D1", day(7), amount="90.005", currency="EUR")
    told.deal("D2", day(7), status="won", amount="1000", currency="JPY")
    told.rate("2026-03-06", "EUR", "JPY", "160")


def contacts_of_a_demo(told: Story) -> None:
    """Who is put on a deal became an sql when it came to its stage; who is taken off never did."""
    told.settings(day(1), stage_maps={"*": {"*": {"demo": "sql"}}})
    for number in (1, 2):
        told.contact(f"C{number}", day(1), emails=[f"c{number}@example.com"])
    told.deal("D1", day(2), ["C1"], stage="demo")
    told.deal("D1", day(4), added=["C2"])
    told.deal("D1", day(5), removed=["C1"])


def given_back_before_it_is_won(told: Story) -> None:
    """Twice: to one deal that is won in the end and to one that is not. The rate comes late."""
    for name in ("D1", "D2"):
        told.deal(name, day(2), status="open", amount="10.00", currency="PLN")
        told.adjustment("R1", name, "-3.00", "2026-03-03", day(3))
    told.deal("D1", day(5), status="won")
    told.rate("2026-03-02", "EUR", "PLN", "4")


def a_source_told_late(told: Story) -> None:
    """Where the credit of a deal without touchpoints stands, and that of its opportunity."""
    told.deal("D1", day(2), status="won", amount="1.00")
    told.deal("D1", day(3), original_source="PAID_SEARCH")


def won_at_once(told: Story) -> None:
    """Three of one company: the smallest made it a customer, until it is lost."""
    for name in ("D2", "D1", "D3"):
        told.deal(name, day(2), status="won", amount="1.00", company_id="A1")
    told.deal("D1", day(3), status="lost")


def names_that_read_the_same(told: Story) -> None:
    """`a/b` with an adjustment `c`, and `a` with an adjustment `b/c`."""
    for deal, adjustment, amount in (("a/b", "c", "-5"), ("a", "b/c", "-7")):
        told.deal(deal, day(2), status="won", amount="100", currency="JPY")
        told.adjustment(adjustment, deal, amount, "2026-03-03", day(3))


STORIES: tuple[Callable[[Story], None], ...] = (
    a_chain,
    a_circle,
    another_target,
    into_nothing,
    deleted_and_merged,
    won_lost_won,
    other_money,
    contacts_of_a_demo,
    given_back_before_it_is_won,
    a_source_told_late,
    won_at_once,
    names_that_read_the_same,
)
ORDERS: dict[str, Callable[[int], list[int]]] = {
    "as it happened": lambda number: list(range(number)),
    "the last first": lambda number: list(range(number))[::-1],
    "from both ends": lambda number: [each for at in range(number) for each in (at, number - 1 - at)][:number],
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_each_piece_of_news_by_itself(story: Callable[[Story], None]) -> None:
    told = Story()
    story(told)
    records, expected = logged(told.entries), tables(told.entries, KEYS)
    bytes_of: dict[str, list[Line]] = {}
    for name, order in ORDERS.items():
        world = World()
        try:
            for place in order(len(records)):
                world.log.append([records[place]])
                world.settle()
            found = tables_of(world)
            for table in expected:
                assert found[table] == expected[table], (name, table)
            bytes_of[name] = rows_of(world)
        finally:
            world.close()
    for each in bytes_of.values():
        assert each == bytes_of["as it happened"]
