"""Holding class meetings: announced, changed and cancelled, in the open once the run is opened."""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses import amending
from courses.attendance.checking_in import EARLIEST
from courses.attendance.refusing import AttendanceRefused, ReasonNeeded
from courses.models import Attendance, CourseRun, Session

Said = Callable[[], dict[str, list[str]]]

LONGEST = timedelta(hours=24)
CHANGEABLE = ("title", "starts_at", "ends_at", "place", "trainer")


def hold(
    *,
    run_id: int,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    trainer: Any = None,
    at: datetime,
) -> Session:
    """Announce a meeting of a run. Raises AttendanceRefused, and CourseRun.DoesNotExist."""
    with transaction.atomic():
        run = _locked_run(run_id)
        session = Session(
            run=run,
            title=title,
            starts_at=starts_at,
            ends_at=ends_at,
            place=place,
            trainer=trainer,
            revised_at=at,
        )
        _check(session, run)
        session.save()
        _settle_later(run, at)
    return session


def change(
    *, session_id: int, changes: Mapping[str, Any], by: Any, reason: str = "", at: datetime
) -> Session:
    """Change some of ``CHANGEABLE``. What stays as it is is no change.

    In an opened run the change is written down as an amendment that learners see. Raises
    ReasonNeeded where that has no reason, AttendanceRefused, and Session.DoesNotExist.
    """
    with transaction.atomic():
        session, run = _locked(session_id)
        if session.cancelled_at:
            raise AttendanceRefused(_("This class meeting was cancelled; announce a new one."))
        before = copy(session)
        for field in CHANGEABLE:
            setattr(session, field, changes.get(field, getattr(session, field)))
        _check(session, run)
        if session.starts_at != before.starts_at:
            _refuse_attended(session, at)
        if any(getattr(before, field) != getattr(session, field) for field in CHANGEABLE):
            _amend(run, lambda: _differing(before, session), by=by, reason=reason, at=at)
            _revise(session, run, at, fields=CHANGEABLE)
    return session


def cancel(*, session_id: int, by: Any, reason: str = "", at: datetime) -> Session:
    """Call a meeting off: it asks nobody to come any more. Twice changes nothing.

    What was entered stays on record and no longer counts. Raises as ``change`` does.
    """
    with transaction.atomic():
        session, run = _locked(session_id)
        if session.cancelled_at:
            return session
        _refuse_closed(run)
        _amend(run, lambda: _called_off(session), by=by, reason=reason, at=at)
        session.cancelled_at = at
        _revise(session, run, at, fields=("cancelled_at",))
    return session


def _locked_run(run_id: int) -> CourseRun:
    run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    _refuse_closed(run)
    return run


def _locked(session_id: int) -> tuple[Session, CourseRun]:
    # The run's lock orders everything that is announced about it.
    run_id = Session.objects.values_list("run", flat=True).get(pk=session_id)
    run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    return Session.objects.select_related("trainer__person").get(pk=session_id), run


def _refuse_closed(run: CourseRun) -> None:
    if run.state == CourseRun.State.CLOSED:
        raise AttendanceRefused(_("The run is closed: its class meetings stay as they are."))


def _check(session: Session, run: CourseRun) -> None:
    _refuse_closed(run)
    if session.ends_at <= session.starts_at:
        raise AttendanceRefused(_("The end is not after the beginning."))
    if session.ends_at - session.starts_at > LONGEST:
        raise AttendanceRefused(_("A class meeting takes a day at most."))
    first, last = timezone.localdate(session.starts_at), timezone.localdate(session.ends_at)
    if first < run.starts_on or last > run.ends_on:
        raise AttendanceRefused(
            _("The class meeting lies outside the days of the run, %(first)s – %(last)s.")
            % {
                "first": date_format(run.starts_on, "SHORT_DATE_FORMAT"),
                "last": date_format(run.ends_on, "SHORT_DATE_FORMAT"),
            }
        )


def _refuse_attended(session: Session, at: datetime) -> None:
    if session.starts_at - EARLIEST <= at:
        return
    if Attendance.objects.filter(session=session, present=True).exists():
        raise AttendanceRefused(
            _(
                "People are entered as present, so this class meeting cannot be moved to a time "
                "that is still to come: cancel it and announce a new one."
            )
        )


def _amend(run: CourseRun, said: Said, *, by: Any, reason: str, at: datetime) -> None:
    if run.state == CourseRun.State.DRAFT:
        return
    if not reason.strip():
        raise ReasonNeeded(_("The run is opened: say why this changes; learners will see it."))
    amending.write_down(run, said, by=by, reason=reason, at=at)


def _revise(session: Session, run: CourseRun, at: datetime, *, fields: tuple[str, ...]) -> None:
    session.revised_at = at
    session.save(update_fields=[*fields, "revised_at"])
    Session.objects.filter(pk=session.pk).update(revision=F("revision") + 1)
    session.refresh_from_db(fields=["revision"])
    _settle_later(run, at)


def _settle_later(run: CourseRun, at: datetime) -> None:
    """Every meeting changes the share that each learner has attended."""
    if run.state != CourseRun.State.DRAFT:
        amending.settle_later(run, at=at)


def _called_off(session: Session) -> dict[str, list[str]]:
    held = _("held on %(time)s") % {"time": _moment(session.starts_at)}
    return {session.title: [held, _("cancelled")]}


def _differing(before: Session, after: Session) -> dict[str, list[str]]:
    old, new = _in_words(before), _in_words(after)
    return {
        f"{before.title}: {label}": [old[label], new[label]]
        for label in old
        if old[label] != new[label]
    }


def _in_words(session: Session) -> dict[str, str]:
    return {
        _("title"): session.title,
        _("begins at"): _moment(session.starts_at),
        _("ends at"): _moment(session.ends_at),
        _("place"): session.place,
        _("trainer"): str(session.trainer or "–"),
    }


def _moment(time: datetime) -> str:
    return date_format(timezone.localtime(time), "SHORT_DATETIME_FORMAT")
