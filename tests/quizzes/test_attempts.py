import threading
import time
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from courses.authoring import add_assessment
from courses.models import AssessmentResult, Enrolment, ResultRevision
from courses.running import close_run
from jobs import sweeps
from quizzes import attempts, correcting, grading, papers, saving
from quizzes.models import Attempt, Quiz
from quizzes.models.paper import PaperSlot
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
GRADE = grading.grade


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def quiz() -> Quiz:
    quiz: Quiz = factories.QuizFactory()
    return quiz


@pytest.fixture
def enrolment(quiz: Quiz) -> Enrolment:
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolment: Enrolment = factories.EnrolmentFactory(run=run)
    return enrolment


def start(quiz: Quiz, enrolment: Enrolment, at: datetime = NOW) -> Attempt:
    return attempts.start(quiz=quiz, enrolment=enrolment, at=at)


def give(attempt: Attempt, right: int, at: datetime = NOW) -> saving.Saved:
    """Answer so many questions rightly."""
    return factories.answer(attempt, dict.fromkeys(range(1, right + 1), True), at=at)


def test_an_attempt_begins_with_a_drawn_paper_and_a_deadline(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    attempt = start(quiz, enrolment)
    assert (attempt.number, attempt.started_at, attempt.deadline) == (1, NOW, later(45))
    assert (len(attempt.paper), attempt.max_score) == (4, 4)
    assert attempt.submitted_at is attempt.score is attempt.passed is None


def test_a_quiz_without_a_time_limit_has_no_deadline(quiz: Quiz, enrolment: Enrolment) -> None:
    quiz.minutes = None
    quiz.save()
    attempt = start(quiz, enrolment)
    assert attempt.deadline is None
    give(attempt, 4, at=later(60 * 24 * 30))
    assert attempts.finish_overdue(later(60 * 24 * 31)) == 0
    assert attempts.finish(attempt_id=attempt.pk, at=later(60 * 24 * 31)).passed


def test_starting_again_goes_back_to_the_open_attempt(quiz: Quiz, enrolment: Enrolment) -> None:
    first = start(quiz, enrolment)
    again = start(quiz, enrolment, later(44))
    assert (again, again.paper, again.deadline) == (first, first.paper, first.deadline)
    assert Attempt.objects.count() == 1


def test_the_paper_drawn_stays_when_the_questions_change(quiz: Quiz, enrolment: Enrolment) -> None:
    attempt = start(quiz, enrolment)
    factories.fill(quiz.bank, factories.statements(6).replace("{TRUE}", "{FALSE}"))
    give(attempt, 4)
    assert attempts.finish(attempt_id=attempt.pk, at=NOW).score == 4


def test_a_closed_run_starts_no_attempt_but_the_open_one_is_finished(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    attempt = start(quiz, enrolment)
    close_run(run_id=enrolment.run_id, at=NOW)
    assert start(quiz, enrolment, later(1)) == attempt
    give(attempt, 4)
    assert attempts.finish(attempt_id=attempt.pk, at=later(2)).passed
    other = factories.EnrolmentFactory(run=factories.RunFactory(course=quiz.assessment.course))
    close_run(run_id=other.run_id, at=NOW)
    with pytest.raises(attempts.AttemptRefused):
        start(quiz, other)


def test_a_quiz_that_was_added_after_the_run_opened_is_not_part_of_it(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    assessment = add_assessment(course=quiz.assessment.course, title="Kiểm tra thêm")
    added = factories.QuizFactory(assessment=assessment, bank=quiz.bank)
    with pytest.raises(attempts.NotOffered):
        start(added, enrolment)


def test_a_bank_that_is_too_small_refuses_with_the_reason(enrolment: Enrolment) -> None:
    course = enrolment.run.course
    Quiz.objects.filter(assessment__course=course).get().sections.update(count=99)
    with pytest.raises(attempts.AttemptRefused, match="99"):
        start(Quiz.objects.get(), enrolment)
    assert not Attempt.objects.exists()


def test_there_are_so_many_attempts_and_no_more(quiz: Quiz, enrolment: Enrolment) -> None:
    for number in (1, 2):
        attempt = start(quiz, enrolment)
        assert attempt.number == number
        attempts.finish(attempt_id=attempt.pk, at=NOW)
    with pytest.raises(attempts.AttemptRefused):
        start(quiz, enrolment)


def test_who_has_passed_does_not_sit_again(quiz: Quiz, enrolment: Enrolment) -> None:
    attempt = start(quiz, enrolment)
    give(attempt, 3)
    assert attempts.finish(attempt_id=attempt.pk, at=NOW).passed
    with pytest.raises(attempts.AttemptRefused):
        start(quiz, enrolment)


def test_of_two_attempts_the_better_one_stands(quiz: Quiz, enrolment: Enrolment) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(attempts_allowed=3)
    quiz.refresh_from_db()
    for right, standing in ((2, 2), (1, 2), (3, 3)):
        attempt = start(quiz, enrolment)
        give(attempt, right)
        attempts.finish(attempt_id=attempt.pk, at=later(right))
        result = AssessmentResult.objects.get()
        assert (result.score, result.max_score) == (standing, 4)
    assert (result.passed, result.decided_at) == (True, later(3))


def test_passing_completes_who_has_watched_everything(quiz: Quiz) -> None:
    attempt = factories.sitting(quiz=quiz, at=NOW)
    give(attempt, 4)
    attempts.finish(attempt_id=attempt.pk, at=later(1))
    attempt.enrolment.refresh_from_db()
    assert attempt.enrolment.completed_at == later(1)


def test_submitting_again_gives_the_same_answer(quiz: Quiz, enrolment: Enrolment) -> None:
    attempt = start(quiz, enrolment)
    give(attempt, 3)
    first = attempts.finish(attempt_id=attempt.pk, at=later(1))
    again = attempts.finish(attempt_id=attempt.pk, at=later(99))
    assert (again.submitted_at, again.score, again.marks) == (
        later(1),
        first.score,
        first.marks,
    )


def test_a_submission_after_the_deadline_counts_what_was_saved_in_time(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    attempt = start(quiz, enrolment)
    give(attempt, 3, at=later(44))
    assert give(attempt, 4, at=later(46)).late
    graded = attempts.finish(attempt_id=attempt.pk, at=later(60))
    assert (graded.submitted_at, graded.score, graded.passed) == (later(45), Decimal(3), True)


def test_the_sweep_grades_what_was_saved_when_the_grace_is_over(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    attempt = start(quiz, enrolment)
    give(attempt, 3, at=later(30))
    at_grace = later(45) + attempts.GRACE
    assert attempts.finish_overdue(at_grace) == 0
    assert attempts.finish_overdue(at_grace + timedelta(milliseconds=1)) == 1
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.score, attempt.passed) == (later(45), 3, True)
    assert AssessmentResult.objects.get().decided_at == later(45)
    assert attempts.finish_overdue(later(99)) == 0


def test_an_attempt_that_cannot_be_graded_does_not_stop_the_others(quiz: Quiz) -> None:
    broken, good = (factories.sitting(quiz=quiz, at=NOW) for _time in range(2))
    Attempt.objects.filter(pk=broken.pk).update(paper=[PaperSlot(version=0, marks=1)])
    assert attempts.finish_overdue(later(60)) == 1
    assert list(Attempt.objects.filter(submitted_at__isnull=True)) == [broken]
    good.refresh_from_db()
    assert good.submitted_at == later(45)


def test_the_sweep_is_registered_under_its_name(quiz: Quiz, enrolment: Enrolment) -> None:
    start(quiz, enrolment, NOW - timedelta(days=1))
    assert sweeps.run_all(at=NOW)["quizzes.overdue_attempts"] == 1


def test_a_result_that_the_sweep_replaces_is_entered_when_the_sweep_came(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(grade_method=Quiz.GradeMethod.LAST)
    quiz.refresh_from_db()
    attempts.finish(attempt_id=start(quiz, enrolment).pk, at=later(1))
    start(quiz, enrolment, later(2))
    assert attempts.finish_overdue(later(60)) == 1
    assert AssessmentResult.objects.get().decided_at == later(47)
    assert ResultRevision.objects.get().at == later(60)


def test_an_attempt_is_graded_by_the_keys_of_the_questions_drawn_whatever_bank_the_quiz_has_now(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    attempt = start(quiz, enrolment)
    officer = factories.UserFactory(officer=True)
    correcting.void(version_id=attempt.paper[0].version, reason="Sai", by=officer, at=NOW)
    Quiz.objects.filter(pk=quiz.pk).update(bank=factories.BankFactory())
    graded = attempts.finish(attempt_id=attempt.pk, at=NOW)
    assert graded.score == 1
    assert [one.voided for one in papers.review(graded)] == [True, False, False, False]


def test_starting_again_after_the_time_is_over_finishes_the_first_attempt(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    first = start(quiz, enrolment)
    give(first, 2)
    second = start(quiz, enrolment, later(46))
    first.refresh_from_db()
    assert (first.submitted_at, first.score) == (later(45), 2)
    assert (second.number, second.started_at) == (2, later(46))


def test_starting_again_after_the_time_is_over_does_not_follow_a_pass(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    first = start(quiz, enrolment)
    give(first, 4)
    with pytest.raises(attempts.AttemptRefused):
        start(quiz, enrolment, later(46))
    first.refresh_from_db()
    assert first.passed
    assert Attempt.objects.count() == 1


def test_the_same_dice_draw_the_same_paper(quiz: Quiz) -> None:
    run = factories.RunFactory(course=quiz.assessment.course)
    papers = [
        attempts.start(
            quiz=quiz, enrolment=factories.EnrolmentFactory(run=run), at=NOW, rng=Random(7)
        ).paper
        for _time in range(2)
    ]
    assert papers[0] == papers[1]


def test_the_database_knows_one_open_attempt_and_no_half_graded_one(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    attempt = start(quiz, enrolment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(
            enrolment=enrolment, quiz=quiz, number=2, started_at=NOW, paper=[], max_score=0
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(
            submitted_at=NOW, marks=[], score=5, passed=True
        )


# --- At the same moment ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_start_give_one_attempt(quiz: Quiz, enrolment: Enrolment) -> None:
    answers = together([lambda: start(quiz, enrolment)] * 6)
    kept = Attempt.objects.get()
    assert answers == [kept] * 6
    assert [one.paper for one in answers] == [kept.paper] * 6  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_simultaneous_submissions_are_graded_once_with_the_same_answer(quiz: Quiz) -> None:
    attempt = factories.sitting(quiz=quiz, at=NOW)
    give(attempt, 3)

    def submit(minute: int) -> Any:
        return lambda: attempts.finish(attempt_id=attempt.pk, at=later(minute))

    answers: list[Any] = together([submit(minute) for minute in range(1, 7)])
    attempt.refresh_from_db()
    expected = (attempt.submitted_at, attempt.score, attempt.marks, True)
    assert [(one.submitted_at, one.score, one.marks, one.passed) for one in answers] == [
        expected
    ] * 6
    assert AssessmentResult.objects.get().decided_at == attempt.submitted_at
    attempt.enrolment.refresh_from_db()
    assert attempt.enrolment.completed_at == attempt.submitted_at


@pytest.mark.django_db(transaction=True)
def test_a_save_during_the_submission_counts_or_is_refused(quiz: Quiz) -> None:
    attempt = factories.sitting(quiz=quiz, at=NOW)
    give(attempt, 2)

    def save(slot: int) -> Any:
        return lambda: factories.answer(attempt, {slot: True}, at=NOW)

    saved_3, saved_4, graded = together(
        [save(3), save(4), lambda: attempts.finish(attempt_id=attempt.pk, at=NOW)]
    )
    refused = [bool(one.late) for one in (saved_3, saved_4)]
    assert graded.score == 4 - sum(refused)


@pytest.mark.django_db(transaction=True)
def test_a_save_that_comes_while_the_attempt_is_graded_is_late(
    quiz: Quiz, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = factories.sitting(quiz=quiz, at=NOW)
    give(attempt, 2)
    begun = threading.Event()

    def grade_slowly(**given: Any) -> grading.Grade:
        begun.set()
        time.sleep(0.3)
        return GRADE(**given)

    def save() -> saving.Saved:
        assert begun.wait(timeout=10)
        return factories.answer(attempt, {3: True}, at=NOW)

    monkeypatch.setattr(grading, "grade", grade_slowly)
    graded, saved = together([lambda: attempts.finish(attempt_id=attempt.pk, at=NOW), save])
    assert saved.late == [3]
    assert isinstance(graded, Attempt)
    assert graded.score == 2


@pytest.mark.django_db(transaction=True)
def test_the_sweep_and_a_submission_at_once_grade_once(quiz: Quiz) -> None:
    attempt = factories.sitting(quiz=quiz, at=NOW)
    give(attempt, 3)
    answers = together(
        [
            lambda: attempts.finish(attempt_id=attempt.pk, at=later(60)),
            lambda: attempts.finish_overdue(later(60)),
            lambda: attempts.finish_overdue(later(61)),
        ]
    )
    assert [one for one in answers if isinstance(one, Exception)] == []
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.score) == (later(45), 3)
    assert AssessmentResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_starting_anew_and_the_sweep_at_once_do_not_wait_for_each_other(
    quiz: Quiz, enrolment: Enrolment
) -> None:
    first = start(quiz, enrolment)
    answers = together(
        [
            lambda: start(quiz, enrolment, later(60)),
            lambda: attempts.finish_overdue(later(60)),
            lambda: attempts.finish(attempt_id=first.pk, at=later(60)),
        ]
    )
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert [one.number for one in Attempt.objects.order_by("number")] == [1, 2]
