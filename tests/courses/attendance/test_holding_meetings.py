from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from courses import reevaluating
from courses.attendance import checking_in, holding, roster
from courses.attendance.refusing import AttendanceRefused, ReasonNeeded
from courses.models import Attendance, Course, CourseRun, Session
from courses.running import close_run
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def held(run: CourseRun, **values: Any) -> Session:
    starts_at = NOW - timedelta(hours=4)
    what = {
        "title": "Buổi 1",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "place": "Hội trường A",
    }
    return holding.hold(run_id=run.pk, at=NOW, **(what | values))


def class_run(percent: int = 50) -> CourseRun:
    """A run whose turn asks for a share of the class minutes."""
    course: Course = factories.CourseFactory()
    course.participation_rule = {"attendance": percent}
    course.completion_rule = {"all": [{"attendance": 100}, {"assessments": "required"}]}
    course.save()
    run: CourseRun = factories.RunFactory(course=course)
    return run


def test_a_meeting_is_held_in_a_draft_and_in_an_opened_run() -> None:
    for opened in (False, True):
        session = held(factories.RunFactory(opened=opened))
        assert (session.title, session.minutes, session.revision) == ("Buổi 1", 180, 0)
        assert len(session.secret) == 40


@pytest.mark.parametrize(
    "values",
    [
        {"ends_at": NOW - timedelta(hours=5)},
        {"ends_at": NOW + timedelta(days=2)},
        {"starts_at": NOW - timedelta(days=300), "ends_at": NOW - timedelta(days=299.9)},
    ],
    ids=["ends before it begins", "takes days", "outside the run"],
)
def test_a_meeting_at_an_impossible_time_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(AttendanceRefused):
        held(factories.RunFactory(), **values)
    assert not Session.objects.exists()


def test_the_database_holds_that_a_meeting_ends_after_it_begins() -> None:
    session = held(factories.RunFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=session.pk).update(ends_at=session.starts_at)


def test_in_an_opened_run_a_change_is_an_amendment_with_its_reason() -> None:
    run = factories.RunFactory()
    by = factories.UserFactory(trainer=True)
    session = held(run)
    what = {"session_id": session.pk, "changes": {"place": "Hội trường B"}, "by": by, "at": NOW}
    for empty in ("", "  "):
        with pytest.raises(ReasonNeeded):
            holding.change(reason=empty, **what)
    changed = holding.change(reason="Hội trường A đang sửa.", **what)
    assert (changed.place, changed.revision) == ("Hội trường B", 1)
    amendment = run.amendments.get()
    assert (amendment.by, amendment.reason) == (by, "Hội trường A đang sửa.")
    assert list(amendment.changes.values()) == [["Hội trường A", "Hội trường B"]]
    assert "Buổi 1" in next(iter(amendment.changes))


def test_in_a_draft_a_change_needs_no_reason_and_leaves_no_amendment() -> None:
    run = factories.RunFactory(opened=False)
    session = held(run)
    holding.change(session_id=session.pk, changes={"title": "Buổi khai giảng"}, by=None, at=NOW)
    holding.cancel(session_id=session.pk, by=None, at=NOW)
    assert not run.amendments.exists()


def test_a_change_that_changes_nothing_leaves_nothing() -> None:
    run = factories.RunFactory()
    session = held(run)
    same = {"place": session.place, "starts_at": session.starts_at}
    unchanged = holding.change(session_id=session.pk, changes=same, by=None, at=NOW)
    assert unchanged.revision == 0
    assert not run.amendments.exists()


def test_cancelling_twice_is_cancelling_once() -> None:
    run = factories.RunFactory()
    session = held(run)
    with pytest.raises(ReasonNeeded):
        holding.cancel(session_id=session.pk, by=None, at=NOW)
    first = holding.cancel(session_id=session.pk, by=None, reason="Bão số 5.", at=NOW)
    later = NOW + timedelta(minutes=5)
    again = holding.cancel(session_id=session.pk, by=None, reason="Bão.", at=later)
    assert (first.cancelled_at, again.cancelled_at, again.revision) == (NOW, NOW, 1)
    assert run.amendments.count() == 1
    with pytest.raises(AttendanceRefused):
        holding.change(
            session_id=session.pk, changes={"place": "X"}, by=None, reason="Vì thế.", at=NOW
        )


def test_a_closed_run_keeps_its_meetings_as_they_are() -> None:
    run = factories.RunFactory()
    session = held(run)
    close_run(run_id=run.pk, at=NOW)
    with pytest.raises(AttendanceRefused):
        held(run)
    with pytest.raises(AttendanceRefused):
        holding.change(session_id=session.pk, changes={"place": "X"}, by=None, reason="r", at=NOW)
    with pytest.raises(AttendanceRefused):
        holding.cancel(session_id=session.pk, by=None, reason="r", at=NOW)


def test_cancelling_a_meeting_counts_for_everybody_when_it_is_settled() -> None:
    run = class_run(percent=100)
    first, second = held(run), held(run, title="Buổi 2")
    came, stayed_away = (factories.EnrolmentFactory(run=run) for _n in range(2))
    marks = {came.pk: True, stayed_away.pk: False}
    roster.enter(session_id=first.pk, marks=marks, by=None, at=NOW)
    came.refresh_from_db()
    assert came.participated_at is None

    holding.cancel(session_id=second.pk, by=None, reason="Bão.", at=NOW)
    assert reevaluating.unsettled(NOW) == 1
    came.refresh_from_db()
    stayed_away.refresh_from_db()
    assert (came.participated_at, stayed_away.participated_at) == (first.ends_at, None)
    assert reevaluating.unsettled(NOW) == 0


def test_a_new_meeting_raises_what_is_asked_of_everybody() -> None:
    run = class_run(percent=100)
    first = held(run)
    came = factories.EnrolmentFactory(run=run)
    roster.enter(session_id=first.pk, marks={came.pk: True}, by=None, at=NOW)
    came.refresh_from_db()
    assert came.participated_at == first.ends_at

    held(run, title="Buổi 2")
    assert reevaluating.unsettled(NOW) == 1
    came.refresh_from_db()
    assert came.participated_at is None


def test_what_was_entered_stays_when_a_meeting_is_cancelled() -> None:
    run = class_run()
    session = held(run)
    enrolment = factories.EnrolmentFactory(run=run)
    roster.enter(session_id=session.pk, marks={enrolment.pk: True}, by=None, at=NOW)
    holding.cancel(session_id=session.pk, by=None, reason="Nhập nhầm.", at=NOW)
    assert Attendance.objects.get().present
    with pytest.raises(AttendanceRefused):
        roster.enter(session_id=session.pk, marks={enrolment.pk: False}, by=None, at=NOW)


def test_a_meeting_that_somebody_has_attended_is_not_moved_into_the_future() -> None:
    run = class_run()
    session = held(run, starts_at=NOW - timedelta(minutes=5), ends_at=NOW + timedelta(hours=2))
    came = factories.EnrolmentFactory(run=run)
    next_week = {
        "starts_at": session.starts_at + timedelta(days=7),
        "ends_at": session.ends_at + timedelta(days=7),
    }
    what = {"session_id": session.pk, "by": None, "reason": "Mất điện.", "at": NOW}
    roster.enter(session_id=session.pk, marks={came.pk: True}, by=None, at=NOW)
    with override("en"), pytest.raises(AttendanceRefused, match="cancel"):
        holding.change(changes=next_week, **what)
    came.refresh_from_db()
    assert came.participated_at is not None
    assert not run.amendments.exists()

    soon = NOW + checking_in.EARLIEST
    assert holding.change(changes={"starts_at": soon}, **what).starts_at == soon
    absent = {"marks": {came.pk: False}, "shown": {came.pk: True}, "reason": "Không học."}
    roster.enter(session_id=session.pk, by=None, at=NOW, **absent)
    moved = holding.change(changes=next_week, **what)
    assert moved.starts_at == next_week["starts_at"]


def test_a_meeting_of_a_past_day_is_corrected_to_another_past_day() -> None:
    run = class_run()
    session = held(run)
    came = factories.EnrolmentFactory(run=run)
    roster.enter(session_id=session.pk, marks={came.pk: True}, by=None, at=NOW)
    day_before = {
        "starts_at": session.starts_at - timedelta(days=1),
        "ends_at": session.ends_at - timedelta(days=1),
    }
    holding.change(
        session_id=session.pk, changes=day_before, by=None, reason="Ghi nhầm ngày.", at=NOW
    )
    reevaluating.unsettled(NOW)
    came.refresh_from_db()
    assert came.participated_at == day_before["ends_at"]
