from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.attendance import codes, holding, roster
from courses.attendance.checking_in import EARLIEST, CheckedIn, check_in
from courses.attendance.refusing import AttendanceRefused
from courses.models import Attendance, Enrolment, Session
from courses.running import close_run
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return factories.meeting(factories.RunFactory())


@pytest.fixture
def enrolment(session: Session) -> Enrolment:
    enrolment: Enrolment = factories.EnrolmentFactory(run=session.run)
    return enrolment


def give(
    enrolment: Enrolment, session: Session, *, taken: datetime, at: datetime, **values: Any
) -> CheckedIn:
    code = codes.code_at(secret=session.secret, at=taken)
    return check_in(enrolment_id=enrolment.pk, session_id=session.pk, code=code, at=at, **values)


def test_the_code_on_the_screen_makes_one_present(session: Session, enrolment: Enrolment) -> None:
    now = timezone.now()
    checked_in = give(enrolment, session, taken=now, at=now)
    attendance = checked_in.attendance
    assert checked_in.created
    assert (attendance.present, attendance.source, attendance.label) == (True, "code", "")
    assert (attendance.code_at, attendance.entered_at, attendance.entered_by) == (now, now, None)


def test_checking_in_again_changes_nothing(session: Session, enrolment: Enrolment) -> None:
    now = timezone.now()
    first = give(enrolment, session, taken=now, at=now)
    later = now + timedelta(seconds=30)
    again = give(enrolment, session, taken=later, at=later)
    wrong = check_in(
        enrolment_id=enrolment.pk, session_id=session.pk, code="000000", at=now + timedelta(days=2)
    )
    assert not again.created
    assert not wrong.created
    assert again.attendance.entered_at == wrong.attendance.entered_at == now
    assert first.attendance.pk == Attendance.objects.get().pk


def test_a_photographed_code_is_dead_within_a_minute(
    session: Session, enrolment: Enrolment
) -> None:
    now = timezone.now()
    with pytest.raises(AttendanceRefused):
        give(enrolment, session, taken=now, at=now + timedelta(seconds=60))
    with pytest.raises(AttendanceRefused):
        give(enrolment, session, taken=now, at=now - timedelta(seconds=60))
    assert not Attendance.objects.exists()


def test_the_code_of_another_meeting_does_not_hold(session: Session, enrolment: Enrolment) -> None:
    now = timezone.now()
    other = factories.meeting(session.run)
    code = codes.code_at(secret=other.secret, at=now)
    with pytest.raises(AttendanceRefused):
        check_in(enrolment_id=enrolment.pk, session_id=session.pk, code=code, at=now)


def test_a_meeting_of_another_run_is_not_there(enrolment: Enrolment) -> None:
    foreign = factories.meeting(factories.RunFactory())
    now = timezone.now()
    with pytest.raises(Session.DoesNotExist):
        give(enrolment, foreign, taken=now, at=now)


@pytest.mark.parametrize(
    ("minutes", "admitted"), [(-31, False), (-29, True), (0, True), (179, True), (181, False)]
)
def test_one_checks_in_from_half_an_hour_before_to_the_end(
    session: Session, enrolment: Enrolment, minutes: int, admitted: bool
) -> None:
    at = session.starts_at + timedelta(minutes=minutes)
    if admitted:
        assert give(enrolment, session, taken=at, at=at).created
    else:
        with pytest.raises(AttendanceRefused):
            give(enrolment, session, taken=at, at=at)


def withdraw(enrolment: Enrolment, session: Session) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(withdrawn_at=timezone.now())


def close(enrolment: Enrolment, session: Session) -> None:
    close_run(run_id=session.run_id, at=timezone.now())


def cancel(enrolment: Enrolment, session: Session) -> None:
    holding.cancel(session_id=session.pk, by=None, reason="Bão.", at=timezone.now())


def enter_absent(enrolment: Enrolment, session: Session) -> None:
    roster.enter(session_id=session.pk, marks={enrolment.pk: False}, by=None, at=timezone.now())


@pytest.mark.parametrize("happened", [withdraw, close, cancel, enter_absent])
def test_a_check_in_does_not_go_against_what_was_decided(
    session: Session, enrolment: Enrolment, happened: Callable[[Enrolment, Session], None]
) -> None:
    happened(enrolment, session)
    now = timezone.now()
    with pytest.raises(AttendanceRefused):
        give(enrolment, session, taken=now, at=now)
    assert not Attendance.objects.filter(present=True).exists()


def test_a_check_in_sent_later_is_taken_with_its_label(
    session: Session, enrolment: Enrolment
) -> None:
    taken = session.starts_at + timedelta(minutes=5)
    at = taken + timedelta(hours=6)
    entered = give(enrolment, session, taken=taken, at=at, code_at=taken, claimed=True).attendance
    assert (entered.label, entered.code_at, entered.entered_at) == ("delayed", taken, at)


def test_a_check_in_sent_at_once_after_a_hiccup_is_not_delayed(
    session: Session, enrolment: Enrolment
) -> None:
    now = timezone.now()
    entered = give(
        enrolment, session, taken=now, at=now, code_at=now - timedelta(seconds=2), claimed=True
    ).attendance
    assert (entered.label, entered.code_at) == ("", now)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claimed_minutes=st.floats(min_value=-600, max_value=600),
    sent_minutes=st.floats(min_value=-600, max_value=3000),
    off_seconds=st.sampled_from([-60, 0, 0, 0, 60]),
)
def test_a_claim_holds_only_for_the_right_code_at_a_plausible_time(
    session: Session,
    enrolment: Enrolment,
    claimed_minutes: float,
    sent_minutes: float,
    off_seconds: int,
) -> None:
    claimed_at = session.starts_at + timedelta(minutes=claimed_minutes)
    at = session.starts_at + timedelta(minutes=sent_minutes)
    code = codes.code_at(secret=session.secret, at=claimed_at + timedelta(seconds=off_seconds))
    right_now = codes.is_right(secret=session.secret, code=code, at=at)
    moment = at if right_now else claimed_at
    plausible = (
        session.starts_at - EARLIEST <= moment <= session.ends_at
        and timedelta() <= at - moment <= timedelta(hours=24)
        and codes.is_right(secret=session.secret, code=code, at=moment)
    )
    with transaction.atomic():
        try:
            check_in(
                enrolment_id=enrolment.pk,
                session_id=session.pk,
                code=code,
                at=at,
                code_at=claimed_at,
                claimed=True,
            )
        except AttendanceRefused:
            assert not plausible
        else:
            assert plausible
        transaction.set_rollback(True)


def test_who_checked_in_was_present_says_the_database(
    session: Session, enrolment: Enrolment
) -> None:
    now = timezone.now()
    give(enrolment, session, taken=now, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.update(present=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.create(
            session=session, enrolment=enrolment, present=True, source="roster", entered_at=now
        )


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_make_one_entry() -> None:
    session = factories.meeting(factories.RunFactory())
    enrolment = factories.EnrolmentFactory(run=session.run)
    now = timezone.now()
    answers = together([partial(give, enrolment, session, taken=now, at=now)] * 4)
    assert sorted(answer.created for answer in answers) == [False, False, False, True]
    assert Attendance.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_check_in_and_the_list_at_once_leave_one_entry_and_no_silent_change() -> None:
    session = factories.meeting(factories.RunFactory())
    enrolment = factories.EnrolmentFactory(run=session.run)
    now = timezone.now()
    checking, entering = together(
        [
            partial(give, enrolment, session, taken=now, at=now),
            partial(
                roster.enter, session_id=session.pk, marks={enrolment.pk: False}, by=None, at=now
            ),
        ]
    )
    entry = Attendance.objects.get()
    if entry.present:
        assert (checking.created, entering.overtaken) == (True, 1)
    else:
        assert isinstance(checking, AttendanceRefused)
        assert entering.entered == 1
    assert not entry.changes.exists()
