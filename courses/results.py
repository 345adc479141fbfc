"""Recording the result of an assessment, whoever judged it."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from courses import completion, signals
from courses.models import AssessmentResult, Enrolment


def record_result(
    *,
    enrolment_id: int,
    assessment_id: int,
    source: AssessmentResult.Source,
    score: Decimal,
    max_score: Decimal,
    passed: bool,
    decided_at: datetime,
) -> AssessmentResult:
    """Make this the result that stands for its source, and evaluate completion.

    The caller decides which of several attempts stands. Recording the same again changes nothing.
    """
    values = {
        "score": score,
        "max_score": max_score,
        "passed": passed,
        "decided_at": decided_at,
    }
    with transaction.atomic():
        Enrolment.objects.select_for_update().get(pk=enrolment_id)
        result, created = AssessmentResult.objects.get_or_create(
            enrolment_id=enrolment_id,
            assessment_id=assessment_id,
            source=source,
            defaults=values,
        )
        before = {name: getattr(result, name) for name in values}
        if not created and before != values:
            AssessmentResult.objects.filter(pk=result.pk).update(**values)
            result.refresh_from_db()
            signals.result_revised.send(
                AssessmentResult, result=result, before=before, at=decided_at
            )
        completion.evaluate(enrolment_id=enrolment_id, at=decided_at)
    return result
