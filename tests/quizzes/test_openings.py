"""When the learners of a run may take a quiz; closing later gives running attempts more time."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from courses.models import CourseRun
from courses.running import close_run
from people.models import User
from quizzes import attempts, opening
from quizzes.models import Attempt, Opening, Quiz
from quizzes.opening import OpeningRefused
from tests.factories import (
    CourseFactory,
    EnrolmentFactory,
    QuizFactory,
    RunFactory,
    UserFactory,
)
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(second=0, microsecond=0)
_moments = itertools.count()


def in_minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def quiz(trainer: User) -> Quiz:
    """45 minutes, cut short at the closing."""
    found: Quiz = QuizFactory(course=CourseFactory(trainers=[trainer]))
    return found


@pytest.fixture
def run(quiz: Quiz) -> CourseRun:
    found: CourseRun = RunFactory(course=quiz.assessment.course)
    return found


def set_opening(quiz: Quiz, run: CourseRun, **values: Any) -> opening.Set:
    # Each a moment after the other: an attempt has one event of a kind at a time.
    moment = NOW + timedelta(milliseconds=next(_moments))
    wanted: dict[str, Any] = {"opens_at": None, "closes_at": None, "class_code": ""}
    return opening.open_to_run(
        quiz_id=quiz.pk, run_id=run.pk, at=moment, by=None, **(wanted | values)
    )


def start(quiz: Quiz, run: CourseRun, at: datetime = NOW, **values: Any) -> Attempt:
    return attempts.start(quiz=quiz, enrolment=EnrolmentFactory(run=run), at=at, **values)


def test_a_quiz_opens_and_closes_for_the_run(quiz: Quiz, run: CourseRun) -> None:
    set_opening(quiz, run, opens_at=in_minutes(10), closes_at=in_minutes(100))
    for minutes, may in ((9, False), (10, True), (99, True), (100, False)):
        if may:
            assert start(quiz, run, at=in_minutes(minutes)).pk
        else:
            with pytest.raises(attempts.AttemptRefused):
                start(quiz, run, at=in_minutes(minutes))
    elsewhere = RunFactory(course=quiz.assessment.course)
    assert start(quiz, elsewhere, at=in_minutes(0)).pk


def test_who_starts_needs_the_code_of_the_class(quiz: Quiz, run: CourseRun) -> None:
    set_opening(quiz, run, class_code=" 4711 ")
    with pytest.raises(attempts.AttemptRefused):
        start(quiz, run, class_code="4712")
    assert start(quiz, run, class_code="4711").pk


def test_saying_the_same_again_changes_nothing_and_nothing_said_takes_it_away(
    quiz: Quiz, run: CourseRun, trainer: User
) -> None:
    wanted = {"opens_at": in_minutes(0), "closes_at": in_minutes(60), "class_code": "A1"}
    assert set_opening(quiz, run, **wanted).changed
    local = {
        name: timezone.localtime(value) if isinstance(value, datetime) else value
        for name, value in wanted.items()
    }
    assert not set_opening(quiz, run, **local).changed
    assert Opening.objects.count() == 1
    assert set_opening(quiz, run).changed
    assert not Opening.objects.exists()
    entries = ModelLogEntry.objects.for_instance(run).filter(action="wagtail.edit")
    assert entries.count() == 2
    assert "A1" not in str([entry.data for entry in entries])


def test_closing_later_moves_the_deadlines_of_running_attempts_and_closing_earlier_none(
    quiz: Quiz, run: CourseRun
) -> None:
    set_opening(quiz, run, opens_at=in_minutes(-30), closes_at=in_minutes(20))
    attempt, other = start(quiz, run), start(quiz, RunFactory(course=quiz.assessment.course))
    assert attempt.deadline == in_minutes(20)
    assert set_opening(quiz, run, opens_at=in_minutes(-30), closes_at=in_minutes(30)).moved == 1
    attempt.refresh_from_db()
    assert attempt.deadline == in_minutes(30)
    # Never more than the full time.
    set_opening(quiz, run, opens_at=in_minutes(-30), closes_at=in_minutes(300))
    attempt.refresh_from_db()
    assert attempt.deadline == in_minutes(45)
    assert set_opening(quiz, run, opens_at=in_minutes(-60), closes_at=in_minutes(5)).moved == 0
    attempt.refresh_from_db()
    assert attempt.deadline == in_minutes(45)
    with pytest.raises(attempts.AttemptRefused):
        start(quiz, run, at=in_minutes(6))
    other.refresh_from_db()
    assert other.deadline == in_minutes(45)


def test_taking_the_closing_away_gives_the_full_time(quiz: Quiz, run: CourseRun) -> None:
    set_opening(quiz, run, closes_at=in_minutes(20))
    attempt = start(quiz, run)
    assert set_opening(quiz, run).moved == 1
    attempt.refresh_from_db()
    assert attempt.deadline == in_minutes(45)


def test_with_full_time_the_closing_does_not_touch_running_attempts(
    quiz: Quiz, run: CourseRun
) -> None:
    Quiz.objects.update(at_closing=Quiz.AtClosing.FULL_TIME)
    quiz.refresh_from_db()
    set_opening(quiz, run, opens_at=in_minutes(0), closes_at=in_minutes(10))
    attempt = start(quiz, run)
    assert attempt.deadline == in_minutes(45)
    assert set_opening(quiz, run, opens_at=in_minutes(0), closes_at=in_minutes(90)).moved == 0


def test_an_opening_that_contradicts_itself_or_the_quiz_is_refused(
    quiz: Quiz, run: CourseRun
) -> None:
    with translation.override("en"):
        with pytest.raises(OpeningRefused, match="open before it closes"):
            set_opening(quiz, run, opens_at=in_minutes(5), closes_at=in_minutes(5))
        with pytest.raises(OpeningRefused, match="45 minutes"):
            set_opening(quiz, run, opens_at=in_minutes(0), closes_at=in_minutes(44))
        close_run(run_id=run.pk, at=NOW)
        with pytest.raises(OpeningRefused, match="closed"):
            set_opening(quiz, run, class_code="A")
    assert not Opening.objects.exists()


def test_a_quiz_of_another_course_is_none_of_the_run(run: CourseRun) -> None:
    with pytest.raises(Quiz.DoesNotExist):
        set_opening(QuizFactory(), run, class_code="A")


def test_an_opening_is_planned_in_a_draft(quiz: Quiz) -> None:
    run = RunFactory(course=quiz.assessment.course, opened=False)
    assert set_opening(quiz, run, opens_at=in_minutes(0)).changed


@pytest.mark.django_db(transaction=True)
def test_two_who_set_it_at_once_leave_one_opening(quiz: Quiz, run: CourseRun) -> None:
    calls = [lambda code=code: set_opening(quiz, run, class_code=code) for code in ("A", "B")]
    answers = together(calls)
    assert all(isinstance(answer, opening.Set) for answer in answers)
    assert Opening.objects.get().class_code in ("A", "B")


def test_the_trainer_sets_the_opening_on_the_page_of_the_run(
    trainer: User, quiz: Quiz, run: CourseRun
) -> None:
    client = at_work(trainer)
    index = reverse("openings:index", args=[run.pk])
    assert index in client.get(reverse("runs:inspect", args=[run.pk])).content.decode()
    address = reverse("openings:set", args=[run.pk, quiz.pk])
    opens, closes = "2026-12-01 08:00", "2026-12-01 09:30"
    data = {"opens_at": opens, "closes_at": closes, "class_code": "KH-01"}
    page = client.post(address, data, follow=True)
    assert "is set" in said(page)
    found = Opening.objects.get(quiz=quiz, run=run)
    assert timezone.localtime(found.opens_at).strftime("%Y-%m-%d %H:%M") == opens
    assert "KH-01" in page.content.decode()
    page = client.post(address, data | {"closes_at": "2026-12-01 08:10"})
    assert "45 minutes" in page.content.decode()
    assert "2026-12-01 08:10" in page.content.decode()
    page = client.post(address, data | {"closes_at": "kein Tag"})
    assert page.context["form"].errors.keys() == {"closes_at"}
    assert "Nothing was changed" in said(client.post(address, data, follow=True))


def test_openings_of_foreign_runs_and_quizzes_are_not_there(quiz: Quiz, run: CourseRun) -> None:
    stranger = at_work(UserFactory(trainer=True))
    focal_point = at_work(UserFactory(focal_point=True))
    for client in (stranger, focal_point):
        for address in (
            reverse("openings:index", args=[run.pk]),
            reverse("openings:set", args=[run.pk, quiz.pk]),
        ):
            assert client.get(address).status_code == 404
            assert client.post(address, {"class_code": "A"}).status_code in (404, 405)
    officer = at_work(UserFactory(officer=True))
    foreign = QuizFactory()
    assert officer.get(reverse("openings:set", args=[run.pk, foreign.pk])).status_code == 404
    assert officer.get(reverse("openings:set", args=[run.pk, quiz.pk])).status_code == 200
    assert not Opening.objects.exists()
