"""Which link a slug has: the first in the log, and whether it is retired by the latest word, however often each record comes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_shared.contracts import tracking_links
from wanamaker_shared.contracts.record import encode
from wanamaker_shared.contracts.tracking_links import SLUG, LinkCreated, LinkRestored, LinkRetired
from wanamaker_shared.link_book import LinkBook

GOLDEN = Path(__file__).parent / "golden" / "tracking-links.jsonl"
Said = LinkCreated | LinkRetired | LinkRestored


def created(slug: str, at: int, *, url: str = "https://shop.test/?utm_source=a", workspace: str = "w1") -> LinkCreated:
    return LinkCreated(
        workspace=workspace,
        source="links",
        event_id=f"c{at}",
        occurred_at=at,
        received_at=at,
        slug=slug,
        url=url,
        target="https://shop.test/",
        utm_source="a",
        medium="email",
        campaign="x",
    )


def said(type: type[LinkRetired] | type[LinkRestored], slug: str, at: int, *, workspace: str = "w1") -> Said:
    return type(workspace=workspace, source="links", event_id=f"s{at}", occurred_at=at, received_at=at, slug=slug)


def book_of(records: Sequence[Said]) -> LinkBook[str]:
    book = LinkBook(lambda record: record.url)
    for record in records:
        book.take(record)
    return book


def shown(records: Sequence[Said]) -> dict[str, tuple[str, str, bool]]:
    book = book_of(records)
    slugs = {record.slug for record in records}
    return {slug: (held.workspace, held.link, held.retired) for slug in slugs if (held := book.held(slug)) is not None}


def test_the_first_in_the_log_has_the_slug_for_ever() -> None:
    """Whatever their clocks say."""
    records = [
        created("spring", 20, url="https://shop.test/a"),
        created("spring", 10, url="https://shop.test/b", workspace="w2"),
        said(LinkRetired, "spring", 30),
        created("spring", 5, url="https://shop.test/c"),
    ]
    assert shown(records) == {"spring": ("w1", "https://shop.test/a", True)}


def test_the_latest_word_of_its_workspace_holds() -> None:
    made, retired, restored = created("s", 10), said(LinkRetired, "s", 20), said(LinkRestored, "s", 30)
    assert shown([made])["s"][2] is False
    assert shown([made, retired])["s"][2] is True
    assert shown([made, retired, restored])["s"][2] is False
    assert shown([made, said(LinkRetired, "s", 40, workspace="w2")])["s"][2] is False, "another's word"
    held = book_of([made, retired]).held("s")
    assert held is not None
    assert (held.created_at, held.changed_at) == (10, 20)


def test_an_append_that_is_written_late_takes_nothing_back() -> None:
    made, retired, restored = created("s", 10), said(LinkRetired, "s", 20), said(LinkRestored, "s", 30)
    assert shown([made, retired, restored, retired, made])["s"][2] is False
    assert shown([made, restored, retired])["s"][2] is False


def test_a_slug_that_was_only_retired_has_no_link() -> None:
    assert book_of([said(LinkRetired, "s", 20)]).held("s") is None
    assert list(book_of([said(LinkRetired, "s", 20)]).of("w1")) == []


def test_a_workspace_lists_what_it_holds() -> None:
    book = book_of([created("a", 1), created("b", 2, workspace="w2"), created("b", 3), created("c", 4)])
    assert sorted(held.slug for held in book.of("w1")) == ["a", "c"]
    assert len(book) == 3


SLUGS = st.sampled_from(["a", "b"])
WORKSPACES = st.sampled_from(["w1", "w2"])
TIMES = st.integers(1, 6)
RECORDS = st.one_of(
    st.builds(lambda s, at, w: created(s, at, url=f"https://shop.test/{at}{w}", workspace=w), SLUGS, TIMES, WORKSPACES),
    st.builds(lambda s, at, w: said(LinkRetired, s, at, workspace=w), SLUGS, TIMES, WORKSPACES),
    st.builds(lambda s, at, w: said(LinkRestored, s, at, workspace=w), SLUGS, TIMES, WORKSPACES),
)


@given(st.lists(RECORDS, max_size=12), st.randoms(use_true_random=False))
def test_only_the_order_within_a_slug_counts_and_repetition_does_not(records: list[Said], chance: Random) -> None:
    """Partitions come in any order, and a producer may write a record twice."""
    records = [created("a", 0), created("b", 0), *records]  # nothing is said of a link before it was made
    apart = {slug: [record for record in records if record.slug == slug] for slug in ("a", "b")}
    otherwise: list[Said] = []
    while any(apart.values()):
        otherwise.append(apart[chance.choice([slug for slug, left in apart.items() if left])].pop(0))
    assert shown(records) == shown(otherwise) == shown([*otherwise, *records])


@pytest.mark.parametrize("slug", ["spring", "spring-2026", "a", "7", "a" * 64])
def test_slugs_that_can_be_said_and_printed(slug: str) -> None:
    assert SLUG.match(slug)


@pytest.mark.parametrize("slug", ["", "Spring", "-a", "a-", "a--b", "a_b", "a/b", "ä", "a\n", "a" * 65, "..", "a b"])
def test_others_are_none(slug: str) -> None:
    assert not SLUG.match(slug)


def test_records_of_every_version_stay_readable() -> None:
    """The golden file only grows. What is written now has the bytes of its last lines."""
    lines = GOLDEN.read_bytes().splitlines()
    records = [tracking_links.adapter.validate_json(line) for line in lines]
    assert {record.type for record in records} == tracking_links.TYPES
    assert [encode(record) for record in records] == lines
