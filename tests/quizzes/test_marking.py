"""Long answers: who may mark what, and what becomes of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from courses.models import AssessmentResult, ResultRevision
from people.models import Person, User
from quizzes import marking, marking_queue, regrading
from quizzes.marking_queue import MarkingRefused
from quizzes.models import Attempt, GradeRevision, KeyCorrection, MarkingTask, Quiz
from tests.factories import (
    LONG_ANSWERS,
    CourseFactory,
    PersonFactory,
    UserFactory,
    quiz_with_long_answer,
    version_in,
    written,
)
from tests.together import together

pytestmark = pytest.mark.django_db

TWO = LONG_ANSWERS + "\n// [id:L-2] [rubric:10 Nêu đủ]\n::Lãnh đạo:: Vai trò của lãnh đạo? {}\n"
Round = MarkingTask.Round


@pytest.fixture
def trainers() -> list[User]:
    return [UserFactory(trainer=True) for _number in range(3)]


@pytest.fixture
def trainer(trainers: list[User]) -> User:
    return trainers[0]


@pytest.fixture
def quiz(trainers: list[User]) -> Quiz:
    return quiz_with_long_answer(course=CourseFactory(trainers=trainers))


@pytest.fixture
def twice(trainers: list[User]) -> Quiz:
    """A test whose long answers are marked by two."""
    return quiz_with_long_answer(course=CourseFactory(trainers=trainers), second_marker=True)


def take(user: User, quiz: Quiz, at: datetime | None = None) -> MarkingTask | None:
    return marking_queue.claim(user=user, quiz=quiz, at=at or timezone.now(), rng=Random(1))


def give(user: User, task: MarkingTask, *points: str, comment: str = "") -> MarkingTask:
    """Mark what one has taken: points for each criterion in order."""
    return marking_queue.mark(
        task_id=task.pk,
        marker=user,
        points={number: Decimal(given) for number, given in enumerate(points, start=1)},
        comment=comment,
        at=timezone.now(),
    )


def take_and_give(user: User, quiz: Quiz, *points: str, comment: str = "") -> MarkingTask:
    task = take(user, quiz)
    assert task is not None
    return give(user, task, *points, comment=comment)


def now_of(attempt: Attempt) -> Attempt:
    return Attempt.objects.get(pk=attempt.pk)


def result_of(attempt: Attempt) -> AssessmentResult | None:
    return AssessmentResult.objects.filter(enrolment=attempt.enrolment_id).first()


def long_slot(attempt: Attempt) -> int:
    slots = range(1, len(attempt.paper) + 1)
    return next(slot for slot in slots if version_in(attempt, slot).kind == "essay")


# --- What waits -----------------------------------------------------------------------------------


def test_a_long_answer_waits_and_the_attempt_has_no_result_yet(quiz: Quiz) -> None:
    attempt = written(quiz)
    assert attempt.submitted_at is not None
    assert (attempt.score, attempt.passed) == (None, None)
    assert attempt.marks[long_slot(attempt) - 1] is None
    assert result_of(attempt) is None
    [task] = MarkingTask.objects.all()
    assert (task.attempt, task.slot, task.round) == (attempt, long_slot(attempt), Round.FIRST)


def test_an_empty_long_answer_earns_nothing_and_waits_for_nobody(quiz: Quiz) -> None:
    attempt = written(quiz, text="  ")
    assert attempt.score == 2
    assert not MarkingTask.objects.exists()


def test_when_all_is_marked_the_result_stands_and_the_course_is_completed(
    quiz: Quiz, trainer: User
) -> None:
    attempt = written(quiz)
    take_and_give(trainer, quiz, "4", "3.5", comment="Thiếu ví dụ.")
    graded = now_of(attempt)
    assert (graded.score, graded.passed) == (Decimal("2.75"), True)
    assert graded.marks[long_slot(attempt) - 1] == "3/4"
    result = result_of(attempt)
    assert result is not None
    assert (result.score, result.decided_at) == (Decimal("2.75"), attempt.submitted_at)
    attempt.enrolment.refresh_from_db()
    assert attempt.enrolment.completed_at is not None
    assert not GradeRevision.objects.exists()
    assert not ResultRevision.objects.exists()


def test_of_two_long_answers_both_must_be_marked_before_anything_is_recorded(
    trainer: User,
) -> None:
    quiz = quiz_with_long_answer(gift=TWO, course=CourseFactory(trainers=[trainer]))
    attempt = written(quiz)
    for expected in (None, Decimal("4.00")):
        task = take(trainer, quiz)
        assert task is not None
        most = [one["points"] for one in marking_queue.version_of(task).body["rubric"]]
        give(trainer, task, *map(str, most))
        assert now_of(attempt).score == expected
        assert (result_of(attempt) is None) is (expected is None)
    assert take(trainer, quiz) is None


def test_the_answer_of_a_voided_question_waits_no_longer(quiz: Quiz, trainer: User) -> None:
    attempt = written(quiz)
    KeyCorrection.objects.create(
        version=version_in(attempt, long_slot(attempt)),
        body=None,
        reason="Ngoài chương trình",
        by=trainer,
        at=timezone.now(),
    )
    regrading.regrade(attempt_id=attempt.pk, at=timezone.now(), by=trainer, reason="Hủy câu hỏi")
    assert now_of(attempt).score == 3
    assert not MarkingTask.objects.waiting().exists()
    assert take(trainer, quiz) is None


def test_an_answer_that_was_replaced_is_marked_anew_and_the_old_grade_is_kept(
    twice: Quiz, trainers: list[User]
) -> None:
    attempt = written(twice)
    take_and_give(trainers[0], twice, "4", "6")
    take_and_give(trainers[1], twice, "0", "0")
    take_and_give(trainers[2], twice, "4", "6")
    assert now_of(attempt).score == 3
    marking.begin_again(attempt_id=attempt.pk, slots=[long_slot(attempt)])
    regrading.regrade(attempt_id=attempt.pk, at=timezone.now(), by=trainers[0], reason="Khôi phục")
    assert now_of(attempt).score is None
    assert [task.round for task in MarkingTask.objects.waiting()] == [Round.FIRST, Round.SECOND]
    assert [one.score for one in GradeRevision.objects.all()] == [3]


# --- Taking ---------------------------------------------------------------------------------------


def test_two_markers_take_different_answers_and_a_third_finds_none(
    quiz: Quiz, trainers: list[User]
) -> None:
    written(quiz), written(quiz)
    first, second = take(trainers[0], quiz), take(trainers[1], quiz)
    assert first is not None
    assert second is not None
    assert first.attempt_id != second.attempt_id
    assert take(trainers[2], quiz) is None


def test_who_asks_again_gets_what_one_holds(quiz: Quiz, trainer: User) -> None:
    written(quiz), written(quiz)
    assert take(trainer, quiz) == take(trainer, quiz)


def test_what_lies_for_two_hours_goes_to_another_and_is_lost_to_the_first(
    quiz: Quiz, trainers: list[User]
) -> None:
    written(quiz)
    now = timezone.now()
    held = take(trainers[0], quiz, now)
    assert held is not None
    assert take(trainers[1], quiz, now + timedelta(hours=2)) is None
    assert take(trainers[1], quiz, now + timedelta(hours=2, seconds=1)) == held
    with pytest.raises(MarkingRefused, match=r"(?i)somebody else|người khác"):
        give(trainers[0], held, "4", "6")
    assert not MarkingTask.objects.filter(marked_at__isnull=False).exists()


def test_who_comes_back_late_may_still_mark_what_nobody_took_over(
    quiz: Quiz, trainer: User
) -> None:
    attempt = written(quiz)
    held = take(trainer, quiz, timezone.now() - timedelta(hours=9))
    assert held is not None
    give(trainer, held, "4", "6")
    assert now_of(attempt).score == 3


def test_what_is_put_back_waits_for_anybody(quiz: Quiz, trainers: list[User]) -> None:
    written(quiz)
    held = take(trainers[0], quiz)
    assert held is not None
    marking_queue.put_back(task_id=held.pk, user=trainers[1])
    assert take(trainers[1], quiz) is None
    marking_queue.put_back(task_id=held.pk, user=trainers[0])
    assert take(trainers[1], quiz) == held


def test_nobody_gets_the_answers_of_another_course(quiz: Quiz) -> None:
    written(quiz)
    assert take(UserFactory(trainer=True), quiz) is None
    assert take(UserFactory(), quiz) is None
    assert take(UserFactory(officer=True), quiz) is not None


def test_nobody_marks_an_answer_of_ones_own(quiz: Quiz, trainer: User) -> None:
    trainer.person = PersonFactory()
    trainer.save()
    written(quiz, person=trainer.person)
    assert take(trainer, quiz) is None
    others = written(quiz)
    assert take(trainer, quiz).attempt == others


def test_the_next_answer_is_not_simply_the_next_that_was_handed_in(
    quiz: Quiz, trainer: User
) -> None:
    for _number in range(5):
        written(quiz)
    firsts = set()
    for seed in range(20):
        task = marking_queue.claim(user=trainer, quiz=quiz, at=timezone.now(), rng=Random(seed))
        assert task is not None
        firsts.add(task.pk)
        marking_queue.put_back(task_id=task.pk, user=trainer)
    assert len(firsts) > 2


# --- Points ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "wrong"),
    [
        (("4",), {2}),
        ((), {1, 2}),
        (("4.01", "6"), {1}),
        (("-1", "6"), {1}),
        (("1.005", "7"), {1, 2}),
    ],
)
def test_points_out_of_the_rubric_are_refused_and_nothing_is_changed(
    quiz: Quiz, trainer: User, points: tuple[str, ...], wrong: set[int]
) -> None:
    attempt = written(quiz)
    task = take(trainer, quiz)
    assert task is not None
    with pytest.raises(MarkingRefused) as refused:
        give(trainer, task, *points)
    assert set(refused.value.wrong) == wrong
    assert take(trainer, quiz) == task
    assert now_of(attempt).score is None


def test_points_have_two_decimals_and_the_share_is_exact(quiz: Quiz, trainer: User) -> None:
    attempt = written(quiz)
    assert take_and_give(trainer, quiz, "1.33", "2").share == "333/1000"
    assert now_of(attempt).marks[long_slot(attempt) - 1] == "333/1000"


def test_an_answer_is_marked_once(quiz: Quiz, trainer: User) -> None:
    attempt = written(quiz)
    task = take_and_give(trainer, quiz, "4", "6")
    with pytest.raises(MarkingRefused):
        give(trainer, task, "0", "0")
    assert now_of(attempt).score == 3


def test_what_nobody_took_cannot_be_marked(quiz: Quiz, trainer: User) -> None:
    written(quiz)
    with pytest.raises(MarkingRefused):
        give(trainer, MarkingTask.objects.get(), "4", "6")


def test_a_comment_without_end_is_refused(quiz: Quiz, trainer: User) -> None:
    written(quiz)
    with pytest.raises(MarkingRefused):
        take_and_give(trainer, quiz, "4", "6", comment="x" * 2001)


# --- Two markers ----------------------------------------------------------------------------------


def test_nobody_is_both_markers_of_an_answer(twice: Quiz, trainer: User) -> None:
    written(twice)
    take_and_give(trainer, twice, "4", "6")
    assert take(trainer, twice) is None
    other = MarkingTask.objects.waiting().get()
    MarkingTask.objects.filter(pk=other.pk).update(marker=trainer, claimed_at=timezone.now())
    with pytest.raises(MarkingRefused):
        give(trainer, other, "4", "6")


def test_while_one_look_is_in_hand_the_other_is_for_somebody_else(
    twice: Quiz, trainers: list[User]
) -> None:
    written(twice)
    first = take(trainers[0], twice)
    assert first is not None
    assert take(trainers[0], twice) == first
    second = take(trainers[1], twice)
    assert second is not None
    assert {first.round, second.round} == {Round.FIRST, Round.SECOND}


@pytest.mark.parametrize(
    ("one", "two", "share"),
    [
        (("4", "6"), ("4", "6"), "1"),
        (("4", "5"), ("4", "6"), "19/20"),
        (("0", "1"), ("0", "0"), "1/20"),
    ],
)
def test_two_markers_who_agree_to_a_tenth_give_the_mean(
    twice: Quiz, trainers: list[User], one: Any, two: Any, share: str
) -> None:
    attempt = written(twice)
    take_and_give(trainers[0], twice, *one)
    assert now_of(attempt).score is None
    take_and_give(trainers[1], twice, *two)
    assert now_of(attempt).marks[long_slot(attempt) - 1] == share
    assert not MarkingTask.objects.waiting().exists()


def test_markers_who_disagree_are_reconciled_by_a_third(twice: Quiz, trainers: list[User]) -> None:
    attempt = written(twice)
    take_and_give(trainers[0], twice, "4", "6", comment="Đủ")
    take_and_give(trainers[1], twice, "4", "4.99", comment="Thiếu")
    assert now_of(attempt).score is None
    assert MarkingTask.objects.waiting().get().round == Round.RECONCILED
    assert take(trainers[0], twice) is None
    assert take(trainers[1], twice) is None
    take_and_give(trainers[2], twice, "4", "5.5", comment="Gần đủ")
    graded = now_of(attempt)
    assert graded.marks[long_slot(attempt) - 1] == "19/20"
    assert marking.told(graded)[long_slot(attempt)].comments == ["Gần đủ"]


def test_where_no_third_person_is_there_an_officer_decides_after_a_day(
    twice: Quiz, trainer: User
) -> None:
    officer = UserFactory(officer=True)
    attempt = written(twice)
    take_and_give(officer, twice, "0", "0")
    take_and_give(trainer, twice, "4", "6")
    now = timezone.now()
    assert take(officer, twice, now) is None
    assert take(trainer, twice, now + timedelta(days=2)) is None
    task = take(officer, twice, now + timedelta(days=1, minutes=1))
    assert task is not None
    assert give(officer, task, "4", "6").round == Round.RECONCILED
    assert now_of(attempt).score == 3


def test_the_learner_is_told_the_mean_by_criterion_and_every_comment(
    twice: Quiz, trainers: list[User]
) -> None:
    attempt = written(twice)
    take_and_give(trainers[0], twice, "4", "5", comment="Tốt")
    assert marking.told(attempt) == {}
    assert marking.shares_of([attempt.pk]) == {}
    take_and_give(trainers[1], twice, "3.5", "5", comment="Khá")
    told = marking.told(attempt)[long_slot(attempt)]
    assert [(line.text, line.given, line.most) for line in told.criteria] == [
        ("Nêu nguyên tắc", Decimal("3.75"), 4),
        ("Nêu ví dụ", Decimal(5), 6),
    ]
    assert sorted(told.comments) == ["Khá", "Tốt"]
    assert marking.shares_of([attempt.pk]) == {
        attempt.pk: {long_slot(attempt): Fraction(875, 1000)}
    }


# --- At the same moment ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_markers_at_once_never_hold_the_same_answer() -> None:
    trainers = [UserFactory(trainer=True) for _number in range(6)]
    quiz = quiz_with_long_answer(course=CourseFactory(trainers=trainers))
    for _number in range(4):
        written(quiz)
    now = timezone.now()
    taken = together(
        [partial(marking_queue.claim, user=user, quiz=quiz, at=now) for user in trainers]
    )
    assert [one for one in taken if isinstance(one, Exception)] == []
    held = [one.pk for one in taken if one is not None]
    assert len(held) == len(set(held)) == 4


@pytest.mark.django_db(transaction=True)
def test_two_last_looks_at_once_give_one_result() -> None:
    trainers = [UserFactory(trainer=True) for _number in range(2)]
    quiz = quiz_with_long_answer(course=CourseFactory(trainers=trainers), second_marker=True)
    attempt = written(quiz)
    tasks = [take(user, quiz) for user in trainers]
    together(
        [
            partial(give, user, task, "4", "6")
            for user, task in zip(trainers, tasks, strict=True)
            for _click in range(2)
        ]
    )
    assert now_of(attempt).score == 3
    assert AssessmentResult.objects.get(enrolment=attempt.enrolment_id).score == 3
    assert not GradeRevision.objects.exists()
    assert MarkingTask.objects.count() == 2


def test_a_marker_of_an_account_without_a_person_is_nobodys_writer(quiz: Quiz) -> None:
    """Most trainers are no learners: the rule on own answers must not hide all of them."""
    written(quiz)
    officer = UserFactory(officer=True)
    assert officer.person is None
    assert Person.objects.exists()
    assert take(officer, quiz) is not None


def test_an_answer_that_was_replaced_while_it_was_being_marked_is_not_marked(
    quiz: Quiz, trainer: User
) -> None:
    attempt = written(quiz)
    task = take(trainer, quiz)
    assert task
    marking.begin_again(attempt_id=attempt.pk, slots=[task.slot])
    with pytest.raises(MarkingRefused):
        give(trainer, task, "4", "6")
    assert now_of(attempt).score is None
