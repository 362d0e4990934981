"""The pure rules, example by example: links, limits, components, contacts, profiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_identity.components import Bond, appendable, join
from wanamaker_identity.contacts import Value, held
from wanamaker_identity.limits import RELEASED, REVOKED, status_of, turn_of
from wanamaker_identity.links import Link, resolve
from wanamaker_identity.profiles import Named, Naming, eldest
from wanamaker_shared.contracts.record import Order


def link(at: int, email: str | None = None, user: str | None = None, previous: str | None = None) -> Link:
    return Link("k", at, "site", f"e{at}", "identify", "server", user, email, previous)


def order(at: int) -> Order:
    return Order(at, "s", "", "e")


def bond(at: int, a: str, b: str, *, released: bool = False) -> Bond:
    return Bond(order(at), (a, b), released)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([link(1, "a")], ["email:a"]),
        ([link(1, user="u")], ["user:u"]),
        ([link(1, "a", "u")], ["email:a"]),
        ([link(1, previous="u")], [None]),
        # the last with both at or before it
        (
            [link(1, "a", "u"), link(2, "b", "u"), link(3, user="u"), link(4, "c", "u")],
            ["email:a", "email:b", "email:b", "email:c"],
        ),
        # else the first after it
        ([link(1, user="u"), link(2, "b", "u"), link(3, "c", "u")], ["email:b", "email:b", "email:c"]),
        # another user id's e-mail is not this one's
        ([link(1, "a", "v"), link(2, user="u")], ["email:a", "user:u"]),
    ],
)
def test_a_link_goes_to_the_e_mail_or_what_the_user_id_stands_for(
    links: list[Link], expected: list[str | None]
) -> None:
    resolved = resolve(reversed(links))
    assert [resolved[each] for each in links] == expected


@pytest.mark.parametrize(
    ("identifier", "verdict", "crowded", "fits", "turn", "status"),
    [
        ("email:a", None, False, True, 1, "active"),
        ("email:a", None, False, False, 1, "quarantined"),
        ("email:a", None, True, False, None, "quarantined"),
        ("email:a", RELEASED, True, False, 0, "active"),
        ("email:a", REVOKED, False, False, None, "revoked"),
        ("user:u", None, False, False, None, "active"),
        ("user:u", None, True, False, None, "quarantined"),
        ("user:u", RELEASED, True, False, None, "active"),
        ("user:u", REVOKED, False, False, None, "revoked"),
    ],
)
def test_a_tie_is_judged_by_decision_then_limits(
    identifier: str, verdict: str | None, crowded: bool, fits: bool, turn: int | None, status: str
) -> None:
    assert turn_of(identifier, verdict, crowded=crowded) == turn
    assert status_of(identifier, verdict, crowded=crowded, fits=fits) == status


def test_a_pair_too_many_is_quarantined_and_the_next_is_tried() -> None:
    bonds = [bond(1, "a", "b"), bond(2, "b", "c"), bond(3, "c", "d"), bond(4, "d", "e")]
    joined = join([[each] for each in "abcde"], reversed(bonds), 3)
    assert set(joined.members.values()) == {frozenset("abc"), frozenset("de")}
    assert joined.statuses[("c", "d")] == "quarantined"
    assert [each for each, status in joined.statuses.items() if status == "joined"] == [
        ("a", "b"),
        ("b", "c"),
        ("d", "e"),
    ]


def test_released_pairs_come_first_and_know_no_limit() -> None:
    bonds = [bond(1, "a", "b"), bond(2, "b", "c", released=True), bond(3, "c", "d", released=True)]
    joined = join([[each] for each in "abcd"], bonds, 2)
    assert set(joined.members.values()) == {frozenset("a"), frozenset("bcd")}


def test_pairs_of_one_record_stand_by_their_text() -> None:
    joined = join([["a"], ["b"], ["c"]], [bond(1, "b", "c"), bond(1, "a", "b")], 2)
    assert joined.members["a"] == frozenset("ab")


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=9),
    st.integers(1, 4),
)
def test_what_may_be_appended_gives_what_deciding_anew_gives(stated: list[tuple[int, str, str]], limit: int) -> None:
    pairs = {(min(a, b), max(a, b)): at for at, a, b in stated if a != b}
    bonds = [bond(at, *pair) for pair, at in pairs.items()]
    old, new = bonds[: len(bonds) // 2], bonds[len(bonds) // 2 :]
    before = join([[each] for each in "abcde"], old, limit)
    latest = {
        each: max(bond.order for bond in old if each in bond.pair)
        for each in "abcde"
        if any(each in bond.pair for bond in old)
    }
    good, rest = appendable(set(before.members.values()), latest, new)
    assert {*good, *rest} == set(new)
    untouched = {each for bond in rest for each in bond.pair}
    after = join(set(before.members.values()), good, limit)
    anew = join([[each] for each in "abcde"], [*old, *good], limit)
    if not untouched:
        assert after.members == anew.members
        assert {**before.statuses, **after.statuses} == anew.statuses


def test_a_contact_holds_what_it_said_last_of_each_property() -> None:
    values = [
        Value("email_keys", order(3), ("email:b",)),
        Value("user_ids", order(1), ("user:u",)),
        Value("email_keys", order(2), ("email:a", "email:c")),
    ]
    assert held(values) == {"email:b", "user:u"}
    assert held([*values, Value("user_ids", order(4), ())]) == {"email:b"}


def test_the_eldest_is_named_first_then_by_text() -> None:
    named = {each: Named(each, Naming(order(at), "form"), each, each) for each, at in (("x", 2), ("b", 1), ("a", 1))}
    assert eldest(frozenset("xab"), named).identifier == "a"
    assert eldest(frozenset("xb"), named).identifier == "b"
