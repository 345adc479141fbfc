"""Recording the result of an assessment, whoever judged it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from courses import completion, signals
from courses.models import AssessmentResult, Enrolment, ResultRevision
from jobs.writing import insert_new


def record_result(
    *,
    enrolment_id: int,
    assessment_id: int,
    source: AssessmentResult.Source,
    score: Decimal,
    max_score: Decimal,
    passed: bool,
    decided_at: datetime,
    at: datetime | None = None,
    by: Any = None,
    reason: str = "",
    known: Enrolment | None = None,
) -> AssessmentResult:
    """Make this the result that stands for its source, and evaluate completion.

    ``decided_at`` is when the test was taken or marked, ``at`` when that is entered (by default
    the same). The caller decides which of several attempts stands. A result that is replaced
    stays as a ResultRevision; recording the same again changes nothing. Who holds the enrolment
    from ``completion.locked`` already passes it as ``known``.
    """
    entered_at = at or decided_at
    values = {
        "score": score,
        "max_score": max_score,
        "passed": passed,
        "decided_at": decided_at,
    }
    with transaction.atomic(savepoint=False):
        enrolment = known or completion.locked(pk=enrolment_id)
        named = {"enrolment": enrolment, "assessment_id": assessment_id, "source": source}
        result = AssessmentResult(**named, **values, passed_at=decided_at if passed else None)
        if not insert_new(result):
            result = AssessmentResult.objects.get(**named)
        before = {name: getattr(result, name) for name in values}
        if before != values:
            ResultRevision.objects.create(
                result=result, at=entered_at, by=by, reason=reason, **before
            )
            passed_at = _passed_at(result, decided_at) if passed else None
            AssessmentResult.objects.filter(pk=result.pk).update(**values, passed_at=passed_at)
            result.refresh_from_db()
            signals.result_revised.send(
                AssessmentResult, result=result, before=before, at=entered_at
            )
        completion.evaluate(enrolment_id=enrolment_id, at=entered_at, known=enrolment)
    return result


def _passed_at(before: AssessmentResult, decided_at: datetime) -> datetime:
    """When a result that is replaced was passed."""
    # On paper nothing better takes its place: what was entered wrongly is corrected, with its day.
    if before.source == AssessmentResult.Source.PAPER or before.passed_at is None:
        return decided_at
    return min(decided_at, before.passed_at)
