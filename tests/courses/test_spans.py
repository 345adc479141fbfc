"""Spans, compared with the plain thing they stand for: a set of hundredths of a second."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses import spans

LENGTH = 60.0
hundredths = st.integers(0, 6000)
pairs = st.tuples(hundredths, hundredths).filter(lambda pair: pair[0] < pair[1])
several = st.lists(pairs.map(lambda pair: [pair[0] / 100, pair[1] / 100]), max_size=12)


def seconds(of: list[spans.Span]) -> set[int]:
    return {one for start, end in of for one in range(round(start * 100), round(end * 100))}


def is_tidy(found: list[spans.Span]) -> bool:
    gaps = itertools.pairwise(found)
    return all(start < end for start, end in found) and all(a[1] < b[0] for a, b in gaps)


@given(several)
def test_merging_keeps_every_second_and_counts_none_twice(some: list[spans.Span]) -> None:
    merged = spans.merge(some)
    assert seconds(merged) == seconds(some)
    assert is_tidy(merged)
    assert spans.total(merged) == pytest.approx(len(seconds(some)) / 100)


@given(several)
def test_merging_again_changes_nothing_and_the_given_spans_stay(some: list[spans.Span]) -> None:
    before = [list(one) for one in some]
    merged = spans.merge(some)
    assert spans.merge(merged) == merged
    assert some == before


@given(several, several)
def test_subtracting_leaves_what_is_new(some: list[spans.Span], known: list[spans.Span]) -> None:
    rest = spans.subtract(spans.merge(some), spans.merge(known))
    assert seconds(rest) == seconds(some) - seconds(known)


@given(several, hundredths)
def test_taking_gives_the_first_seconds_and_never_more(some: list[spans.Span], limit: int) -> None:
    merged = spans.merge(some)
    taken = seconds(spans.take(merged, seconds=limit / 100))
    assert taken == set(sorted(seconds(merged))[:limit])


@given(st.lists(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=2), max_size=20))
def test_whatever_is_reported_lies_within_the_video(raw: list[list[float]]) -> None:
    found = spans.read(raw, length=LENGTH)
    assert is_tidy(found)
    assert all(0 <= start < end <= LENGTH for start, end in found)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=8,
    )
)
def test_anything_else_is_refused_and_nothing_breaks(raw: Any) -> None:
    try:
        found = spans.read(raw, length=LENGTH)
    except spans.InvalidSpans:
        return
    assert isinstance(raw, list)
    assert is_tidy(found)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "0-10",
        {"0": 10},
        [0, 10],
        [[0]],
        [[0, 1, 2]],
        [["0", "1"]],
        [[True, 2]],
        [[0, float("nan")]],
        [[0, float("inf")]],
        [[0, 10**400]],
        [[0, 1]] * 101,
    ],
)
def test_what_is_no_list_of_pairs_of_seconds_is_refused(raw: Any) -> None:
    with pytest.raises(spans.InvalidSpans):
        spans.read(raw, length=LENGTH)


def test_a_span_that_ends_before_it_begins_counts_nothing() -> None:
    assert spans.read([[10, 5], [3, 3]], length=LENGTH) == []
