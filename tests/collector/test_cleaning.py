"""After cleaning, no text can hurt a store, and nothing that is safe is touched."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanamaker_collector.cleaning import (
    DEPTH,
    TooDeep,
    check_depth,
    clean,
    clean_text,
    cut,
    may_be_unsafe,
    mend_surrogates,
)

UNSAFE = [*map(chr, [*range(9), 11, 12, *range(14, 32), *range(127, 160)]), "\ud800", "\udfff"]

texts = st.text(st.characters() | st.sampled_from(UNSAFE))
scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)


def nested(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize("character", UNSAFE)
def test_each_unsafe_character_is_replaced(character: str) -> None:
    assert clean_text(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["", "a\tb\r\nc", "é ü ß", "日本語", "😀", "\u00a0", "\ufeff"])
def test_safe_text_stays(text: str) -> None:
    assert clean_text(text) == text


@given(values)
def test_cleaned_values_are_safe_in_every_store(value: Any) -> None:
    cleaned = clean(value)
    encoded = orjson.dumps(cleaned)  # refuses lone surrogates
    assert not may_be_unsafe(encoded) or not any(character in encoded.decode() for character in UNSAFE[:-2])
    assert clean(cleaned) == cleaned


@given(values)
def test_a_body_that_looks_safe_is_safe(value: Any) -> None:
    """The cheap look at the bytes never misses what cleaning would change."""
    try:
        plain = orjson.dumps(value)
    except TypeError:
        return
    for body in (plain, json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode()):
        if not may_be_unsafe(body):
            assert clean(orjson.loads(body)) == orjson.loads(body)


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"a\ud83d"', "a\ufffd"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"\\\ud83d"', "\\\ufffd"),
        (rb'"\u0041\n"', "A\n"),
    ],
)
def test_half_a_surrogate_pair_is_mended(body: bytes, mended: str) -> None:
    assert orjson.loads(mend_surrogates(body)) == mended


@given(texts)
def test_mended_texts_are_the_cleaned_ones(text: str) -> None:
    assert clean(orjson.loads(mend_surrogates(json.dumps(text).encode()))) == clean_text(json.loads(json.dumps(text)))


def test_depth_is_counted_with_the_event_itself() -> None:
    check_depth(nested(DEPTH))
    assert clean(nested(DEPTH)) == nested(DEPTH)
    for judge in (check_depth, clean):
        with pytest.raises(TooDeep):
            judge(nested(DEPTH + 1))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 40))
def test_a_cut_text_is_a_beginning_that_fits(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert text.startswith(kept)
    assert len(kept.encode()) <= limit
    assert kept == text or len(text[: len(kept) + 1].encode()) > limit
