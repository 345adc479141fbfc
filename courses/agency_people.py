"""The people of some agencies by course: who is enrolled, how far, who is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from agencies.models import Agency, Phase
from courses.enrolment_viewset import with_progress
from courses.models import CourseRun, Enrolment, EnrolmentRequest
from people.models import AgencyRole, Person, Posting

State = EnrolmentRequest.State


@dataclass(frozen=True)
class RunLine:
    """A run with how many of the agencies' people are how far in it."""

    run: CourseRun
    enrolled: int
    completed: int
    late: int
    asked: int


@dataclass(frozen=True)
class PersonLine:
    """A person who serves there, with what binds the person to the run.

    ``late`` is past the last day and not completed.
    """

    person: Person
    enrolment: Any
    request: EnrolmentRequest | None
    late: bool

    @property
    def can_be_enrolled(self) -> bool:
        """Nothing stands in the way that one can see from here."""
        asks = self.request is not None and self.request.state == State.WAITING
        return not asks and (self.enrolment is None or self.enrolment.withdrawn_at is not None)

    @property
    def can_be_reminded(self) -> bool:
        return self.enrolment is not None and not (
            self.enrolment.withdrawn_at or self.enrolment.completed_at
        )


def agencies_of(user: Any) -> QuerySet[Agency]:
    """Whose people the user looks after: the own agencies, or all for DOST officers."""
    if user.has_perm("courses.manage_all_runs"):
        return Agency.objects.all()
    return Agency.objects.filter(pk__in=AgencyRole.objects.filter(user=user).values("agency"))


def runs_for(user: Any) -> QuerySet[CourseRun]:
    """The runs under way that concern the agencies of the user: open to their people, or holding
    some of them already. All of them for DOST officers."""
    going = CourseRun.objects.filter(state__in=CourseRun.GOING_ON)
    if user.has_perm("courses.manage_all_runs"):
        return going
    own = agencies_of(user)
    levels = set(own.order_by().values_list("level", flat=True))
    of_levels = going.filter(open_to=CourseRun.OpenTo.LEVELS).values_list("pk", "levels")
    concerned = (
        Q(open_to=CourseRun.OpenTo.EVERYONE)
        | Q(open_to=CourseRun.OpenTo.AGENCIES)
        & Q(pk__in=CourseRun.agencies.through.objects.filter(agency__in=own).values("courserun"))
        | Q(open_to=CourseRun.OpenTo.PHASE) & Q(phase__in=Phase.objects.filter(agencies__in=own))
        | Q(pk__in=[pk for pk, wanted in of_levels if levels & set(wanted)])
        | Q(pk__in=Enrolment.objects.filter(agency__in=own).values("run"))
    )
    return going.filter(concerned)


def runs(found: QuerySet[CourseRun], agencies: Iterable[Agency], *, on: date) -> list[RunLine]:
    """Of these runs, those that take people or in which some are not finished. Two statements."""
    agencies = list(agencies)
    own = Q(enrolments__agency__in=agencies, enrolments__withdrawn_at__isnull=True)
    undone = own & Q(enrolments__completed_at__isnull=True)
    counted: Any = (
        found.select_related("course")
        .annotate(
            enrolled=Count("enrolments", filter=own),
            undone=Count("enrolments", filter=undone),
        )
        .filter(Q(ends_on__gte=on) | Q(undone__gt=0))
        .order_by("ends_on", "pk")
    )
    asked: Any = EnrolmentRequest.objects.filter(agency__in=agencies, state=State.ASKED).order_by()
    waiting = dict(asked.values("run").annotate(number=Count("pk")).values_list("run", "number"))
    return [
        RunLine(
            run=run,
            enrolled=run.enrolled,
            completed=run.enrolled - run.undone,
            late=run.undone if run.ends_on < on else 0,
            asked=waiting.get(run.pk, 0),
        )
        for run in counted
    ]


def people(agencies: Iterable[Agency], *, run: CourseRun, on: date) -> list[PersonLine]:
    """Everyone who serves there on that day, or is enrolled from there; the late ones first."""
    agencies = list(agencies)
    serving = Posting.objects.filter(agency__in=agencies).in_force(on=on).order_by()
    enrolled = run.enrolments.filter(agency__in=agencies)
    shown = Person.objects.filter(
        Q(pk__in=serving.values("person")) | Q(pk__in=enrolled.values("person"))
    )
    bound: dict[int, Enrolment] = {
        one.person_id: one
        for one in with_progress(run.enrolments.filter(person__in=shown.order_by().values("pk")))
    }
    requests = {
        one.person_id: one
        for one in run.requests.filter(
            person__in=shown.order_by().values("pk"), state__in=EnrolmentRequest.UNDECIDED
        )
    }
    lines = [
        PersonLine(
            person=person,
            enrolment=bound.get(person.pk),
            request=requests.get(person.pk),
            late=run.ends_on < on and _is_undone(bound.get(person.pk)),
        )
        for person in shown.order_by("sort_name", "pk")
    ]
    return sorted(lines, key=lambda line: not line.late)


def late_enrolments(agencies: Iterable[Agency], *, run: CourseRun, on: date) -> list[int]:
    """Those to be reminded at one press."""
    if run.ends_on >= on:
        return []
    undone = run.enrolments.active().filter(agency__in=list(agencies), completed_at__isnull=True)
    return list(undone.values_list("pk", flat=True))


def _is_undone(enrolment: Enrolment | None) -> bool:
    return enrolment is not None and not (enrolment.withdrawn_at or enrolment.completed_at)
