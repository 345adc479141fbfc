"""The trail of an attempt in words for people."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from quizzes import accommodating, attempts, restoring, saving, trail
from quizzes.models import Attempt
from tests.factories import UserFactory, answer, sitting

pytestmark = pytest.mark.django_db


def second(number: float) -> timedelta:
    return timedelta(seconds=number)


def words(attempt: Attempt) -> list[str]:
    fresh = Attempt.objects.select_related("quiz", "enrolment").get(pk=attempt.pk)
    with translation.override("en"):
        return [f"{line.words}: {line.detail}" for line in trail.of(fresh)]


def clock(time: object) -> str:
    return timezone.localtime(time).strftime("%H:%M:%S %d/%m/%Y")  # type: ignore[arg-type]


def test_an_ordinary_attempt_is_told_from_start_to_grade() -> None:
    attempt = sitting()
    answer(attempt, {1: True, 2: True, 3: True}, seq=1, at=attempt.started_at + second(30))
    answer(attempt, {4: False}, seq=2, at=attempt.started_at + second(40))
    attempts.finish(attempt_id=attempt.pk, at=attempt.started_at + second(50))
    assert words(attempt) == [
        f"Started: Time until {clock(attempt.deadline)}",
        "answers saved: questions 1–3",
        "answers saved: question 4",
        "Handed in by the learner: ",
        "Graded: 3/4, passed",
    ]


def test_what_the_device_says_stands_where_it_was_received_with_the_devices_own_time() -> None:
    attempt = sitting()
    wrong_clock = attempt.started_at - timedelta(days=400)
    attempts.save_answers(
        attempt_id=attempt.pk,
        person_id=attempt.enrolment.person_id,
        changes=[attempts.RawChange(1, 1, True)],
        reported=[
            saving.Reported("offline", wrong_clock),
            saving.Reported("back", wrong_clock + second(90)),
        ],
        at=attempt.started_at + second(100),
    )
    told = words(attempt)
    assert told[0].startswith("Started")
    assert sorted(told[1:]) == sorted(
        [
            "answers saved: question 1",
            f"connection lost: at {clock(wrong_clock)} by the clock of the device",
            f"connection back: at {clock(wrong_clock + second(90))} by the clock of the device",
        ]
    )
    assert told.index(next(one for one in told if "lost" in one)) < told.index(
        next(one for one in told if "connection back" in one)
    )


def test_more_time_late_answers_and_restoring_are_told_with_who_and_why() -> None:
    officer = UserFactory(officer=True)
    attempt = sitting(at=timezone.now() - timedelta(hours=2))
    accommodating.give(
        quiz_id=attempt.quiz_id,
        person=attempt.enrolment.person,
        extra_minutes=10,
        reason="Khuyết tật",
        by=officer,
        at=attempt.started_at + second(5),
    )
    first, attempt.deadline = attempt.deadline, attempt.started_at + timedelta(minutes=55)
    answer(attempt, {2: True}, seq=1, at=attempt.deadline + second(60))
    attempts.finish_overdue(timezone.now())
    restoring.restore(attempt_id=attempt.pk, by=officer, reason="Mất điện", at=timezone.now())
    assert words(attempt) == [
        f"Started: Time until {clock(first)}",
        f"time changed: until {clock(attempt.deadline)} instead of {clock(first)}",
        f"Accommodation given to the person: 10 minutes more. Reason: Khuyết tật ({officer})",
        "Time was over: submitted with what was saved: ",
        "Graded: 0/4, not passed",
        "answers received late: question 2",
        f"time restored: question 2 now counts. Reason: Mất điện ({officer})",
        f"Grade changed: 1/4, not passed instead of 0/4, not passed. Reason: Mất điện ({officer})",
    ]


def test_the_trail_costs_the_same_however_much_happened(
    django_assert_max_num_queries: object,
) -> None:
    attempt = sitting()
    for number in range(30):
        answer(attempt, {1: True}, seq=number + 1, at=attempt.started_at + second(number))
    attempts.finish(attempt_id=attempt.pk, at=attempt.started_at + second(60))
    fresh = Attempt.objects.select_related("quiz", "enrolment").get(pk=attempt.pk)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(trail.of(fresh)) == 33
