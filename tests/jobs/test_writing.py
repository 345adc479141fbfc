"""Rows are written once, and as the ORM writes them."""

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from courses.models import AssessmentResult, Enrolment
from jobs.writing import insert_new, update
from tests import factories

pytestmark = pytest.mark.django_db


def result(enrolment: Enrolment, **changed: object) -> AssessmentResult:
    now = timezone.now()
    values = {"score": 7, "max_score": 10, "passed": True, "decided_at": now, "passed_at": now}
    return AssessmentResult(
        enrolment=enrolment,
        assessment=factories.assessment_of(enrolment.run.course),
        source=AssessmentResult.Source.ONLINE,
        **values | changed,
    )


def test_a_new_row_gets_its_key_and_can_be_changed() -> None:
    row = result(factories.EnrolmentFactory())
    assert insert_new(row)
    row.score = 8
    row.save()
    (kept,) = AssessmentResult.objects.all()
    assert (kept.pk, kept.score, kept.decided_at) == (row.pk, 8, row.decided_at)


def test_a_row_that_is_there_stays_as_it_is() -> None:
    first = result(factories.EnrolmentFactory())
    insert_new(first)
    again = result(first.enrolment, score=3)
    again.assessment = first.assessment
    assert not insert_new(again)
    assert again.pk is None
    assert AssessmentResult.objects.get().score == 7


def test_only_the_fields_named_are_written() -> None:
    row = result(factories.EnrolmentFactory())
    insert_new(row)
    row.score, row.max_score, row.passed, row.passed_at = 9, 99, False, None
    update(row, "score", "passed", "passed_at")
    kept = AssessmentResult.objects.get()
    assert (kept.score, kept.max_score, kept.passed, kept.passed_at) == (9, 10, False, None)


def test_a_row_that_is_not_there_cannot_be_updated() -> None:
    row = result(factories.EnrolmentFactory())
    insert_new(row)
    AssessmentResult.objects.all().delete()
    with pytest.raises(DatabaseError, match=f"AssessmentResult {row.pk}"):
        update(row, "score")


def test_what_breaks_another_rule_is_still_refused() -> None:
    with pytest.raises(IntegrityError):
        insert_new(result(factories.EnrolmentFactory(), score=11))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_new() -> None:
    row = result(factories.EnrolmentFactory())
    new: list[bool] = []

    def insert() -> None:
        mine = AssessmentResult(
            enrolment=row.enrolment,
            assessment=row.assessment,
            source=row.source,
            score=7,
            max_score=10,
            passed=False,
            decided_at=row.decided_at,
        )
        new.append(insert_new(mine))
        connection.close()

    threads = [threading.Thread(target=insert) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 5 + [True]
    assert AssessmentResult.objects.count() == 1
