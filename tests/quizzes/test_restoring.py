"""Late answers are evidence, and count once a person restores the time for a reason."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from courses.models import AssessmentResult, ResultRevision
from people.models import User
from quizzes import attempts, restoring, trail
from quizzes.models import Attempt, AttemptEvent, GradeRevision
from quizzes.regrading import regrade
from quizzes.restoring import RestoringRefused
from tests.factories import (
    CourseFactory,
    QuizFactory,
    UserFactory,
    answer,
    quiz_with_long_answer,
    sitting,
    version_in,
    written,
)

pytestmark = pytest.mark.django_db

RESTORED = AttemptEvent.Kind.TIME_RESTORED
REASON = "Mất điện từ 9 giờ 10 đến 9 giờ 25"


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def came_too_late(attempt: Attempt, responses: dict[int, Any], *, seq: int = 9) -> None:
    assert attempt.deadline
    answer(attempt, responses, seq=seq, at=attempt.deadline + timedelta(minutes=2))


def restore(attempt: Attempt, by: User, reason: str = REASON) -> list[int]:
    slots = restoring.restore(attempt_id=attempt.pk, by=by, reason=reason, at=timezone.now())
    attempt.refresh_from_db()
    return slots


def test_what_came_after_the_time_chosen_stays_evidence(officer: User) -> None:
    attempt = failed_by_a_power_cut()
    first = restoring.received_at(attempt.pk)[0]
    answer(attempt, {1: False, 2: False}, seq=99, at=first + timedelta(days=1))
    assert len(restoring.received_at(attempt.pk)) == 2
    restoring.restore(
        attempt_id=attempt.pk,
        by=officer,
        reason=REASON,
        at=timezone.now(),
        received_until=first,
    )
    attempt.refresh_from_db()
    assert attempt.score == 4
    assert restoring.received_at(attempt.pk) == [first + timedelta(days=1)]


def failed_by_a_power_cut() -> Attempt:
    """Two of four answers came in time, the other two too late; submitted by the sweep."""
    attempt = sitting(at=an_hour_ago())
    answer(attempt, {1: True, 2: True}, seq=1, at=attempt.started_at)
    came_too_late(attempt, {3: True, 4: True})
    attempts.finish_overdue(timezone.now())
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed) == (2, False)
    return attempt


def test_late_answers_change_no_grade_until_time_is_restored(officer: User) -> None:
    attempt = failed_by_a_power_cut()
    assert restore(attempt, officer) == [3, 4]
    assert (attempt.score, attempt.passed) == (4, True)
    result = AssessmentResult.objects.get(enrolment=attempt.enrolment)
    assert (result.score, result.passed) == (4, True)
    revision = ResultRevision.objects.get(result=result)
    assert (revision.score, revision.by, revision.reason) == (2, officer, REASON)


def test_who_restored_why_and_what_stays_on_record(officer: User) -> None:
    attempt = failed_by_a_power_cut()
    restore(attempt, officer)
    event = attempt.events.get(kind=RESTORED)
    assert event.detail == {"by": officer.pk, "reason": REASON, "slots": "3-4"}
    old = attempt.grade_revisions.get()
    assert (old.score, old.passed, old.by, old.reason) == (2, False, officer, REASON)
    # The evidence stays, and still shows when the answers came.
    assert attempt.late_answers.count() == 2
    assert attempt.deadline
    assert attempt.answers.get(slot=3).saved_at > attempt.deadline


def test_restoring_twice_changes_nothing_more(officer: User) -> None:
    attempt = failed_by_a_power_cut()
    restore(attempt, officer)
    assert restore(attempt, officer, reason="Lại một lần nữa") == []
    assert attempt.events.filter(kind=RESTORED).count() == 1
    assert GradeRevision.objects.count() == 1


def test_what_arrives_after_the_restoring_stays_late(officer: User) -> None:
    attempt = failed_by_a_power_cut()
    restore(attempt, officer)
    came_too_late(attempt, {1: False, 3: False}, seq=20)
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    attempt.refresh_from_db()
    assert attempt.score == 4
    assert attempt.answers.get(slot=3).response == attempt.answers.get(slot=2).response


def test_only_what_is_newer_than_what_is_held_counts_and_of_several_the_newest(
    officer: User,
) -> None:
    attempt = sitting(at=an_hour_ago())
    answer(attempt, {1: True, 2: True}, seq=10, at=attempt.started_at)
    came_too_late(attempt, {1: False, 2: False}, seq=3)
    came_too_late(attempt, {3: False, 4: True}, seq=11)
    came_too_late(attempt, {3: True}, seq=12)
    came_too_late(attempt, {4: False}, seq=4)
    attempts.finish_overdue(timezone.now())
    assert restore(attempt, officer) == [3, 4]
    assert dict(attempt.answers.values_list("slot", "seq")) == {1: 10, 2: 10, 3: 12, 4: 11}
    assert attempt.score == 4


def test_an_attempt_whose_time_is_over_is_submitted_first(officer: User) -> None:
    attempt = sitting(at=an_hour_ago())
    came_too_late(attempt, {1: True})
    assert restore(attempt, officer) == [1]
    assert attempt.submitted_at == attempt.deadline
    assert attempt.score == 1
    assert attempt.grade_revisions.get().score == 0


def test_an_attempt_that_still_runs_is_left_alone(officer: User) -> None:
    attempt = sitting()
    with pytest.raises(RestoringRefused, match="still runs"):
        restore(attempt, officer)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_without_late_answers_nothing_happens(officer: User) -> None:
    attempt = sitting()
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    assert restore(attempt, officer) == []
    assert not attempt.events.filter(kind=RESTORED).exists()


def test_a_reason_is_needed(officer: User) -> None:
    attempt = failed_by_a_power_cut()
    with pytest.raises(RestoringRefused, match="Say why"):
        restore(attempt, officer, reason=" ")
    attempt.refresh_from_db()
    assert attempt.score == 2


def test_a_trainer_restores_in_own_courses_only() -> None:
    attempt = failed_by_a_power_cut()
    with pytest.raises(Attempt.DoesNotExist):
        restore(attempt, UserFactory(trainer=True))
    trainer = UserFactory(trainer=True)
    own = sitting(quiz=QuizFactory(course=CourseFactory(trainers=[trainer])), at=an_hour_ago())
    came_too_late(own, {1: True})
    assert restore(own, trainer) == [1]


def test_if_the_grading_fails_nothing_is_taken_over(officer: User, monkeypatch: Any) -> None:
    attempt = failed_by_a_power_cut()

    def fails(**_values: Any) -> bool:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(restoring.regrading, "regrade", fails)
        with pytest.raises(ConnectionError):
            restore(attempt, officer)
    assert attempt.answers.count() == 2
    assert restore(attempt, officer) == [3, 4]


def test_a_long_answer_that_came_late_goes_to_the_markers(officer: User) -> None:
    attempt = sitting(quiz=quiz_with_long_answer(), at=an_hour_ago())
    kinds_by_slot = {slot: version_in(attempt, slot).kind for slot in (1, 2, 3)}
    long = next(slot for slot, kind in kinds_by_slot.items() if kind == "essay")
    came_too_late(attempt, {long: "Vì khách hàng."})
    attempts.finish_overdue(timezone.now())
    assert attempt.marking_tasks.count() == 0
    restore(attempt, officer)
    assert attempt.score is None
    task = attempt.marking_tasks.get()
    assert (task.slot, task.marked_at) == (long, None)


def test_what_a_marker_said_of_the_answer_that_is_replaced_does_not_count(officer: User) -> None:
    attempt = written(quiz_with_long_answer())
    task = attempt.marking_tasks.get()
    attempt.marking_tasks.update(
        marker=officer, marked_at=timezone.now(), points={"1": 4, "2": 6}, share="1"
    )
    regrade(attempt_id=attempt.pk, at=timezone.now(), by=None, reason="Đã chấm")
    came_too_late(attempt, {task.slot: "Một bài khác."})
    restore(attempt, officer)
    assert attempt.score is None
    assert attempt.grade_revisions.get().passed
    assert attempt.marking_tasks.get().marked_at is None


def test_what_a_marker_said_before_stays_on_record(officer: User) -> None:
    attempt = written(quiz_with_long_answer())
    task, marked_at = attempt.marking_tasks.get(), timezone.now()
    attempt.marking_tasks.update(
        marker=officer,
        marked_at=marked_at,
        points={"1": "3.5", "2": "6"},
        share="19/20",
        comment="Thiếu ví dụ.",
    )
    regrade(attempt_id=attempt.pk, at=timezone.now(), by=None, reason="Đã chấm")
    came_too_late(attempt, {task.slot: "Một bài khác."})
    restore(attempt, officer)
    detail: Any = attempt.events.get(kind=RESTORED).detail
    assert detail["marked"] == [
        {
            "slot": task.slot,
            "round": 1,
            "marker": officer.pk,
            "marked_at": marked_at.isoformat(),
            "points": {"1": "3.5", "2": "6"},
            "comment": "Thiếu ví dụ.",
        }
    ]
    with translation.override("en"):
        (line,) = [one for one in trail.of(attempt) if one.words == "Marking taken back"]
    assert line.detail.startswith(f"question {task.slot}: 9.5 points ({officer}, ")
    assert line.detail.endswith(". Thiếu ví dụ.")


def test_two_restorings_at_the_same_moment_are_both_kept(officer: User) -> None:
    attempt, now = failed_by_a_power_cut(), timezone.now()
    given: dict[str, Any] = {"attempt_id": attempt.pk, "by": officer, "reason": REASON, "at": now}
    assert restoring.restore(**given) == [3, 4]
    came_too_late(attempt, {1: False}, seq=20)
    assert restoring.restore(**given) == [1]
    assert attempt.events.filter(kind=RESTORED).count() == 2


def test_a_long_answer_that_was_emptied_asks_no_marker_any_more(officer: User) -> None:
    attempt = written(quiz_with_long_answer())
    slot = attempt.marking_tasks.get().slot
    came_too_late(attempt, {slot: ""})
    restore(attempt, officer)
    assert (attempt.answers.get(slot=slot).response, attempt.score) == (None, 2)
    assert attempt.marking_tasks.count() == 0
