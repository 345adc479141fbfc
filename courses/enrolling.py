"""Enrolling people in a run: one, or hundreds in as many statements.

Whoever enrols, the run must be open and the prerequisites completed. By oneself, the run must be
open to one's agency, and may want the focal point's approval; a focal point for the own agency,
and a DOST officer for all, enrol past both. Nobody is enrolled past the seats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from courses import admitting, seating
from courses.models import Course, CourseRun, Enrolment, EnrolmentRequest
from people.models import Person

State = EnrolmentRequest.State
_LACKS = {
    State.ASKED: _lazy("The focal point of the agency has to approve this enrolment."),
    State.WAITING: _lazy("All seats of this run are taken."),
}


class EnrolmentRefused(Exception):
    """Carries the reason, in words for the person who asked."""


@dataclass(frozen=True)
class Enrolled:
    """``created`` is False when the person was enrolled before: a double click changes nothing."""

    enrolment: Enrolment
    created: bool


@dataclass(frozen=True)
class Asked:
    """The request waits for approval or for a seat; ``created`` as in ``Enrolled``."""

    request: EnrolmentRequest
    created: bool


@dataclass(frozen=True)
class Refused:
    """Nothing was changed, for this reason."""

    reason: str


Answer = Enrolled | Asked | Refused


def missing_prerequisites(*, person: Person, course: Course) -> list[Course]:
    """The courses that ``person`` must complete before ``course``."""
    lacking = admitting.missing_prerequisites(person_ids=[person.pk], course=course)
    return lacking.get(person.pk, [])


def enrol(*, person: Person, run_id: int, at: datetime, by: Any = None) -> Enrolled:
    """Enrol ``person`` now, from the agency in which the person serves on that day, or refuse.

    ``by`` None is the person. Who had withdrawn returns to the same enrolment. Raises
    EnrolmentRefused (run not open, full, approval or prerequisite missing) and
    CourseRun.DoesNotExist.
    """
    (answer,) = enrol_many(
        run_id=run_id, person_ids=[person.pk], at=at, by=by, queue=False
    ).values()
    if isinstance(answer, Enrolled):
        return answer
    raise EnrolmentRefused(answer.reason if isinstance(answer, Refused) else "")


def ask(*, person: Person, run_id: int, at: datetime, by: Any = None) -> Enrolled | Asked:
    """As ``enrol``; but where only an approval or a seat is missing, leave a request for it."""
    (answer,) = enrol_many(run_id=run_id, person_ids=[person.pk], at=at, by=by).values()
    if isinstance(answer, Refused):
        raise EnrolmentRefused(answer.reason)
    return answer


def enrol_many(
    *,
    run_id: int,
    person_ids: Sequence[int],
    at: datetime,
    by: Any = None,
    queue: bool = True,
) -> dict[int, Answer]:
    """The answer for each of these people, in their order, in one transaction.

    With ``queue``, whom only an approval or a seat is missing gets a request. Raises
    CourseRun.DoesNotExist.
    """
    with transaction.atomic():
        # The lock makes "is a seat left" and "take it" one step.
        run = seating.locked(run_id)
        return _Entering(run, list(dict.fromkeys(person_ids)), at, by, queue).answers()


class _Entering:
    """What is known of some people who want into a run, read under its lock."""

    def __init__(
        self, run: CourseRun, person_ids: list[int], at: datetime, by: Any, queue: bool
    ) -> None:
        self.run, self.person_ids, self.at, self.by, self.queue = run, person_ids, at, by, queue
        day = timezone.localdate(at)
        self.free = seating.fill(run, at=at)
        self.agencies = seating.agencies_on(person_ids=person_ids, day=day)
        self.conditions = admitting.conditions(run, person_ids=person_ids, on=day)
        self.in_scope = admitting.staff_scope(by)
        self.sitting = {
            one.person_id: one for one in run.enrolments.active().filter(person__in=person_ids)
        }
        self.requests = {
            one.person_id: one
            for one in run.requests.filter(
                person__in=person_ids, state__in=EnrolmentRequest.UNDECIDED
            )
        }

    def answers(self) -> dict[int, Answer]:
        found: dict[int, Answer] = {}
        seated: list[int] = []
        for person_id in self.person_ids:
            if person_id in self.sitting:
                found[person_id] = Enrolled(self.sitting[person_id], created=False)
            elif (asked := self.requests.get(person_id)) and not self._by_staff(person_id):
                found[person_id] = self._waits(asked)
            elif reason := self._refusal(person_id):
                found[person_id] = Refused(reason)
            elif self.run.needs_approval and not self._by_staff(person_id):
                found[person_id] = self._ask(person_id, State.ASKED)
            elif self.free == 0:
                found[person_id] = self._ask(person_id, State.WAITING)
            else:
                self.free = None if self.free is None else self.free - 1
                seated.append(person_id)
        found |= self._seat(seated)
        return {person_id: found[person_id] for person_id in self.person_ids}

    def _seat(self, person_ids: list[int]) -> dict[int, Answer]:
        if not person_ids:
            return {}
        by_id = self.by.pk if self.by else None
        answered = [self.requests[key].pk for key in person_ids if key in self.requests]
        if answered:
            EnrolmentRequest.objects.filter(pk__in=answered).update(decided_by=by_id)
        people = dict.fromkeys(person_ids, by_id)
        made = seating.seat(self.run, people=people, at=self.at, agencies=self.agencies)
        return {key: Enrolled(enrolment, created=True) for key, enrolment in made.items()}

    def _by_staff(self, person_id: int) -> bool:
        return self.in_scope(self.agencies.get(person_id))

    def _refusal(self, person_id: int) -> str:
        by_staff = self._by_staff(person_id)
        if not by_staff and self.by is not None and self.by.person_id != person_id:
            return _("Only DOST officers and the focal point of the own agency enrol others.")
        return self.conditions.refusal(
            person_id=person_id, agency=self.agencies.get(person_id), by_staff=by_staff
        )

    def _waits(self, request: EnrolmentRequest) -> Answer:
        if self.queue:
            return Asked(request, created=False)
        return Refused(str(_LACKS[State(request.state)]))

    def _ask(self, person_id: int, state: EnrolmentRequest.State) -> Answer:
        if not self.queue:
            return Refused(str(_LACKS[state]))
        request = self.requests.get(person_id)
        if request is None:
            request = EnrolmentRequest.objects.create(
                person_id=person_id,
                run=self.run,
                agency=self.agencies.get(person_id),
                state=state,
                asked_at=self.at,
                asked_by=self.by,
            )
            return Asked(request, created=True)
        if request.state == state:
            return Asked(request, created=False)
        # Staff enrol whom the focal point has not approved yet: the place in the queue stays.
        request.state, request.decided_at, request.decided_by = state, self.at, self.by
        request.save(update_fields=["state", "decided_at", "decided_by"])
        return Asked(request, created=True)
