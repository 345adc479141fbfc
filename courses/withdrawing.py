"""Leaving a run, and moving to another of the same course; the history stays."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import admitting, seating
from courses.enrolling import EnrolmentRefused
from courses.models import CourseRun, Enrolment, EnrolmentEvent

Kind = EnrolmentEvent.Kind


def withdraw(*, enrolment_id: int, at: datetime, by: Any = None, reason: str = "") -> Enrolment:
    """End an enrolment; its seat goes to who waits longest. Withdrawing again changes nothing.

    ``by`` None is the learner, who can withdraw until the enrolment counts as a turn; staff give a
    reason. Raises EnrolmentRefused.
    """
    with transaction.atomic():
        run_id = Enrolment.objects.values_list("run", flat=True).get(pk=enrolment_id)
        run = seating.locked(run_id)
        enrolment = _locked(enrolment_id)
        if enrolment.withdrawn_at:
            return enrolment
        if refusal := _refusal(enrolment, run, at=at, by=by, reason=reason):
            raise EnrolmentRefused(refusal)
        _end(enrolment, Kind.WITHDRAWN, at=at, by=by, reason=reason.strip())
        seating.fill(run, at=at)
    return enrolment


def transfer(
    *, enrolment_id: int, to_run_id: int, at: datetime, by: Any, reason: str = ""
) -> Enrolment:
    """Move a learner to another run of the same course; the new enrolment.

    What was learnt stays with the old one. Transferring again gives the enrolment that stands.
    Raises EnrolmentRefused (other course, completed, run not open, no seat, not one's agency).
    """
    with transaction.atomic():
        from_run_id, person_id = Enrolment.objects.values_list("run", "person").get(pk=enrolment_id)
        # In the order of keys, so that two transfers between the same runs wait for each other.
        runs = {key: seating.locked(key) for key in sorted({from_run_id, to_run_id})}
        target = runs[to_run_id]
        old = _locked(enrolment_id)
        standing = target.enrolments.active().filter(person=person_id).first()
        if standing and (old.withdrawn_at or old == standing):
            return standing
        seating.fill(target, at=at)
        if refusal := _refusal_of_transfer(old, runs[from_run_id], target, standing, at=at, by=by):
            raise EnrolmentRefused(refusal)
        by_id = by.pk if by else None
        new = seating.seat(target, people={person_id: by_id}, at=at)[person_id]
        _end(old, Kind.TRANSFERRED_OUT, at=at, by=by, reason=reason.strip(), other=new)
        EnrolmentEvent.objects.create(
            enrolment=new, kind=Kind.TRANSFERRED_IN, at=at, by=by, other=old
        )
        seating.fill(runs[from_run_id], at=at)
    return new


def may_leave_alone(enrolment: Enrolment) -> bool:
    """Whether the learner can withdraw without asking anybody."""
    return not (
        enrolment.withdrawn_at or enrolment.participated_at or enrolment.completed_at
    ) and bool(enrolment.run.is_going_on)


def _locked(enrolment_id: int) -> Enrolment:
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("run", "agency")
    return rows.get(pk=enrolment_id)


def _refusal(enrolment: Enrolment, run: CourseRun, *, at: datetime, by: Any, reason: str) -> str:
    if enrolment.completed_at:
        return _("The course is completed: nobody withdraws from it any more.")
    if not run.is_going_on:
        return _("This run is closed.")
    if by is None or by.person_id == enrolment.person_id:
        if enrolment.participated_at:
            return _(
                "This enrolment counts as a training turn already: ask the focal point of the"
                " agency to withdraw it."
            )
        return ""
    if not admitting.staff_scope(by)(enrolment.agency):
        return _("Only DOST officers and the focal point of the own agency withdraw others.")
    return "" if reason.strip() else _("Give the reason of the withdrawal.")


def _refusal_of_transfer(
    old: Enrolment,
    source: CourseRun,
    target: CourseRun,
    standing: Enrolment | None,
    *,
    at: datetime,
    by: Any,
) -> str:
    if by is not None and not admitting.staff_scope(by)(old.agency):
        return _("Only DOST officers and the focal point of the own agency transfer others.")
    if source.course_id != target.course_id:
        return _("The other run is of another course.")
    if old.withdrawn_at:
        return _("This enrolment was withdrawn.")
    if old.completed_at:
        return _("The course is completed: there is nothing left to learn in another run.")
    if standing:
        return _("The person is already enrolled in the other run.")
    if reason := admitting.closed(target, on=timezone.localdate(at)):
        return reason
    return _("All seats of this run are taken.") if seating.left(target) == 0 else ""


def _end(
    enrolment: Enrolment,
    kind: EnrolmentEvent.Kind,
    *,
    at: datetime,
    by: Any,
    reason: str,
    other: Enrolment | None = None,
) -> None:
    enrolment.withdrawn_at = at
    enrolment.save(update_fields=["withdrawn_at"])
    EnrolmentEvent.objects.create(
        enrolment=enrolment, kind=kind, at=at, by=by, reason=reason, other=other
    )
