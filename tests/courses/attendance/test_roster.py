from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.attendance import codes, roster
from courses.attendance.checking_in import check_in
from courses.attendance.refusing import AttendanceRefused, ReasonNeeded
from courses.models import Attendance, AttendanceChange, CourseRun, Enrolment, Session
from courses.running import close_run
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def session() -> Session:
    return factories.meeting(factories.RunFactory(), starts_in=-240)


def learners(session: Session, number: int) -> list[Enrolment]:
    return [factories.EnrolmentFactory(run=session.run) for _n in range(number)]


def enter(session: Session, marks: dict[int, bool], **values: Any) -> roster.Taken:
    what: dict[str, Any] = {"by": None, "at": NOW}
    return roster.enter(session_id=session.pk, marks=marks, **(what | values))


def present(session: Session) -> dict[int, bool]:
    return dict(Attendance.objects.filter(session=session).values_list("enrolment", "present"))


def test_the_list_is_in_the_order_of_given_names_without_who_has_withdrawn(
    session: Session,
) -> None:
    names = ["Lê Hoàng Ánh", "Trần Văn Đức", "Đặng Quốc Ổn", "Phạm Ngọc Ý", "Võ Thị An"]
    for name in reversed(names):
        factories.EnrolmentFactory(run=session.run, person=factories.PersonFactory(full_name=name))
    gone = Enrolment.objects.filter(person__full_name="Trần Văn Đức")
    gone.update(withdrawn_at=NOW)
    listed = [line.enrolment.person.full_name for line in roster.lines(session)]
    assert listed == ["Võ Thị An", "Lê Hoàng Ánh", "Đặng Quốc Ổn", "Phạm Ngọc Ý"]


def test_a_whole_class_is_entered_at_once_and_again_changes_nothing(session: Session) -> None:
    first, *others = learners(session, 5)
    marks = {first.pk: False} | {one.pk: True for one in others}
    by = factories.UserFactory(trainer=True)
    assert enter(session, marks, by=by) == roster.Taken(entered=5)
    assert enter(session, marks, by=by, at=NOW + timedelta(minutes=1)) == roster.Taken()
    assert present(session) == marks
    entry = Attendance.objects.get(enrolment=first)
    assert (entry.source, entry.entered_by, entry.entered_at) == ("roster", by, NOW)


def test_a_class_larger_than_a_batch_is_entered_whole(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "BATCH", 2)
    marks = {one.pk: True for one in learners(session, 5)}
    assert enter(session, marks).entered == 5


def test_a_later_change_carries_a_reason_and_what_stood_before(session: Session) -> None:
    (learner,) = learners(session, 1)
    enter(session, {learner.pk: True})
    change = {"marks": {learner.pk: False}, "shown": {learner.pk: True}}
    for empty in ("", " \n"):
        with pytest.raises(ReasonNeeded):
            enter(session, reason=empty, **change)
    assert present(session) == {learner.pk: True}

    by = factories.UserFactory(trainer=True)
    later = NOW + timedelta(hours=1)
    taken = enter(session, reason="Ký thay.", by=by, at=later, **change)
    assert taken == roster.Taken(changed=1)
    kept = AttendanceChange.objects.get()
    assert (kept.by, kept.at, kept.reason) == (by, later, "Ký thay.")
    assert (kept.present, kept.source) == (True, "roster")
    assert present(session) == {learner.pk: False}


def test_a_check_in_can_be_struck_out_by_hand(session: Session) -> None:
    (learner,) = learners(session, 1)
    at = session.starts_at
    code = codes.code_at(secret=session.secret, at=at)
    check_in(enrolment_id=learner.pk, session_id=session.pk, code=code, at=at)
    enter(session, {learner.pk: False}, shown={learner.pk: True}, reason="Không có mặt.")
    entry = Attendance.objects.get()
    assert (entry.present, entry.source, entry.label, entry.code_at) == (
        False,
        "roster",
        "",
        None,
    )
    assert entry.changes.get().source == "code"


def test_a_kept_change_is_never_altered(session: Session) -> None:
    (learner,) = learners(session, 1)
    enter(session, {learner.pk: True})
    enter(session, {learner.pk: False}, shown={learner.pk: True}, reason="Nhầm.")
    with pytest.raises(IntegrityError), transaction.atomic():
        AttendanceChange.objects.update(reason="Khác.")


def test_what_somebody_else_entered_meanwhile_stands(session: Session) -> None:
    first, second = learners(session, 2)
    # Both lists were shown empty; the other was saved first.
    enter(session, {first.pk: True, second.pk: False})
    taken = enter(session, {first.pk: False, second.pk: False}, reason="Không ký.")
    assert taken == roster.Taken(overtaken=1)
    assert present(session) == {first.pk: True, second.pk: False}


def test_who_is_not_on_the_list_is_passed_over(session: Session) -> None:
    (learner,) = learners(session, 1)
    foreign = factories.EnrolmentFactory()
    gone = factories.EnrolmentFactory(run=session.run)
    Enrolment.objects.filter(pk=gone.pk).update(withdrawn_at=NOW)
    marks = {learner.pk: True, foreign.pk: True, gone.pk: True, 10**17: True}
    assert enter(session, marks).entered == 1
    assert list(present(session)) == [learner.pk]


def test_a_meeting_that_has_not_begun_has_no_attendance() -> None:
    session = factories.meeting(factories.RunFactory(), starts_in=60)
    (learner,) = learners(session, 1)
    with pytest.raises(AttendanceRefused):
        enter(session, {learner.pk: True})
    assert not Attendance.objects.exists()


def test_the_staff_of_a_closed_run_still_enters_its_lists(session: Session) -> None:
    (learner,) = learners(session, 1)
    close_run(run_id=session.run_id, at=NOW)
    assert enter(session, {learner.pk: True}).entered == 1


def asking_for_attendance(percent: int) -> CourseRun:
    course = factories.CourseFactory(assessments=0)
    course.participation_rule = {"attendance": percent}
    course.completion_rule = {"attendance": 100}
    course.save()
    run: CourseRun = factories.RunFactory(course=course)
    return run


def test_a_list_makes_a_turn_at_the_end_of_the_meeting_and_a_change_takes_it_back() -> None:
    run = asking_for_attendance(50)
    first, _second = (factories.meeting(run, starts_in=-300 + 100 * n, minutes=60) for n in (0, 1))
    (learner,) = learners(first, 1)
    enter(first, {learner.pk: True})
    learner.refresh_from_db()
    assert (learner.participated_at, learner.completed_at) == (first.ends_at, None)
    enter(first, {learner.pk: False}, shown={learner.pk: True}, reason="Nhầm người.")
    learner.refresh_from_db()
    assert learner.participated_at is None


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(3)), corrected=st.sets(st.integers(0, 2)))
def test_any_order_of_lists_and_corrections_ends_in_the_same_state(
    order: list[int], corrected: set[int]
) -> None:
    with transaction.atomic():
        run = asking_for_attendance(60)
        sessions = [factories.meeting(run, starts_in=-600 + 100 * n, minutes=60) for n in range(3)]
        (learner,) = learners(sessions[0], 1)
        for place in order:
            right = place != 1
            wrong_first = place in corrected
            enter(sessions[place], {learner.pk: right != wrong_first})
            if wrong_first:
                enter(
                    sessions[place],
                    {learner.pk: right},
                    shown={learner.pk: not right},
                    reason="Nhầm.",
                )
        learner.refresh_from_db()
        assert learner.participated_at == sessions[2].ends_at
        assert learner.completed_at is None
        transaction.set_rollback(True)


def test_the_list_takes_two_statements_however_long_it_is(session: Session) -> None:
    learners(session, 3)
    with CaptureQueriesContext(connection) as asked:
        for line in roster.lines(session):
            assert line.enrolment.person.full_name
            assert line.enrolment.agency
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_two_trainers_save_the_same_list_at_once() -> None:
    session = factories.meeting(factories.RunFactory(), starts_in=-240)
    marks = {one.pk: True for one in learners(session, 4)}
    answers = together([partial(enter, session, marks), partial(enter, session, marks)])
    assert sorted(answer.entered for answer in answers) == [0, 4]
    assert present(session) == marks
