"""Checking in: a learner gives the code from the screen and is present."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from courses import completion
from courses.attendance import codes
from courses.attendance.refusing import AttendanceRefused
from courses.models import Attendance, CourseRun, Enrolment, Session

EARLIEST = timedelta(minutes=30)
LONGEST_DELAY = timedelta(hours=24)


@dataclass(frozen=True)
class CheckedIn:
    """``created`` is False where the learner had checked in, or was entered, before."""

    attendance: Attendance
    created: bool


def is_open(session: Session, *, at: datetime) -> bool:
    """Whether one can check in at that moment: from half an hour before, to the end."""
    return not session.cancelled_at and session.starts_at - EARLIEST <= at <= session.ends_at


def check_in(
    *,
    enrolment_id: int,
    session_id: int,
    code: str,
    at: datetime,
    code_at: datetime | None = None,
    claimed: bool = False,
) -> CheckedIn:
    """Enter a learner as present, once; a repeated check-in changes nothing.

    ``code_at`` is when the code was taken, ``at`` if it is not said. Where only the device says so
    (``claimed``) it may be a day ago, and the entry is labelled as delayed unless the code still
    holds. Raises AttendanceRefused, and DoesNotExist for an enrolment or meeting that is not of
    one run.
    """
    with transaction.atomic():
        # The enrolment's lock orders two devices that check in at once.
        held = Enrolment.objects.select_for_update(of=("self",)).select_related("run")
        enrolment = held.get(pk=enrolment_id)
        session = Session.objects.get(pk=session_id, run=enrolment.run_id)
        standing = Attendance.objects.filter(session=session, enrolment=enrolment).first()
        if standing and standing.present:
            return CheckedIn(standing, created=False)
        _refuse_enrolment(enrolment)
        if claimed and codes.is_right(secret=session.secret, code=code, at=at):
            code_at, claimed = at, False
        taken_at = code_at or at
        _refuse_time(session, taken_at, at)
        if not codes.is_right(secret=session.secret, code=code, at=taken_at):
            raise AttendanceRefused(
                _("This code does not hold, or no longer. Take the one on the screen now.")
            )
        if standing:
            raise AttendanceRefused(
                _("The trainer has entered you as absent. Please speak to the trainer.")
            )
        attendance = Attendance.objects.create(
            session=session,
            enrolment=enrolment,
            present=True,
            source=Attendance.Source.CODE,
            label=Attendance.Label.DELAYED if claimed else Attendance.Label.NONE,
            code_at=taken_at,
            entered_at=at,
        )
        completion.evaluate(enrolment_id=enrolment.pk, at=at)
    return CheckedIn(attendance, created=True)


def _refuse_enrolment(enrolment: Enrolment) -> None:
    if enrolment.withdrawn_at:
        raise AttendanceRefused(_("You have withdrawn from this run."))
    if enrolment.run.state == CourseRun.State.CLOSED:
        raise AttendanceRefused(_("This run is closed: nothing more is recorded in it."))


def _refuse_time(session: Session, taken_at: datetime, at: datetime) -> None:
    if session.cancelled_at:
        raise AttendanceRefused(_("This class meeting was cancelled."))
    if taken_at > at:
        raise AttendanceRefused(_("The clock of this device is wrong: load the page anew."))
    if at - taken_at > LONGEST_DELAY:
        raise AttendanceRefused(
            _("The check-in comes more than a day late. Please speak to the trainer.")
        )
    if not is_open(session, at=taken_at):
        raise AttendanceRefused(
            _("One can check in from half an hour before the class meeting to its end.")
        )
