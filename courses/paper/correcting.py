"""Correcting what was said once for a whole sheet of a paper test: its day, its highest mark."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from courses.models import AssessmentResult, CourseRun, Enrolment, ResultSheet
from courses.paper.entering import Entered, Mark, enter_marks


def correctable(sheet: ResultSheet) -> QuerySet[AssessmentResult]:
    """The marks that stand on a sheet, of those who are still learners, by given name."""
    return (
        sheet.results.filter(enrolment__in=Enrolment.objects.active())
        .select_related("enrolment__person")
        .order_by("enrolment__person__sort_name", "enrolment")
    )


def correct_sheet(
    *,
    sheet_id: int,
    taken_on: date,
    max_score: Decimal,
    reason: str,
    at: datetime,
    by: Any = None,
) -> Entered:
    """Enter the marks that stand on a sheet once more, on that day and out of that highest mark.

    Marks that were corrected meanwhile stand on another sheet and stay; so do those of learners
    who have left. Again changes nothing. Raises MarksRefused as entering does, and
    ResultSheet.DoesNotExist.
    """
    with transaction.atomic():
        sheet = ResultSheet.objects.get(pk=sheet_id)
        # The lock that entering marks takes too: what stands is not changed meanwhile.
        CourseRun.objects.select_for_update(of=("self",)).get(pk=sheet.run_id)
        return enter_marks(
            run_id=sheet.run_id,
            assessment_id=sheet.assessment_id,
            taken_on=taken_on,
            max_score=max_score,
            marks=[_again(result, max_score) for result in correctable(sheet)],
            at=at,
            by=by,
            reason=reason,
        )


def _again(result: AssessmentResult, max_score: Decimal) -> Mark:
    """Another day passes nobody and fails nobody; another highest mark does."""
    passed = result.passed if result.max_score == max_score else None
    return Mark(result.enrolment_id, result.score, seen=result.score, passed=passed)
