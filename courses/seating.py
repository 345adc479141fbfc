"""Seats of a run, under its lock: who sits, how many are left, who is next in the queue.

The caller holds the run's row (``locked``) and its transaction. People who have withdrawn take no
seats. Nobody is seated while somebody waits who asked earlier: ``fill`` comes first, always.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from courses import completion
from courses.models import CourseRun, Enrolment, EnrolmentEvent, EnrolmentRequest
from people.models import Posting

State = EnrolmentRequest.State


def locked(run_id: int) -> CourseRun:
    """The run's row for this transaction. Raises CourseRun.DoesNotExist."""
    return CourseRun.objects.select_for_update(of=("self",)).select_related("course").get(pk=run_id)


def agencies_on(*, person_ids: Collection[int], day: date) -> dict[int, Agency]:
    """Where each of these people served on that day; the latest posting wins."""
    postings = Posting.objects.filter(person__in=person_ids).in_force(on=day)
    found: dict[int, Agency] = {}
    for posting in postings.select_related("agency"):
        found.setdefault(posting.person_id, posting.agency)
    return found


def left(run: CourseRun) -> int | None:
    """How many seats nobody has taken; None where they are not limited."""
    if run.capacity is None:
        return None
    return max(0, run.capacity - run.enrolments.active().count())


def is_under_way(run: CourseRun, *, on: date) -> bool:
    return run.is_going_on and run.ends_on >= on


def fill(run: CourseRun, *, at: datetime) -> int | None:
    """Give free seats to those who wait, in the order in which they asked; what is left then."""
    free = left(run)
    if free == 0 or not is_under_way(run, on=timezone.localdate(at)):
        return free
    queue = run.requests.filter(state=State.WAITING).order_by("asked_at", "pk")
    first = list(queue if free is None else queue[:free])
    if first:
        decided_by = {one.person_id: one.decided_by_id or one.asked_by_id for one in first}
        seat(run, people=decided_by, at=at)
    return None if free is None else free - len(first)


def let_wait(run: CourseRun) -> None:
    """Nobody has to approve any more: who asked waits for a seat, at the place of that day."""
    run.requests.filter(state=State.ASKED).update(state=State.WAITING)


def turn_away(run: CourseRun, *, at: datetime) -> None:
    """The run is closed: who still waits or asks is refused, and is told so by mail."""
    run.requests.filter(state__in=EnrolmentRequest.UNDECIDED).update(
        state=State.REFUSED, decided_at=at, decided_by=None, reason=_("The run is closed.")
    )


def seat(
    run: CourseRun,
    *,
    people: Mapping[int, int | None],
    at: datetime,
    agencies: Mapping[int, Agency] | None = None,
) -> dict[int, Enrolment]:
    """Enrol these people, each with who enrols; none of them sits yet.

    Who had withdrawn returns to the same enrolment. Their open requests are answered by it.
    Whether there are seats is the caller's to know.
    """
    if agencies is None:
        agencies = agencies_on(person_ids=people, day=timezone.localdate(at))
    withdrawn = run.enrolments.filter(person__in=people, withdrawn_at__isnull=False)
    withdrawn = withdrawn.select_related("agency")
    returning = {one.person_id: one for one in withdrawn}
    _bring_back(returning, people=people, agencies=agencies, at=at)
    new = Enrolment.objects.bulk_create(
        Enrolment(
            person_id=person_id,
            run=run,
            agency=agencies.get(person_id),
            enrolled_at=at,
            enrolled_by_id=by_id,
        )
        for person_id, by_id in people.items()
        if person_id not in returning
    )
    run.requests.filter(person__in=people, state__in=EnrolmentRequest.UNDECIDED).update(
        state=State.ENROLLED, decided_at=at
    )
    return returning | {one.person_id: one for one in new}


def _bring_back(
    returning: Mapping[int, Enrolment],
    *,
    people: Mapping[int, int | None],
    agencies: Mapping[int, Agency],
    at: datetime,
) -> None:
    if not returning:
        return
    kept = [one.pk for one in returning.values()]
    Enrolment.objects.filter(pk__in=kept).update(withdrawn_at=None)
    EnrolmentEvent.objects.bulk_create(
        EnrolmentEvent(
            enrolment=one, kind=EnrolmentEvent.Kind.RETURNED, at=at, by_id=people[one.person_id]
        )
        for one in returning.values()
    )
    for one in returning.values():
        agency = agencies.get(one.person_id)
        if agency and agency != one.agency and not one.participated_at:
            # Who has no turn yet learns for the agency from which the person comes back.
            one.agency = agency
            one.save(update_fields=["agency"])
        # What became known meanwhile, such as the mark of work handed in before, counts again.
        evaluated = completion.evaluate(enrolment_id=one.pk, at=at)
        one.withdrawn_at = None
        one.participated_at, one.completed_at = evaluated.participated_at, evaluated.completed_at


def place_in_queue(request: EnrolmentRequest) -> int:
    """1 for the one who gets the next seat; 0 for a request that does not wait for a seat."""
    if request.state != State.WAITING:
        return 0
    before = Q(asked_at__lt=request.asked_at) | Q(asked_at=request.asked_at, pk__lt=request.pk)
    waiting = EnrolmentRequest.objects.filter(run=request.run_id, state=State.WAITING)
    return waiting.filter(before).count() + 1


def queues(run_ids: Collection[int]) -> dict[int, int]:
    """How many wait for a seat, by run."""
    if not run_ids:
        return {}
    waiting = EnrolmentRequest.objects.filter(run__in=run_ids, state=State.WAITING).order_by()
    counted: Any = waiting.values("run").annotate(number=Count("pk"))
    return dict(counted.values_list("run", "number"))
