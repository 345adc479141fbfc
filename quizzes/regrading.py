"""Grading a submitted attempt anew: keys corrected, time restored, long answers marked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from courses import completion
from quizzes import grading, marking, standing, stock
from quizzes.models import Answer, Attempt, GradeRevision


def grades_now(attempts: Sequence[Attempt]) -> dict[int, grading.Grade]:
    """The grades of submitted attempts by what is known now. Writes nothing.

    Four statements for any number of attempts that have their quiz at hand.
    """
    keys = [attempt.pk for attempt in attempts]
    ids = {slot.version for attempt in attempts for slot in attempt.paper}
    versions, corrections = stock.versions(ids), grading.corrections_of(ids)
    marked = marking.shares_of(keys)
    responses: dict[int, dict[int, Any]] = {key: {} for key in keys}
    answers = Answer.objects.filter(attempt__in=keys)
    for key, slot, response in answers.values_list("attempt", "slot", "response"):
        responses[key][slot] = response
    return {
        attempt.pk: grading.grade(
            paper=attempt.paper,
            versions=versions,
            corrections=corrections,
            responses=responses[attempt.pk],
            marked=marked.get(attempt.pk),
            pass_percent=attempt.quiz.pass_percent,
        )
        for attempt in attempts
    }


def differs(attempt: Attempt, grade: grading.Grade) -> bool:
    """Whether the attempt was graded otherwise."""
    held = (attempt.marks, attempt.score, attempt.passed)
    return held != (grade.marks, grade.score, grade.passed)


def regrade(*, attempt_id: int, at: datetime, by: Any, reason: str) -> bool:
    """Grade anew and let the result that stands follow; whether anything changed.

    The grade that is replaced stays as a GradeRevision. The first grade of an attempt that waited
    for its marker replaces none.
    """
    with transaction.atomic():
        # Always the enrolment before the attempt, as everywhere: no two wait for each other.
        enrolment = completion.locked(attempts=attempt_id)
        attempt = (
            Attempt.objects.select_for_update(of=("self",))
            .select_related("quiz")
            .get(pk=attempt_id, submitted_at__isnull=False)
        )
        grade = grades_now([attempt])[attempt.pk]
        if not differs(attempt, grade):
            return False
        if attempt.score is not None:
            GradeRevision.objects.create(
                attempt=attempt,
                at=at,
                by=by,
                reason=reason,
                marks=attempt.marks,
                score=attempt.score,
                passed=attempt.passed,
            )
        attempt.marks, attempt.score, attempt.passed = grade.marks, grade.score, grade.passed
        attempt.save(update_fields=["marks", "score", "passed"])
        if unmarked := grade.unmarked:
            marking.open_tasks(attempt=attempt, slots=unmarked)
        every = Attempt.objects.graded().filter(enrolment=enrolment, quiz=attempt.quiz_id)
        standing.record(
            enrolment=enrolment,
            quiz=attempt.quiz,
            attempts=list(every),
            at=at,
            by=by,
            reason=reason,
        )
    return True
