from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses import signals
from courses.completion import evaluate
from courses.enrolling import enrol
from courses.models import AssessmentResult, Course, Enrolment
from courses.results import record_result
from courses.withdrawing import withdraw
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.fixture
def told() -> Iterator[list[tuple[str, Enrolment, datetime]]]:
    """What the rooms above were told."""
    heard: list[tuple[str, Enrolment, datetime]] = []

    def participated(sender: Any, enrolment: Enrolment, at: datetime, **_kwargs: Any) -> None:
        heard.append(("participated", enrolment, at))

    def completed(sender: Any, enrolment: Enrolment, at: datetime, **_kwargs: Any) -> None:
        heard.append(("completed", enrolment, at))

    def taken_back(
        sender: Any, enrolment: Enrolment, event: str, noted_at: datetime, **_kwargs: Any
    ) -> None:
        heard.append((f"not {event}", enrolment, noted_at))

    receivers = {
        signals.participated: participated,
        signals.completed: completed,
        signals.taken_back: taken_back,
    }
    for signal, receiver in receivers.items():
        signal.connect(receiver)
    yield heard
    for signal, receiver in receivers.items():
        signal.disconnect(receiver)


def test_a_turn_is_not_a_completion(told: list[Any]) -> None:
    enrolment = factories.EnrolmentFactory()
    factories.watch_all(enrolment, at=minutes(1))
    enrolment.refresh_from_db()
    assert (enrolment.participated_at, enrolment.completed_at) == (minutes(1), None)
    factories.pass_all(enrolment, at=minutes(2))
    enrolment.refresh_from_db()
    assert (enrolment.participated_at, enrolment.completed_at) == (minutes(1), minutes(2))
    assert told == [
        ("participated", enrolment, minutes(1)),
        ("completed", enrolment, minutes(2)),
    ]


def test_the_order_of_the_evidence_does_not_matter() -> None:
    enrolment = factories.EnrolmentFactory()
    factories.pass_all(enrolment, at=minutes(1))
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None
    factories.watch_all(enrolment, at=minutes(2))
    enrolment.refresh_from_db()
    assert enrolment.completed_at == minutes(2)


def test_part_of_the_lessons_and_part_of_the_tests_are_not_enough() -> None:
    course = factories.CourseFactory(assessments=2)
    enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course), watched=True)
    factories.pass_on_paper(enrolment, assessment_id=factories.assessment_of(course).pk)
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None


def test_a_test_that_was_not_passed_completes_nothing() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    (assessment,) = enrolment.run.frozen_rules["assessments"]
    record_result(
        enrolment_id=enrolment.pk,
        assessment_id=assessment,
        source=AssessmentResult.Source.PAPER,
        score=Decimal(6),
        max_score=Decimal(10),
        passed=False,
        decided_at=NOW,
    )
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None


def test_two_sources_of_one_test_count_as_one_test() -> None:
    course = factories.CourseFactory(assessments=2)
    enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course), watched=True)
    for source in (AssessmentResult.Source.PAPER, AssessmentResult.Source.ONLINE):
        record_result(
            enrolment_id=enrolment.pk,
            assessment_id=factories.assessment_of(course).pk,
            source=source,
            score=Decimal(9),
            max_score=Decimal(10),
            passed=True,
            decided_at=NOW,
        )
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None


def test_who_completes_has_taken_part_whatever_the_participation_rule_says(
    told: list[Any],
) -> None:
    course: Course = factories.CourseFactory()
    course.participation_rule = {"lessons": 100}
    course.completion_rule = {"assessments": "required"}
    course.save()
    enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course))
    factories.pass_all(enrolment, at=minutes(1))
    enrolment.refresh_from_db()
    assert enrolment.participated_at == enrolment.completed_at == minutes(1)
    assert [event for event, _enrolment, _at in told] == ["participated", "completed"]


def test_completion_is_told_once_and_its_time_stays(told: list[Any]) -> None:
    enrolment = factories.EnrolmentFactory(completed=True)
    completed_at = enrolment.completed_at
    evaluate(enrolment_id=enrolment.pk, at=minutes(9))
    factories.watch_all(enrolment, at=minutes(10))
    for assessment_id in enrolment.run.frozen_rules["assessments"]:
        pass_again(enrolment, assessment_id, AssessmentResult.Source.ONLINE, at=minutes(11))
    enrolment.refresh_from_db()
    assert enrolment.completed_at == completed_at
    assert [event for event, _enrolment, _at in told] == ["participated", "completed"]


def pass_again(
    enrolment: Enrolment, assessment_id: int, source: AssessmentResult.Source, *, at: datetime
) -> AssessmentResult:
    return record_result(
        enrolment_id=enrolment.pk,
        assessment_id=assessment_id,
        source=source,
        score=Decimal(9),
        max_score=Decimal(10),
        passed=True,
        decided_at=at,
    )


@pytest.mark.parametrize(
    ("source", "passed_at"),
    [("online", 1), ("assignment", 1), ("paper", 5)],
)
def test_the_first_pass_counts_but_a_correction_on_paper_replaces_it(
    source: AssessmentResult.Source, passed_at: int
) -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    (assessment_id,) = enrolment.run.frozen_rules["assessments"]
    pass_again(enrolment, assessment_id, source, at=minutes(1))
    result = pass_again(enrolment, assessment_id, source, at=minutes(5))
    assert result.passed_at == minutes(passed_at)
    enrolment.refresh_from_db()
    assert enrolment.completed_at == minutes(passed_at)


@pytest.mark.django_db(transaction=True)
def test_a_room_above_that_fails_undoes_the_completion() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)

    def fail(sender: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the counts cannot be written")

    signals.completed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            factories.pass_all(enrolment)
    finally:
        signals.completed.disconnect(fail)
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None
    assert not enrolment.results.exists()


def test_recording_the_same_result_again_revises_nothing() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    revised: list[Any] = []

    def hear(sender: Any, **values: Any) -> None:
        revised.append(values)

    signals.result_revised.connect(hear)
    try:
        for _time in range(2):
            result = factories.pass_on_paper(
                enrolment, assessment_id=enrolment.run.frozen_rules["assessments"][0], at=NOW
            )
        assert revised == []
        record_result(
            enrolment_id=enrolment.pk,
            assessment_id=result.assessment_id,
            source=AssessmentResult.Source.PAPER,
            score=Decimal(9),
            max_score=Decimal(10),
            passed=True,
            decided_at=minutes(5),
        )
    finally:
        signals.result_revised.disconnect(hear)
    assert [(one["before"]["score"], one["result"].score) for one in revised] == [(8, 9)]
    assert AssessmentResult.objects.get().decided_at == minutes(5)


def test_the_database_knows_no_completion_without_participation() -> None:
    enrolment = factories.EnrolmentFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.filter(pk=enrolment.pk).update(completed_at=NOW)


@pytest.mark.django_db(transaction=True)
def test_evaluating_at_once_completes_once(told: list[Any]) -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    AssessmentResult.objects.create(
        enrolment=enrolment,
        assessment_id=enrolment.run.frozen_rules["assessments"][0],
        source=AssessmentResult.Source.PAPER,
        score=8,
        max_score=10,
        passed=True,
        decided_at=NOW,
        passed_at=NOW,
    )
    told.clear()
    answers = together([lambda: evaluate(enrolment_id=enrolment.pk, at=NOW)] * 6)
    assert [one.completed_at for one in answers] == [NOW] * 6  # type: ignore[union-attr]
    assert [event for event, _enrolment, _at in told] == ["completed"]


@pytest.mark.django_db(transaction=True)
def test_the_last_pieces_of_evidence_arriving_at_once_complete_once(told: list[Any]) -> None:
    course = factories.CourseFactory(assessments=3)
    enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course))

    def watched(page: Any) -> Any:
        return lambda: factories.watch(enrolment, page, at=NOW)

    def passed(assessment: Any) -> Any:
        return lambda: factories.pass_on_paper(enrolment, assessment_id=assessment, at=NOW)

    calls = [watched(page) for page in factories.lessons_of(course)]
    calls += [passed(one) for one in enrolment.run.frozen_rules["assessments"]]
    answers = together(calls)
    assert [one for one in answers if isinstance(one, Exception)] == []
    enrolment.refresh_from_db()
    assert enrolment.participated_at == enrolment.completed_at == NOW
    assert sorted(event for event, _enrolment, _at in told) == ["completed", "participated"]


def test_who_has_left_reaches_nothing_more_unless_by_coming_back() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    (assessment_id,) = enrolment.run.rules["assessments"]
    now = timezone.now()
    Enrolment.objects.filter(pk=enrolment.pk).update(participated_at=None)
    withdraw(enrolment_id=enrolment.pk, at=now)
    factories.pass_on_paper(enrolment, assessment_id=assessment_id)
    enrolment.refresh_from_db()
    assert (enrolment.participated_at, enrolment.completed_at) == (None, None)
    returned = enrol(person=enrolment.person, run_id=enrolment.run_id, at=now).enrolment
    enrolment.refresh_from_db()
    assert returned.completed_at == enrolment.completed_at is not None


def test_what_was_reached_before_leaving_can_still_be_lost() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    officer = factories.UserFactory(officer=True)
    now = timezone.now()
    withdraw(enrolment_id=enrolment.pk, at=now, by=officer, reason="Chuyển công tác")
    assert evaluate(enrolment_id=enrolment.pk, at=now).participated_at
    enrolment.progress.all().delete()
    assert evaluate(enrolment_id=enrolment.pk, at=now).participated_at is None
