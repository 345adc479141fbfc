"""What a certificate rests on is not taken away from under it: a person decides."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from certificates.models import Certificate, IssuingRule
from courses.conflicts import resolve
from courses.models import AssessmentResult, Enrolment, EvidenceConflict
from courses.results import record_result
from reports import counting
from reports.models import Fact
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def mark(enrolment: Enrolment, score: int, *, at: datetime) -> None:
    (assessment_id,) = enrolment.run.rules["assessments"]
    record_result(
        enrolment_id=enrolment.pk,
        assessment_id=assessment_id,
        source=AssessmentResult.Source.PAPER,
        score=Decimal(score),
        max_score=Decimal(10),
        passed=score >= 7,
        decided_at=NOW - timedelta(days=1),
        at=at,
        reason="Cộng nhầm điểm",
    )


def completed(*, certified: bool) -> Enrolment:
    rule: IssuingRule = factories.IssuingRuleFactory()
    course = rule.course if certified else factories.CourseFactory()
    enrolment: Enrolment = factories.EnrolmentFactory(
        run=factories.RunFactory(course=course), watched=True
    )
    mark(enrolment, 8, at=NOW)
    enrolment.refresh_from_db()
    assert enrolment.completed_at
    return enrolment


def test_without_a_certificate_a_corrected_mark_takes_the_completion_back() -> None:
    enrolment = completed(certified=False)
    mark(enrolment, 5, at=NOW)
    enrolment.refresh_from_db()
    assert (enrolment.completed_at, bool(enrolment.participated_at)) == (None, True)
    standing = Fact.objects.standing().filter(enrolment=enrolment)
    assert [fact.measure for fact in standing] == [Fact.Measure.TURN]
    assert not EvidenceConflict.objects.exists()


def test_with_a_certificate_it_stands_and_an_officer_has_to_decide() -> None:
    enrolment = completed(certified=True)
    before = Certificate.objects.values().get(enrolment=enrolment)
    mark(enrolment, 5, at=NOW)
    enrolment.refresh_from_db()
    assert enrolment.completed_at
    assert Certificate.objects.values().get(enrolment=enrolment) == before
    conflict = EvidenceConflict.objects.get()
    assert (conflict.enrolment, conflict.event) == (enrolment, EvidenceConflict.Event.COMPLETED)
    assert conflict.resting
    assert counting.totals(Fact.objects.all()).turns == 1


def test_the_conflict_is_over_when_the_evidence_supports_it_again() -> None:
    enrolment = completed(certified=True)
    mark(enrolment, 5, at=NOW)
    mark(enrolment, 9, at=NOW + timedelta(hours=1))
    conflict = EvidenceConflict.objects.get()
    assert conflict.resolved_at == NOW + timedelta(hours=1)
    assert conflict.resolution


def test_a_second_doubt_about_the_same_is_the_same_task() -> None:
    enrolment = completed(certified=True)
    for score in (5, 4, 3):
        mark(enrolment, score, at=NOW)
    assert EvidenceConflict.objects.count() == 1


def test_what_an_officer_has_let_stand_is_not_asked_again() -> None:
    enrolment = completed(certified=True)
    mark(enrolment, 5, at=NOW)
    resolve(
        conflict_id=EvidenceConflict.objects.get().pk,
        decision="Giữ nguyên theo biên bản",
        by=factories.UserFactory(officer=True),
        at=NOW,
    )
    mark(enrolment, 4, at=NOW)
    assert EvidenceConflict.objects.count() == 1
    assert Enrolment.objects.get(pk=enrolment.pk).completed_at


def test_a_doubt_that_was_gone_is_a_new_one_when_it_comes_back() -> None:
    enrolment = completed(certified=True)
    for hour, score in enumerate((5, 9, 3)):
        mark(enrolment, score, at=NOW + timedelta(hours=hour))
    assert [one.resolved_at is None for one in EvidenceConflict.objects.order_by("found_at")] == [
        False,
        True,
    ]
