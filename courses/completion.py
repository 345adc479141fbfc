"""Participation and completion: evaluated whenever evidence changes, each set once."""

from datetime import datetime

from django.db import transaction

from courses import rules, signals
from courses.models import AssessmentResult, Enrolment, LessonProgress, RunLesson


def evidence(enrolment: Enrolment) -> rules.Evidence:
    """What is known of an enrolment, read from the rows. Three statements."""
    required = set(enrolment.run.rules["assessments"])
    passed = AssessmentResult.objects.filter(
        enrolment=enrolment, passed=True, assessment__in=required
    )
    return rules.Evidence(
        lessons=(
            LessonProgress.objects.filter(enrolment=enrolment, completed_at__isnull=False).count(),
            RunLesson.objects.filter(run=enrolment.run_id).count(),
        ),
        assessments=(passed.values("assessment").distinct().count(), len(required)),
    )


def evaluate(*, enrolment_id: int, at: datetime) -> Enrolment:
    """Set ``participated_at`` and ``completed_at`` where the run's frozen rules are now met.

    ``at`` is the time of the evidence that decides. The row is locked before the evidence is
    read, so that of two pieces of evidence arriving at once the later one sees both.
    """
    with transaction.atomic():
        enrolment = (
            Enrolment.objects.select_for_update(of=("self",))
            .select_related("run", "run__course", "person", "agency")
            .get(pk=enrolment_id)
        )
        if enrolment.completed_at:
            return enrolment
        known = evidence(enrolment)
        frozen = enrolment.run.rules
        completes = rules.met(frozen["completion"], known)
        # Who completes has taken part, whatever the participation rule says.
        if not enrolment.participated_at and (
            completes or rules.met(frozen["participation"], known)
        ):
            enrolment.participated_at = at
            enrolment.save(update_fields=["participated_at"])
            signals.participated.send(Enrolment, enrolment=enrolment, at=at)
        if completes:
            enrolment.completed_at = at
            enrolment.save(update_fields=["completed_at"])
            signals.completed.send(Enrolment, enrolment=enrolment, at=at)
    return enrolment
