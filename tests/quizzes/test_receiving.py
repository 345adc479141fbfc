"""A batch that is read at once is one that the serializer would have taken as it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from quizzes import receiving
from quizzes.serializers import BatchSerializer

SLOTS = st.one_of(st.integers(-1, 1002), st.booleans(), st.none(), st.just("3"), st.floats(0, 9))
SEQS = st.one_of(st.integers(-1, 2**53 + 1), st.just("7"), st.none())
RESPONSES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
CHANGES = st.one_of(
    st.fixed_dictionaries({"slot": SLOTS, "seq": SEQS, "response": RESPONSES}),
    st.fixed_dictionaries(
        {"slot": st.integers(1, 1000), "seq": st.integers(1, 2**53), "response": RESPONSES}
    ),
    st.fixed_dictionaries({"slot": st.integers(1, 1000), "seq": st.integers(1, 2**53)}),
    st.none(),
)
BATCHES = st.one_of(
    st.fixed_dictionaries({"answers": st.lists(CHANGES, max_size=4)}),
    st.fixed_dictionaries({"answers": st.none()}),
    st.just({}),
    st.just([]),
)


def by_serializer(data: Any) -> list[tuple[int, int, Any]] | None:
    serializer = BatchSerializer(data=data)
    if not serializer.is_valid():
        return None
    return [
        (one["slot"], one["seq"], one["response"]) for one in serializer.validated_data["answers"]
    ]


@given(BATCHES)
def test_both_ways_of_reading_agree(data: Any) -> None:
    expected = by_serializer(data)
    try:
        changes, reported = receiving.batch(data)
    except ValidationError:
        assert expected is None
        return
    assert [(one.slot, one.seq, one.response) for one in changes] == expected
    assert reported == []


def test_more_answers_than_a_paper_can_have_are_refused() -> None:
    many = [{"slot": 1, "seq": number, "response": 1} for number in range(1, 202)]
    with pytest.raises(ValidationError):
        receiving.batch({"answers": many})


def test_what_the_device_noticed_comes_with_the_answers() -> None:
    noticed = {"kind": "offline", "at": "2026-11-20T10:00:00+07:00"}
    changes, (reported,) = receiving.batch({"answers": [], "events": [noticed]})
    assert (changes, reported.kind) == ([], "offline")
