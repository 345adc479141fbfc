"""What the drill finds when a promise is broken: a drill that finds nothing must mean something."""

from datetime import timedelta

import pytest

from drill import checking
from drill.checking import Findings
from drill.journal import Journal, Sent
from quizzes import attempts
from quizzes.models import Answer, Attempt
from tests import factories

pytestmark = pytest.mark.django_db
RIGHT, WRONG = 1, 2


def sat() -> tuple[Attempt, Journal]:
    """A finished attempt, all answers right, and the receipts of the device."""
    attempt = factories.sitting()
    factories.answer_all(attempt)
    attempt = attempts.finish(attempt_id=attempt.pk, at=attempt.started_at + timedelta(minutes=5))
    journal = Journal()
    sheet = journal.sheet(attempt.enrolment_id)
    for slot in range(1, len(attempt.paper) + 1):
        sheet.slot(slot).send(Sent(1, RIGHT))
        sheet.slot(slot).acknowledge(1)
    return attempt, journal


def found(attempt: Attempt, journal: Journal) -> Findings:
    return checking.look(journal, attempt.quiz)


def test_a_day_without_faults_shows_none() -> None:
    attempt, journal = sat()
    seen = found(attempt, journal)
    assert (seen.people, seen.acknowledged, seen.passed) == (1, 4, 1)
    assert (seen.lost, seen.doubled, seen.unfinished, seen.misgraded) == (0, 0, 0, 0)


def test_an_acknowledged_answer_that_is_not_held_is_lost() -> None:
    attempt, journal = sat()
    Answer.objects.filter(attempt=attempt, slot=2).delete()
    assert found(attempt, journal).lost == 1


def test_an_acknowledged_answer_that_is_held_otherwise_is_lost() -> None:
    attempt, journal = sat()
    Answer.objects.filter(attempt=attempt, slot=2).update(response=WRONG)
    assert found(attempt, journal).lost == 1


def test_an_older_answer_than_the_acknowledged_one_is_lost() -> None:
    attempt, journal = sat()
    slot = journal.sheets[0].slot(3)
    slot.send(Sent(2, RIGHT))
    slot.acknowledge(2)
    assert found(attempt, journal).lost == 1


def test_an_answer_whose_receipt_never_arrived_is_no_loss_and_is_graded() -> None:
    attempt, journal = sat()
    slot = journal.sheets[0].slot(3)
    slot.send(Sent(2, WRONG))
    Answer.objects.filter(attempt=attempt, slot=3).update(response=WRONG, seq=2)
    seen = found(attempt, journal)
    assert (seen.lost, seen.unacknowledged) == (0, 1)
    assert seen.misgraded == 1  # it was graded before it was changed here


def test_a_wrong_grade_is_found() -> None:
    attempt, journal = sat()
    Attempt.objects.filter(pk=attempt.pk).update(score=3)
    assert found(attempt, journal).misgraded == 1


def test_a_second_attempt_and_an_ungraded_one_are_found() -> None:
    attempt, journal = sat()
    Attempt.objects.create(
        enrolment=attempt.enrolment,
        quiz=attempt.quiz,
        number=2,
        started_at=attempt.started_at,
        paper=attempt.paper,
        max_score=attempt.max_score,
    )
    seen = found(attempt, journal)
    assert (seen.doubled, seen.unfinished) == (1, 1)


def test_who_has_no_attempt_at_all_has_lost_everything() -> None:
    attempt, journal = sat()
    Answer.objects.filter(attempt=attempt).delete()
    journal.sheets[0].enrolment = 0
    assert found(attempt, journal).lost == 4


def test_an_answer_that_nobody_sent_is_found() -> None:
    attempt, journal = sat()
    journal.sheets[0].slots.pop(2)
    assert found(attempt, journal).lost == 1


def test_a_pass_without_a_certificate_is_found_though_one_who_has_not_passed_has_one() -> None:
    attempt, journal = sat()
    other = factories.pending_certificate().enrolment
    assert other is not None
    Attempt.objects.create(
        enrolment=other,
        quiz=attempt.quiz,
        number=1,
        started_at=attempt.started_at,
        paper=attempt.paper,
        max_score=attempt.max_score,
    )
    journal.sheet(other.pk)
    assert found(attempt, journal).without_certificate == 1
