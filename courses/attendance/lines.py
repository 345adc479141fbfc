"""What a learner sees of the class meetings of a run."""

from dataclasses import dataclass
from datetime import datetime

from courses.attendance.checking_in import EARLIEST, LONGEST_DELAY, is_open
from courses.models import Attendance, CourseRun, Enrolment, Session


@dataclass(frozen=True)
class MeetingLine:
    """A meeting with what is entered of this learner.

    ``state`` at that moment is ``present``, ``absent``, ``cancelled``, ``open`` (one can check in),
    ``ahead`` or ``over`` (nothing is entered).
    """

    session: Session
    attendance: Attendance | None
    state: str
    at: datetime

    @property
    def may_wait_on_device(self) -> bool:
        """Whether this learner's device may still hold a code that counts."""
        return self.state in ("open", "over") and self.at <= self.session.ends_at + LONGEST_DELAY

    @property
    def opens_at(self) -> datetime:
        return self.session.starts_at - EARLIEST


def of_enrolment(enrolment: Enrolment, *, at: datetime) -> list[MeetingLine]:
    """The meetings of the learner's run, in the order of time. Two statements."""
    entered = {row.session_id: row for row in Attendance.objects.filter(enrolment=enrolment)}
    sessions = Session.objects.filter(run=enrolment.run_id).select_related("trainer__person")
    sessions = sessions.order_by("starts_at", "pk")
    return [_line(one, entered.get(one.pk), enrolment.run, at) for one in sessions]


def of_meeting(session: Session, enrolment: Enrolment, *, at: datetime) -> MeetingLine:
    """One of them."""
    entered = Attendance.objects.filter(session=session, enrolment=enrolment).first()
    return _line(session, entered, enrolment.run, at)


def open_now(*, person_id: int | None, at: datetime) -> list[MeetingLine]:
    """The meetings at which this person can check in, or has."""
    enrolments = {
        one.run_id: one
        for one in Enrolment.objects.of_person(person_id)
        .active()
        .filter(run__state__in=CourseRun.GOING_ON)
        .select_related("run")
    }
    sessions = Session.objects.filter(
        run__in=enrolments, starts_at__lte=at + EARLIEST, ends_at__gte=at
    )
    return [
        of_meeting(one, enrolments[one.run_id], at=at)
        for one in sessions.held().select_related("run__course").order_by("starts_at", "pk")
    ]


def _line(
    session: Session, attendance: Attendance | None, run: CourseRun, at: datetime
) -> MeetingLine:
    if session.cancelled_at:
        state = "cancelled"
    elif attendance:
        state = "present" if attendance.present else "absent"
    elif is_open(session, at=at) and run.is_going_on:
        state = "open"
    else:
        state = "ahead" if at < session.starts_at else "over"
    return MeetingLine(session, attendance, state, at)
