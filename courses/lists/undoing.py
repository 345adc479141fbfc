"""Undoing a list within the hour: enrolments on which nothing rests are as if never made.

Who had come back by the list and has done nothing since is withdrawn again; what something rests
on stays, and the report says so. People whom the list created stay.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, Q
from django.utils.translation import gettext as _

from courses import seating
from courses.lists.refusing import ListRefused
from courses.models import (
    CourseRun,
    Enrolment,
    EnrolmentEvent,
    EnrolmentList,
    EnrolmentListRow,
    EnrolmentRequest,
)
from jobs import progress
from jobs.models import Progress

Outcome = EnrolmentListRow.Outcome
KIND = "courses.list_undo"
BATCH = 250
_DONE_BY_IT = (Outcome.ENROLLED, Outcome.WAITING, Outcome.INVITED)


def undo_list(*, list_id: int, by: Any, at: datetime) -> EnrolmentList:
    """Begin to undo a list; one that is being undone stays as it is. Raises ListRefused."""
    with transaction.atomic():
        found = EnrolmentList.objects.select_for_update(of=("self",)).get(pk=list_id)
        if found.state in (EnrolmentList.State.UNDOING, EnrolmentList.State.UNDONE):
            return found
        if not found.can_be_undone(at=at):
            raise ListRefused(_("A list can be undone within an hour after it was done."))
        total = found.rows.filter(outcome__in=_DONE_BY_IT).count()
        found.undoing = progress.begin(kind=KIND, total=total, at=at, by=by)
        found.state = EnrolmentList.State.UNDOING
        found.save(update_fields=["undoing", "state"])
    return found


def undo_batch(work: Progress, at: datetime) -> int:
    """One batch (see ``jobs.progress``): how many rows were looked at."""
    found = EnrolmentList.objects.select_related("work").get(undoing=work)
    run = seating.locked(found.run_id)
    rows = list(
        found.rows.filter(outcome__in=_DONE_BY_IT)
        .select_related("enrolment")
        .order_by("number")[:BATCH]
    )
    if not rows:
        EnrolmentList.objects.filter(pk=found.pk).update(state=EnrolmentList.State.UNDONE)
        seating.fill(run, at=at)
        return 0
    assert found.work
    _take_back_requests(rows, run, found.work, at)
    _withdraw_invitations(rows, run, found.work)
    _undo_enrolments(rows, run, found.work, at=at, by_id=work.started_by_id)
    EnrolmentListRow.objects.bulk_update(rows, ["outcome", "enrolment"])
    return len(rows)


def _reopen_requests(
    person_ids: Collection[int], run: CourseRun, work: Progress, at: datetime
) -> None:
    """Who had asked before the list came waits as before; an approval is given anew."""
    answered = run.requests.filter(
        person__in=person_ids,
        state=EnrolmentRequest.State.ENROLLED,
        asked_at__lt=work.started_at,
        decided_at__gte=work.started_at,
    )
    states = EnrolmentRequest.State
    before = states.ASKED if run.needs_approval else states.WAITING
    answered.update(state=before, decided_at=None, decided_by=None, told_at=None)
    if not run.is_going_on:
        seating.turn_away(run, at=at)


def _take_back_requests(
    rows: Sequence[EnrolmentListRow], run: CourseRun, work: Progress, at: datetime
) -> None:
    waiting = [row for row in rows if row.outcome == Outcome.WAITING]
    asked = run.requests.filter(
        person__in=[row.person_id for row in waiting],
        asked_by=work.started_by_id,
        asked_at__gte=work.started_at,
    )
    requests = asked.filter(state=EnrolmentRequest.State.WAITING)
    gone = set(requests.values_list("person", flat=True))
    requests.update(state=EnrolmentRequest.State.CANCELLED, decided_at=at)
    # Who got a seat meanwhile sits by this list as the others do.
    answered = asked.filter(state=EnrolmentRequest.State.ENROLLED).values("person")
    seated = {one.person_id: one for one in run.enrolments.filter(person__in=answered)}
    for row in waiting:
        row.outcome = Outcome.UNDONE if row.person_id in gone else Outcome.KEPT
        row.enrolment = seated.pop(row.person_id or 0, None)


def _withdraw_invitations(rows: Sequence[EnrolmentListRow], run: CourseRun, work: Progress) -> None:
    """Invitations of this list; whoever has enrolled by one meanwhile stays enrolled."""
    guests = [row for row in rows if row.outcome == Outcome.INVITED]
    run.invitations.filter(
        person__in=[row.person_id for row in guests],
        invited_by=work.started_by_id,
        invited_at__gte=work.started_at,
    ).delete()
    for row in guests:
        row.outcome = Outcome.UNDONE


def _undo_enrolments(
    rows: Sequence[EnrolmentListRow],
    run: CourseRun,
    work: Progress,
    *,
    at: datetime,
    by_id: int | None,
) -> None:
    made = {row.enrolment_id: row for row in rows if row.enrolment and row.enrolment_id}
    standing = Enrolment.objects.select_for_update(of=("self",)).in_bulk(list(made))
    resting = what_rests_on(standing)
    free = {
        pk
        for pk, one in standing.items()
        if one.enrolled_at >= work.started_at and not one.participated_at and pk not in resting
    }
    # Who had withdrawn before and came back by the list.
    back = [
        one
        for one in standing.values()
        if one.enrolled_at < work.started_at and not one.withdrawn_at and not one.participated_at
    ]
    learnt_since = what_rests_on([one.pk for one in back], since=work.started_at, until=at)
    back = [one for one in back if one.pk not in learnt_since]
    Enrolment.objects.filter(pk__in=[one.pk for one in back]).update(withdrawn_at=at)
    EnrolmentEvent.objects.bulk_create(
        EnrolmentEvent(
            enrolment=one,
            kind=EnrolmentEvent.Kind.WITHDRAWN,
            at=at,
            by_id=by_id,
            reason=_("The list was undone."),
        )
        for one in back
    )
    gone = free | {one.pk for one in back}
    for pk, row in made.items():
        row.outcome = Outcome.UNDONE if pk in gone else Outcome.KEPT
        row.enrolment = None if pk in free else row.enrolment
    # The rows point at them no more.
    EnrolmentListRow.objects.filter(enrolment__in=free).update(enrolment=None)
    Enrolment.objects.filter(pk__in=free).delete()
    _reopen_requests([standing[pk].person_id for pk in gone], run, work, at)


def what_rests_on(
    enrolment_ids: Collection[int], *, since: datetime | None = None, until: datetime | None = None
) -> set[int]:
    """Those to which any row of any room points, lists and having come back apart.

    With ``since`` and ``until``, only rows to which something happened after the one and not
    after the other: they bear a time between; a deadline still to come is none.
    """
    found: set[int] = set()
    for relation in Enrolment._meta.related_objects if enrolment_ids else ():
        model: Any = relation.related_model
        if model is EnrolmentListRow:
            continue
        name = relation.field.attname
        pointing = model._base_manager.filter(**{f"{name}__in": list(enrolment_ids)})
        if model is EnrolmentEvent:
            pointing = pointing.exclude(kind=EnrolmentEvent.Kind.RETURNED)
        if since and until:
            pointing = pointing.filter(_bears_a_time(model, since, until))
        found |= set(pointing.order_by().values_list(name, flat=True))
    return found


def _bears_a_time(model: Any, since: datetime, until: datetime) -> Q:
    found = Q(pk__in=[])
    for field in model._meta.fields:
        if isinstance(field, DateTimeField):
            found |= Q(**{f"{field.name}__gt": since, f"{field.name}__lte": until})
    return found
