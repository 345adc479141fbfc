"""More time, attempts or a later closing: given, the most favourable wins, withdrawn."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from people.models import User
from quizzes import accommodating, attempts
from quizzes.accommodating import AccommodationRefused
from quizzes.models import Accommodation, Attempt, AttemptEvent, Opening, Quiz
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    QuizFactory,
    RunFactory,
    UserFactory,
    answer,
    sitting,
)

pytestmark = pytest.mark.django_db

MORE = AttemptEvent.Kind.MORE_TIME


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def give(quiz: Quiz, by: User, **values: Any) -> Accommodation:
    """Ten minutes more, if nothing else is said."""
    if not {"extra_minutes", "extra_attempts", "closes_at"} & values.keys():
        values["extra_minutes"] = 10
    given = {"reason": "Mất điện", "at": timezone.now()} | values
    return accommodating.give(quiz_id=quiz.pk, by=by, **given)


def deadline_of(attempt: Attempt) -> datetime:
    attempt.refresh_from_db()
    assert attempt.deadline is not None
    return attempt.deadline


def moves_of(attempt: Attempt) -> int:
    return attempt.events.filter(kind=MORE).count()


def test_given_to_a_person_in_mid_exam_it_moves_the_deadline_and_says_so(officer: User) -> None:
    attempt = sitting()
    before = deadline_of(attempt)
    now = attempt.started_at + minutes(20)
    give(attempt.quiz, officer, person=attempt.enrolment.person, at=now)
    assert deadline_of(attempt) == before + minutes(10)
    event = attempt.events.get(kind=MORE)
    assert event.noted_at == now
    assert event.detail == {
        "from": before.isoformat(),
        "to": (before + minutes(10)).isoformat(),
    }


def test_a_run_and_an_agency_get_it_for_all_their_people_and_for_nobody_else(
    officer: User,
) -> None:
    quiz = QuizFactory()
    agency = AgencyFactory()
    ours = [sitting(quiz=quiz, person=PersonFactory(agency=agency)) for _number in range(2)]
    other = sitting(quiz=quiz)
    before = deadline_of(other)
    give(quiz, officer, agency=agency)
    assert [deadline_of(one) - one.started_at for one in ours] == [minutes(55)] * 2
    assert deadline_of(other) == before
    give(quiz, officer, run=other.enrolment.run, extra_minutes=5)
    assert deadline_of(other) - other.started_at == minutes(50)
    # They have more already.
    assert [deadline_of(one) - one.started_at for one in ours] == [minutes(55)] * 2
    assert [moves_of(one) for one in (*ours, other)] == [1, 1, 1]


def test_it_holds_for_attempts_that_start_later_too(officer: User) -> None:
    quiz = QuizFactory()
    person = PersonFactory()
    enrolment = EnrolmentFactory(person=person, run=RunFactory(course=quiz.assessment.course))
    give(quiz, officer, person=person, extra_attempts=1, extra_minutes=15)
    now = timezone.now()
    for number in range(3):
        attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=now + minutes(number))
        assert attempt.deadline == attempt.started_at + minutes(60)
        attempts.finish(attempt_id=attempt.pk, at=now + minutes(number))
    with pytest.raises(attempts.AttemptRefused):
        attempts.start(quiz=quiz, enrolment=enrolment, at=now + minutes(4))


def test_a_later_closing_lets_an_attempt_that_was_cut_short_run_on(officer: User) -> None:
    attempt = sitting()
    closing = attempt.started_at + minutes(20)
    Opening.objects.create(quiz=attempt.quiz, run=attempt.enrolment.run, closes_at=closing)
    Attempt.objects.filter(pk=attempt.pk).update(deadline=closing)
    give(attempt.quiz, officer, run=attempt.enrolment.run, closes_at=closing + minutes(5))
    assert deadline_of(attempt) == closing + minutes(5)
    give(attempt.quiz, officer, run=attempt.enrolment.run, closes_at=closing + minutes(500))
    assert deadline_of(attempt) == attempt.started_at + minutes(45)


def test_what_came_late_by_the_old_deadline_and_in_time_by_the_new_one_counts(
    officer: User,
) -> None:
    attempt = sitting()
    end = deadline_of(attempt)
    answer(attempt, {1: True}, seq=1, at=attempt.started_at)
    answer(attempt, {1: False, 2: True}, seq=7, at=end + minutes(3))
    answer(attempt, {3: True}, seq=8, at=end + minutes(12))
    give(attempt.quiz, officer, person=attempt.enrolment.person, at=end + minutes(13))
    held = dict(attempt.answers.values_list("slot", "seq"))
    assert held == {1: 7, 2: 7}
    assert attempt.events.get(kind=MORE).detail["slots"] == "1-2"


def test_a_submitted_attempt_is_not_opened_again(officer: User) -> None:
    attempt = sitting()
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    before = deadline_of(attempt)
    give(attempt.quiz, officer, person=attempt.enrolment.person)
    assert deadline_of(attempt) == before
    assert moves_of(attempt) == 0


def test_withdrawing_ends_it_for_attempts_to_come_and_takes_nothing_from_one_that_runs(
    officer: User,
) -> None:
    attempt = sitting()
    given = give(attempt.quiz, officer, person=attempt.enrolment.person)
    longer = deadline_of(attempt)
    now = timezone.now()
    assert accommodating.withdraw(accommodation_id=given.pk, by=officer, at=now)
    assert not accommodating.withdraw(accommodation_id=given.pk, by=officer, at=now + minutes(1))
    given.refresh_from_db()
    assert (given.withdrawn_at, given.withdrawn_by) == (now, officer)
    assert deadline_of(attempt) == longer
    accommodating.catch_up(now)
    assert deadline_of(attempt) == longer
    attempts.finish(attempt_id=attempt.pk, at=now)
    again = attempts.start(quiz=attempt.quiz, enrolment=attempt.enrolment, at=now)
    assert again.deadline == now + minutes(45)


def test_the_same_given_twice_is_one_accommodation_and_one_move(officer: User) -> None:
    attempt = sitting()
    person = attempt.enrolment.person
    first = give(attempt.quiz, officer, person=person)
    assert give(attempt.quiz, officer, person=person, at=timezone.now() + minutes(1)) == first
    assert Accommodation.objects.count() == 1
    assert moves_of(attempt) == 1


def test_the_sweep_moves_what_an_interruption_left_behind_and_nothing_else(
    officer: User, monkeypatch: Any
) -> None:
    attempt, other = sitting(), sitting()

    def dies(**_values: Any) -> int:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(accommodating, "move_deadlines", dies)
        with pytest.raises(ConnectionError):
            give(attempt.quiz, officer, person=attempt.enrolment.person)
    assert deadline_of(attempt) == attempt.started_at + minutes(45)
    now = timezone.now()
    assert accommodating.catch_up(now) == 1
    assert deadline_of(attempt) == attempt.started_at + minutes(55)
    assert deadline_of(other) == other.started_at + minutes(45)
    assert accommodating.catch_up(now) == 0


def test_deadlines_move_in_batches_and_each_once(officer: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(accommodating, "BATCH", 2)
    quiz = QuizFactory()
    ours = [sitting(quiz=quiz) for _number in range(5)]
    run = ours[0].enrolment.run
    assert {one.enrolment.run_id for one in ours} == {run.pk}
    give(quiz, officer, run=run)
    assert [deadline_of(one) - one.started_at for one in ours] == [minutes(55)] * 5
    assert [moves_of(one) for one in ours] == [1] * 5


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "exactly one"),
        ({"person": "person", "run": "run"}, "exactly one"),
        ({"person": "person", "extra_minutes": 0}, "extra minutes"),
        ({"person": "person", "reason": "  "}, "Say why"),
        ({"person": "person", "closes_at": "past"}, "lie ahead"),
        ({"run": "foreign"}, "not taken"),
    ],
)
def test_what_gives_nothing_or_nobody_is_refused(
    officer: User, wrong: dict[str, Any], words: str
) -> None:
    attempt = sitting()
    known: dict[Any, Any] = {
        "person": attempt.enrolment.person,
        "run": attempt.enrolment.run,
        "foreign": RunFactory(),
        "past": timezone.now() - minutes(1),
    }
    values = {name: known.get(value, value) for name, value in wrong.items()}
    with pytest.raises(AccommodationRefused, match=words):
        give(attempt.quiz, officer, **values)
    assert not Accommodation.objects.exists()


def test_a_test_without_a_time_limit_gets_no_extra_minutes(officer: User) -> None:
    quiz = QuizFactory(minutes=None)
    attempt = sitting(quiz=quiz)
    with pytest.raises(AccommodationRefused, match="time limit"):
        give(quiz, officer, person=attempt.enrolment.person)


def test_a_trainer_gives_to_the_own_learners_in_the_own_tests_only() -> None:
    trainer = UserFactory(trainer=True)
    attempt = sitting(quiz=QuizFactory(course=CourseFactory(trainers=[trainer])))
    foreign = sitting()
    give(attempt.quiz, trainer, person=attempt.enrolment.person)
    give(attempt.quiz, trainer, agency=attempt.enrolment.agency)
    give(attempt.quiz, trainer, run=attempt.enrolment.run)
    with pytest.raises(AccommodationRefused):
        give(attempt.quiz, trainer, person=foreign.enrolment.person)
    with pytest.raises(AccommodationRefused):
        give(attempt.quiz, trainer, agency=foreign.enrolment.agency)
    with pytest.raises(AccommodationRefused):
        give(attempt.quiz, trainer, run=foreign.enrolment.run)
    with pytest.raises(Quiz.DoesNotExist):
        give(foreign.quiz, trainer, person=foreign.enrolment.person)
    assert deadline_of(foreign) == foreign.started_at + minutes(45)


def test_a_trainer_withdraws_nothing_of_foreign_tests(officer: User) -> None:
    attempt = sitting()
    given = give(attempt.quiz, officer, person=attempt.enrolment.person)
    with pytest.raises(Accommodation.DoesNotExist):
        accommodating.withdraw(
            accommodation_id=given.pk, by=UserFactory(trainer=True), at=timezone.now()
        )
    given.refresh_from_db()
    assert given.withdrawn_at is None


def test_two_moves_at_the_same_moment_are_both_kept(officer: User) -> None:
    attempt = sitting()
    now = attempt.started_at + minutes(1)
    for number in (10, 20):
        give(attempt.quiz, officer, person=attempt.enrolment.person, extra_minutes=number, at=now)
    assert deadline_of(attempt) == attempt.started_at + minutes(65)
    assert moves_of(attempt) == 2


def test_what_came_late_counts_until_the_grace_after_the_new_deadline(officer: User) -> None:
    attempt = sitting()
    end = deadline_of(attempt) + minutes(10) + attempts.GRACE
    answer(attempt, {1: True}, at=end)
    answer(attempt, {2: True}, at=end + timedelta(microseconds=1))
    give(attempt.quiz, officer, person=attempt.enrolment.person)
    assert list(attempt.answers.values_list("slot", flat=True)) == [1]
