"""Steps of a test that come at the same moment, each from a thread with a connection of its own."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from courses.models import AssessmentResult, Enrolment, ResultRevision
from people.models import User
from quizzes import (
    accommodating,
    attempts,
    correcting,
    marking_queue,
    publishing,
    restoring,
    saving,
)
from quizzes.kinds import truefalse
from quizzes.models import Attempt, GradeRevision, Quiz
from reports.models import Fact
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
# So long the one waits that must find the other in its way.
A_MOMENT = 0.3


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


@pytest.fixture
def attempt() -> Attempt:
    """Just begun, everything else done: passing completes the course."""
    return factories.sitting(at=NOW)


def now_of(attempt: Attempt) -> Attempt:
    return Attempt.objects.get(pk=attempt.pk)


def save(attempt: Attempt, slot: int, seq: int, response: bool, at: datetime = NOW) -> saving.Saved:
    return factories.answer(attempt, {slot: response}, seq=seq, at=at)


def nothing_failed(answers: list[Any]) -> bool:
    failures = [one for one in answers if isinstance(one, Exception)]
    assert failures == []
    return True


def in_the_middle_of(
    begun: Callable[[], object], follower: Callable[[], object]
) -> tuple[Any, Any]:
    """Have ``follower`` come while ``begun`` has done its work and not yet committed it."""
    done = threading.Event()

    def first() -> object:
        with transaction.atomic():
            answer = begun()
            done.set()
            time.sleep(A_MOMENT)
        return answer

    def second() -> object:
        assert done.wait(timeout=10)
        return follower()

    answers = together([first, second])
    assert nothing_failed(answers)
    return answers[0], answers[1]


def give_more_time(attempt: Attempt, by: User, *, at: datetime = NOW, minutes: int = 10) -> Any:
    return accommodating.give(
        quiz_id=attempt.quiz_id,
        person=attempt.enrolment.person,
        extra_minutes=minutes,
        reason="Mất điện",
        by=by,
        at=at,
    )


# --- Saving and submitting ------------------------------------------------------------------------


def test_what_is_acknowledged_while_others_submit_is_graded_and_all_else_is_late(
    attempt: Attempt,
) -> None:
    """Two devices answer all questions over and over while a third one submits."""
    dice = Random(9001)

    def device(first_seq: int) -> Callable[[], list[tuple[int, int, bool, bool]]]:
        plan = [
            (dice.randint(1, 4), first_seq + 2 * step, dice.random() < 0.5) for step in range(24)
        ]

        def answer() -> list[tuple[int, int, bool, bool]]:
            return [
                (slot, seq, response, not save(attempt, slot, seq, response).late)
                for slot, seq, response in plan
            ]

        return answer

    def submit() -> Attempt:
        time.sleep(0.05)
        return attempts.finish(attempt_id=attempt.pk, at=later(1))

    answers = together([device(1), device(2), submit])
    assert nothing_failed(answers)
    *devices, graded = answers
    receipts = [one for device_told in devices for one in device_told]  # type: ignore[union-attr]
    newest: dict[int, tuple[int, bool]] = {}
    for slot, seq, response, acknowledged in receipts:
        if acknowledged and (slot not in newest or seq > newest[slot][0]):
            newest[slot] = (seq, response)
    held = attempt.answers.values_list("slot", "seq", "response")
    assert {slot: (seq, response == truefalse.TRUE) for slot, seq, response in held} == newest
    rights = [str(Fraction(slot in newest and newest[slot][1])) for slot in range(1, 5)]
    assert isinstance(graded, Attempt)
    assert (graded.marks, now_of(attempt).marks) == (rights, rights)
    late = set(attempt.late_answers.values_list("slot", "seq"))
    assert late == {(slot, seq) for slot, seq, _response, kept in receipts if not kept}


def test_a_save_that_comes_during_the_grading_waits_and_is_late(attempt: Attempt) -> None:
    save(attempt, 1, 1, True)
    graded, saved = in_the_middle_of(
        lambda: attempts.finish(attempt_id=attempt.pk, at=later(1)),
        lambda: save(attempt, 2, 1, True),
    )
    assert (graded.score, saved.late) == (1, [2])


def test_a_submission_waits_for_a_save_that_is_under_way_and_grades_it(attempt: Attempt) -> None:
    saved, graded = in_the_middle_of(
        lambda: save(attempt, 1, 1, True),
        lambda: attempts.finish(attempt_id=attempt.pk, at=later(1)),
    )
    assert ([one.slot for one in saved.receipts], graded.score) == ([1], 1)


def test_many_submissions_are_one_grading_one_result_and_one_completion(attempt: Attempt) -> None:
    factories.answer_all(attempt)

    def submit(minute: int) -> Callable[[], Attempt]:
        return lambda: attempts.finish(
            attempt_id=attempt.pk,
            at=later(minute),
            person_id=attempt.enrolment.person_id,
        )

    before = Fact.objects.count()
    answers = together([submit(minute) for minute in range(1, 9)])
    assert nothing_failed(answers)
    kept = now_of(attempt)
    told = {(one.submitted_at, one.score, tuple(one.marks)) for one in answers}  # type: ignore[union-attr]
    assert told == {(kept.submitted_at, kept.score, tuple(kept.marks))}
    result = AssessmentResult.objects.get()
    assert (result.score, result.passed, result.decided_at) == (4, True, kept.submitted_at)
    assert not ResultRevision.objects.exists()
    assert not GradeRevision.objects.exists()
    enrolment = Enrolment.objects.get(pk=attempt.enrolment_id)
    assert enrolment.completed_at == kept.submitted_at
    assert Fact.objects.count() == before + 1


def test_the_sweep_and_a_late_submission_grade_once_with_the_same_answer(attempt: Attempt) -> None:
    save(attempt, 1, 1, True, at=later(44))
    answers = together(
        [
            lambda: attempts.finish_overdue(later(46)),
            lambda: attempts.finish(attempt_id=attempt.pk, at=later(46)).score,
            lambda: attempts.finish_overdue(later(47)),
            lambda: save(attempt, 1, 2, False, at=later(46)).late,
        ]
    )
    assert nothing_failed(answers)
    assert (answers[1], answers[3]) == (1, [1])
    kept = now_of(attempt)
    assert (kept.submitted_at, kept.score) == (later(45), 1)
    assert AssessmentResult.objects.count() == 1
    assert not GradeRevision.objects.exists()


# --- Starting -------------------------------------------------------------------------------------


def test_starts_at_once_are_one_attempt_with_one_paper() -> None:
    quiz = factories.QuizFactory()
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolment = factories.EnrolmentFactory(run=run)
    answers = together(
        [lambda: attempts.start(quiz=quiz, enrolment=enrolment, at=timezone.now())] * 8
    )
    assert nothing_failed(answers)
    kept = Attempt.objects.get()
    assert {(one.pk, one.paper, one.deadline) for one in answers} == {  # type: ignore[union-attr]
        (kept.pk, kept.paper, kept.deadline)
    }


def test_a_start_that_comes_during_a_change_of_the_quiz_takes_it_as_it_is_afterwards() -> None:
    quiz = factories.QuizFactory()
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolment = factories.EnrolmentFactory(run=run)

    def change() -> None:
        with publishing.changing(quiz.pk):
            Quiz.objects.filter(pk=quiz.pk).update(minutes=20)
            quiz.sections.update(count=2)

    _changed, attempt = in_the_middle_of(
        change, lambda: attempts.start(quiz=quiz, enrolment=enrolment, at=NOW)
    )
    assert (attempt.deadline, len(attempt.paper)) == (later(20), 2)


def test_starts_of_several_people_do_not_wait_for_each_other() -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("one writer at a time")
    quiz = factories.QuizFactory()
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolments = [factories.EnrolmentFactory(run=run) for _number in range(2)]
    begun = threading.Barrier(2, timeout=10)

    def start(enrolment: Enrolment) -> Callable[[], Any]:
        def both_before_either_commits() -> Any:
            with transaction.atomic():
                attempts.start(quiz=quiz, enrolment=enrolment, at=NOW)
                return begun.wait()

        return both_before_either_commits

    assert nothing_failed(together([start(one) for one in enrolments]))


def test_after_the_last_attempt_starts_at_once_are_all_refused(attempt: Attempt) -> None:
    Quiz.objects.filter(pk=attempt.quiz_id).update(attempts_allowed=2)
    attempts.finish(attempt_id=attempt.pk, at=later(1))
    quiz = Quiz.objects.get(pk=attempt.quiz_id)

    def sit() -> int:
        again = attempts.start(quiz=quiz, enrolment=attempt.enrolment, at=later(2))
        return attempts.finish(attempt_id=again.pk, at=later(3)).number

    answers = together([sit] * 6)
    refused = [one for one in answers if isinstance(one, attempts.AttemptRefused)]
    assert [one for one in answers if one not in refused] == [2] * (6 - len(refused))
    assert Attempt.objects.count() == 2


# --- More time ------------------------------------------------------------------------------------


def test_more_time_given_while_an_attempt_starts_reaches_it(officer: User) -> None:
    quiz = factories.QuizFactory()
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolments = [factories.EnrolmentFactory(run=run) for _number in range(5)]

    def start(enrolment: Enrolment) -> Callable[[], Any]:
        return lambda: attempts.start(quiz=quiz, enrolment=enrolment, at=NOW)

    def give() -> Any:
        return accommodating.give(
            quiz_id=quiz.pk, run=run, extra_minutes=10, reason="Mất điện", by=officer, at=NOW
        )

    answers = together([*(start(one) for one in enrolments), give])
    assert nothing_failed(answers)
    assert set(Attempt.objects.values_list("deadline", flat=True)) == {later(55)}


def test_an_attempt_begun_and_not_yet_committed_gets_the_time_too(officer: User) -> None:
    quiz = factories.QuizFactory()
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolment = factories.EnrolmentFactory(run=run)
    in_the_middle_of(
        lambda: attempts.start(quiz=quiz, enrolment=enrolment, at=NOW),
        lambda: accommodating.give(
            quiz_id=quiz.pk, run=run, extra_minutes=10, reason="Mất điện", by=officer, at=NOW
        ),
    )
    assert Attempt.objects.get().deadline == later(55)


def test_the_sweep_does_not_end_an_attempt_that_is_just_being_given_more_time(
    attempt: Attempt, officer: User
) -> None:
    _given, swept = in_the_middle_of(
        lambda: give_more_time(attempt, officer, at=later(46)),
        lambda: attempts.finish_overdue(later(46)),
    )
    assert swept == 0
    assert (now_of(attempt).submitted_at, now_of(attempt).deadline) == (None, later(55))
    assert not save(attempt, 1, 1, True, at=later(54)).late


def test_starting_again_goes_back_to_an_attempt_that_is_just_being_given_more_time(
    attempt: Attempt, officer: User
) -> None:
    _given, started = in_the_middle_of(
        lambda: give_more_time(attempt, officer, at=later(46)),
        lambda: attempts.start(quiz=attempt.quiz, enrolment=attempt.enrolment, at=later(46)),
    )
    assert (started, started.submitted_at) == (attempt, None)


def test_restoring_does_not_end_an_attempt_that_is_just_being_given_more_time(
    attempt: Attempt, officer: User
) -> None:
    save(attempt, 1, 1, True, at=later(46))

    def restore() -> str:
        with pytest.raises(restoring.RestoringRefused) as refused:
            restoring.restore(attempt_id=attempt.pk, by=officer, reason="Mất điện", at=later(46))
        return str(refused.value)

    in_the_middle_of(lambda: give_more_time(attempt, officer, at=later(46)), restore)
    assert now_of(attempt).submitted_at is None
    # What came late by the old deadline counts by the new one.
    assert attempt.answers.count() == 1


def test_a_late_answer_that_comes_while_time_is_given_is_not_lost(
    attempt: Attempt, officer: User
) -> None:
    answers = together(
        [
            lambda: give_more_time(attempt, officer, at=later(46)),
            *[
                lambda slot=slot: save(attempt, slot, slot, True, at=later(46))  # type: ignore[misc]
                for slot in range(1, 5)
            ],
        ]
    )
    assert nothing_failed(answers)
    # Those that were stored after the move are late by no deadline; those before were taken over.
    assert sorted(attempt.answers.values_list("slot", flat=True)) == [1, 2, 3, 4]


# --- Grading anew ---------------------------------------------------------------------------------


def test_restorings_at_once_count_the_late_answers_once(attempt: Attempt, officer: User) -> None:
    attempts.finish(attempt_id=attempt.pk, at=later(1))
    for slot in (1, 2):
        save(attempt, slot, 1, True, at=later(2))

    def restore() -> list[int]:
        return restoring.restore(attempt_id=attempt.pk, by=officer, reason="Mất điện", at=later(3))

    answers = together([restore] * 4)
    assert nothing_failed(answers)
    assert sorted(answers, key=str) == [[1, 2], [], [], []]
    assert (now_of(attempt).score, GradeRevision.objects.count()) == (2, 1)


def test_two_corrections_at_once_of_the_same_key_are_one(attempt: Attempt, officer: User) -> None:
    version = attempt.paper[0].version
    answers = together(
        [
            lambda: correcting.correct(
                version_id=version,
                body=truefalse.state(False),
                reason="Sai",
                by=officer,
                at=NOW,
            )
        ]
        * 4
    )
    refused = [one for one in answers if isinstance(one, correcting.CorrectionRefused)]
    assert len(refused) == 3
    factories.answer_all(attempt)
    assert attempts.finish(attempt_id=attempt.pk, at=later(1)).score == 3


def test_an_answer_is_marked_by_who_holds_it_when_both_reach_for_it() -> None:
    trainers = [factories.UserFactory(trainer=True) for _number in range(2)]
    quiz = factories.quiz_with_long_answer(course=factories.CourseFactory(trainers=trainers))
    factories.written(quiz)
    slow, quick = trainers
    task = marking_queue.claim(user=slow, quiz=quiz, at=NOW)
    assert task

    def mark() -> Any:
        points = {1: Decimal(4), 2: Decimal(6)}
        return marking_queue.mark(task_id=task.pk, marker=slow, points=points, at=later(180))

    marked, taken = in_the_middle_of(
        mark, lambda: marking_queue.claim(user=quick, quiz=quiz, at=later(180))
    )
    assert (marked.marker, taken) == (slow, None)
    task.refresh_from_db()
    assert (task.marker, task.share) == (slow, "1")
