from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.grading import grade
from quizzes.kinds.choices import list_choices
from quizzes.kinds.truefalse import state
from quizzes.models import PaperSlot, QuestionVersion

STATEMENT = QuestionVersion(pk=1, kind="truefalse", body=state(True))
THIRDS = QuestionVersion(
    pk=2,
    kind="multiple",
    body=list_choices(
        [("a", "33.33333", ""), ("b", "33.33333", ""), ("c", "33.33333", ""), ("d", "-100", "")]
    ),
)
VERSIONS = {1: STATEMENT, 2: THIRDS}


def graded(paper: list[tuple[int, int]], responses: dict[int, Any], percent: int = 70) -> Any:
    slots = [PaperSlot(version, marks) for version, marks in paper]
    return grade(paper=slots, versions=VERSIONS, responses=responses, pass_percent=percent)


def test_every_slot_is_graded_with_its_own_marks() -> None:
    result = graded([(1, 1), (1, 3)], {1: 1, 2: 2})
    assert (result.marks, result.score, result.max_score) == (["1", "0"], 1, 4)


def test_what_was_not_answered_earns_nothing() -> None:
    result = graded([(1, 1), (2, 2)], {})
    assert (result.marks, result.score, result.passed) == (["0", "0"], 0, False)


def test_three_thirds_are_one_exactly() -> None:
    result = graded([(2, 1)] * 3, {slot: [1, 2, 3] for slot in (1, 2, 3)}, percent=100)
    assert (result.marks, result.score, result.passed) == (["1"] * 3, 3, True)


def test_thirds_of_several_questions_add_up_exactly() -> None:
    result = graded([(2, 1)] * 3, {1: [1], 2: [2], 3: [3]})
    assert (result.marks, result.score) == (["1/3"] * 3, 1)


@pytest.mark.parametrize(
    ("right", "percent", "passed"),
    [
        (7, 70, True),
        (6, 70, False),
        (7, 71, False),
        (10, 100, True),
        (9, 100, False),
        (0, 1, False),
    ],
)
def test_the_pass_mark_itself_passes_and_anything_below_does_not(
    right: int, percent: int, passed: bool
) -> None:
    result = graded([(1, 1)] * 10, dict.fromkeys(range(1, right + 1), 1), percent)
    assert result.passed is passed


def test_rounding_passes_nobody() -> None:
    """Two thirds of 1 are shown as 0,67, and are less than 67 %."""
    result = graded([(2, 1)], {1: [1, 2]}, percent=67)
    assert (result.score, result.passed) == (Decimal("0.67"), False)
    assert graded([(2, 1)], {1: [1, 2]}, percent=66).passed


def test_rounding_fails_nobody() -> None:
    """A third of 1 is shown as 0,33, and is more than 33 %."""
    assert graded([(2, 1)], {1: [1]}, percent=33).passed


def test_a_half_hundredth_is_rounded_up() -> None:
    half = QuestionVersion(
        pk=3, kind="single", body=list_choices([("a", "100", ""), ("b", "12.5", "")])
    )
    result = grade(
        paper=[PaperSlot(3, 1)],
        versions={3: half},
        responses={1: 2},
        pass_percent=70,
    )
    assert (result.marks, result.score) == (["1/8"], Decimal("0.13"))


def test_an_empty_paper_is_not_passed() -> None:
    assert not graded([], {}, percent=1).passed


@given(st.lists(st.tuples(st.integers(1, 5), st.sets(st.integers(1, 4))), min_size=1, max_size=8))
def test_a_mark_lies_between_nothing_and_everything(answers: list[tuple[int, set[int]]]) -> None:
    paper = [(2, marks) for marks, _chosen in answers]
    responses = {slot: sorted(chosen) for slot, (_marks, chosen) in enumerate(answers, start=1)}
    result = graded(paper, responses)
    assert 0 <= result.score <= result.max_score == sum(marks for _version, marks in paper)
