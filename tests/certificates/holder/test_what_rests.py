"""What a certificate rests on is not taken away from under it: a person decides."""

from datetime import datetime, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.utils import timezone

from certificates.models import Certificate, IssuingRule
from courses import asking
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


def let_stand(conflict: EvidenceConflict) -> None:
    resolve(
        conflict_id=conflict.pk,
        decision="Giữ nguyên theo biên bản",
        by=factories.UserFactory(officer=True),
        at=NOW,
    )


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
    let_stand(EvidenceConflict.objects.get())
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


def test_a_new_loss_after_a_decided_one_was_made_good_is_asked_anew() -> None:
    enrolment = completed(certified=True)
    mark(enrolment, 2, at=NOW)
    let_stand(EvidenceConflict.objects.get())
    mark(enrolment, 8, at=NOW + timedelta(hours=1))
    assert EvidenceConflict.objects.get().resolution == "Giữ nguyên theo biên bản"
    for hour, score in enumerate((1, 3), start=2):
        mark(enrolment, score, at=NOW + timedelta(hours=hour))
    decided, asked = EvidenceConflict.objects.order_by("found_at")
    assert decided.resolved_at == NOW
    assert (asked.found_at, asked.resolved_at) == (NOW + timedelta(hours=2), None)
    assert Enrolment.objects.get(pk=enrolment.pk).completed_at
    let_stand(asked)
    mark(enrolment, 2, at=NOW + timedelta(hours=4))
    assert EvidenceConflict.objects.count() == 2


def test_what_was_taken_back_and_reached_again_is_in_doubt_anew() -> None:
    enrolment = completed(certified=True)
    mark(enrolment, 2, at=NOW)
    with mock.patch.object(asking, "consequences", return_value=[]):
        let_stand(EvidenceConflict.objects.get())
    assert not Enrolment.objects.get(pk=enrolment.pk).completed_at
    for hour, score in enumerate((8, 2), start=1):
        mark(enrolment, score, at=NOW + timedelta(hours=hour))
    assert EvidenceConflict.objects.filter(resolved_at=None).count() == 1


def test_what_was_let_stand_and_taken_back_later_is_in_doubt_anew() -> None:
    enrolment = completed(certified=True)
    mark(enrolment, 2, at=NOW)
    let_stand(EvidenceConflict.objects.get())
    with mock.patch.object(asking, "consequences", return_value=[]):
        mark(enrolment, 3, at=NOW + timedelta(hours=1))
    assert not Enrolment.objects.get(pk=enrolment.pk).completed_at
    for hour, score in enumerate((8, 2), start=2):
        mark(enrolment, score, at=NOW + timedelta(hours=hour))
    assert EvidenceConflict.objects.filter(resolved_at=None).count() == 1
