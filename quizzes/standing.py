"""Which result stands after several attempts, by the quiz's grade method; told to the course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from courses.models import AssessmentResult, Enrolment
from courses.results import record_result
from quizzes import grading
from quizzes.models import Attempt, Quiz


@dataclass(frozen=True)
class Standing:
    """A result over all graded attempts of an enrolment; ``decided_at`` is a time of submission."""

    score: Decimal
    max_score: Decimal
    passed: bool
    decided_at: datetime


def standing(quiz: Quiz, attempts: Sequence[Attempt]) -> Standing | None:
    """What stands after these graded attempts, in any order; None where there are none."""
    graded = sorted((one for one in attempts if one.score is not None), key=lambda one: one.number)
    if not graded:
        return None
    if quiz.grade_method == Quiz.GradeMethod.AVERAGE:
        return _average(quiz, graded)
    if quiz.grade_method == Quiz.GradeMethod.LAST:
        decisive = graded[-1]
    elif quiz.grade_method == Quiz.GradeMethod.FIRST:
        decisive = graded[0]
    else:
        decisive = max(graded, key=lambda one: (one.passed, one.score, -one.number))
    assert decisive.score is not None
    assert decisive.submitted_at is not None
    return Standing(
        decisive.score, decisive.max_score, bool(decisive.passed), decisive.submitted_at
    )


def _average(quiz: Quiz, graded: Sequence[Attempt]) -> Standing:
    """The mean of the shares of the marks, exactly, in the marks of the last paper."""
    shares = [
        grading.earned(one.paper, one.marks or []) / sum(slot.marks for slot in one.paper)
        for one in graded
    ]
    mean = sum(shares, Fraction(0)) / len(shares)
    last = graded[-1]
    assert last.submitted_at is not None
    return Standing(
        score=grading.rounded(mean * Fraction(last.max_score)),
        max_score=last.max_score,
        passed=grading.passes(mean, Fraction(1), quiz.pass_percent),
        decided_at=max(one.submitted_at for one in graded if one.submitted_at),
    )


def record(
    *,
    enrolment: Enrolment,
    quiz: Quiz,
    attempts: Sequence[Attempt],
    at: datetime | None = None,
    by: Any = None,
    reason: str = "",
) -> None:
    """Keep what stands as the result. ``enrolment`` comes from ``completion.locked``."""
    found = standing(quiz, attempts)
    if found is None:
        return
    record_result(
        enrolment_id=enrolment.pk,
        assessment_id=quiz.assessment_id,
        source=AssessmentResult.Source.ONLINE,
        score=found.score,
        max_score=found.max_score,
        passed=found.passed,
        decided_at=found.decided_at,
        at=at,
        by=by,
        reason=reason,
        known=enrolment,
    )
