"""Working off a list in batches: who is new is created, everybody is enrolled, once.

1. ``start_list`` makes the list *going* and its progress row, in one transaction.
2. Each batch locks the progress row, the run and the agencies of those to be created, creates
   whom nobody has created meanwhile, enrols, and writes what became of each row.
3. Undoing goes the same way back, and leaves what something rests on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from courses import admitting, enrolling, seating
from courses.lists import matching
from courses.lists.refusing import ListRefused
from courses.models import CourseRun, EnrolmentList, EnrolmentListRow, Invitation
from jobs import progress
from jobs.models import Progress
from people.registering import Newcomer, register_people

State = EnrolmentListRow.State
Outcome = EnrolmentListRow.Outcome
KIND = "courses.list"
BATCH = 250


def start_list(*, list_id: int, by: Any, at: datetime) -> EnrolmentList:
    """Begin to enrol the people of a list; a list that was begun stays as it is.

    Raises ListRefused while a row waits for a decision, where nobody is left to enrol, and where
    the run takes nobody.
    """
    with transaction.atomic():
        found = (
            EnrolmentList.objects.select_for_update(of=("self",))
            .select_related("run")
            .get(pk=list_id)
        )
        if found.state != EnrolmentList.State.OPEN:
            return found
        if found.rows.filter(state__in=EnrolmentListRow.UNRESOLVED).exists():
            raise ListRefused(_("Some rows still wait for a decision."))
        wanted = found.rows.filter(state__in=EnrolmentListRow.WANTED).count()
        if not wanted:
            raise ListRefused(_("There is nobody in this list who could be enrolled."))
        if reason := _closed(found, found.run, at):
            raise ListRefused(reason)
        found.work = progress.begin(kind=KIND, total=wanted, at=at, by=by)
        found.state = EnrolmentList.State.GOING
        found.save(update_fields=["work", "state"])
    return found


def carry_on(*, list_id: int, at: datetime) -> bool:
    """Do one batch of what is under way with the list; False when nothing is left."""
    found = EnrolmentList.objects.get(pk=list_id)
    work_id = found.undoing_id if found.state == EnrolmentList.State.UNDOING else found.work_id
    return work_id is not None and progress.carry_on(progress_id=work_id, at=at)


def enrol_batch(work: Progress, at: datetime) -> int:
    """One batch (see ``jobs.progress``): how many rows were worked off."""
    found = EnrolmentList.objects.select_related("work__started_by").get(work=work)
    run = seating.locked(found.run_id)
    rows = list(
        found.rows.filter(state__in=EnrolmentListRow.WANTED, outcome="").order_by("number")[:BATCH]
    )
    if not rows:
        EnrolmentList.objects.filter(pk=found.pk).update(
            state=EnrolmentList.State.DONE, finished_at=at
        )
        return 0
    if reason := _closed(found, run, at):
        _refuse(rows, reason)
    else:
        _bring(rows, found, run, work, at)
    EnrolmentListRow.objects.bulk_update(
        rows, ["person", "created_person", "outcome", "note", "enrolment"]
    )
    return len(rows)


def _bring(
    rows: Sequence[EnrolmentListRow],
    found: EnrolmentList,
    run: CourseRun,
    work: Progress,
    at: datetime,
) -> None:
    """Create whom nobody knows, and enrol or invite everybody."""
    new = [row for row in rows if row.state == State.NEW and not row.person_id]
    reason = "" if found.invites else admitting.refusal_of_newcomers(run.course)
    if new and reason:
        _refuse(new, reason)  # nobody is created whom the run cannot take
    else:
        _create(new, work, at)
    known = [row for row in rows if row.person_id]
    if found.invites:
        _invite(known, run=run, by=work.started_by, at=at)
    else:
        _enrol(known, run_id=run.pk, by=work.started_by, at=at)


def _refuse(rows: Sequence[EnrolmentListRow], reason: str) -> None:
    for row in rows:
        row.outcome, row.note = Outcome.REFUSED, reason[:300]


def _closed(found: EnrolmentList, run: CourseRun, at: datetime) -> str:
    """Why nobody of the list can go on into the run; a draft can have its guests already."""
    if found.invites and run.state == CourseRun.State.DRAFT:
        return ""
    return admitting.closed(run, on=timezone.localdate(at))


def _invite(rows: Sequence[EnrolmentListRow], *, run: CourseRun, by: Any, at: datetime) -> None:
    """Who is invited already stays so."""
    Invitation.objects.bulk_create(
        [
            Invitation(run=run, person_id=person_id, invited_at=at, invited_by=by)
            for person_id in {row.person_id for row in rows if row.person_id}
        ],
        ignore_conflicts=True,
    )
    for row in rows:
        row.outcome = Outcome.INVITED


def _create(rows: Sequence[EnrolmentListRow], work: Progress, at: datetime) -> None:
    """Create whom no other list has created since the row was looked at.

    The agencies' locks make "is there such a person" and "create one" one step.
    """
    if not rows:
        return
    agency_ids = sorted({row.agency_id for row in rows if row.agency_id})
    list(Agency.objects.select_for_update(no_key=True).filter(pk__in=agency_ids).order_by("pk"))
    day = timezone.localdate(at)
    named = matching.people_named({row.name_key for row in rows}, on=day)
    new = []
    for row in rows:
        same = matching.exact(row, named.get(row.name_key, []))
        # Whom the officer saw and did not choose is another person.
        meant = [one.pk for one in same if one.pk not in row.candidates]
        if meant:
            row.person_id = meant[0]
        else:
            new.append(row)
    people = register_people(
        newcomers=[
            Newcomer(
                full_name=row.full_name,
                agency_id=row.agency_id or 0,
                date_of_birth=row.date_of_birth,
                position=row.position,
                email=row.email,
            )
            for row in new
        ],
        joined_on=day,
        at=at,
        by=work.started_by,
    )
    for row, person in zip(new, people, strict=True):
        row.person, row.created_person = person, True


def _enrol(rows: Sequence[EnrolmentListRow], *, run_id: int, by: Any, at: datetime) -> None:
    person_ids = [row.person_id for row in rows if row.person_id]
    answers = enrolling.enrol_many(run_id=run_id, person_ids=person_ids, at=at, by=by)
    told: set[int] = set()
    for row in rows:
        assert row.person_id
        answer = answers[row.person_id]
        again = row.person_id in told
        told.add(row.person_id)
        if isinstance(answer, enrolling.Enrolled):
            row.enrolment = answer.enrolment
            row.outcome = Outcome.ENROLLED if answer.created and not again else Outcome.SITTING
        elif isinstance(answer, enrolling.Asked):
            row.outcome = Outcome.WAITING
        else:
            row.outcome, row.note = Outcome.REFUSED, answer.reason[:300]
