"""Who may enter a run: asked of one person or of hundreds at once, in as many statements."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from agencies.models import Agency, Level
from courses.models import Course, CourseRun, Enrolment
from people.models import AgencyRole

# Whether the run is open to a person who serves in that agency.
Audience = Callable[[int, Agency | None], bool]
Scope = Callable[[Agency | None], bool]


def staff_scope(by: Any) -> Scope:
    """For which agencies' people this user may enrol and decide: a DOST officer for all, because
    the Department answers for the programme; a focal point for the own agencies."""
    if by is None:
        return lambda agency: False
    if by.has_perm("courses.manage_all_runs"):
        return lambda agency: True
    own = set(AgencyRole.objects.filter(user=by).values_list("agency", flat=True))
    return lambda agency: agency is not None and agency.pk in own


def audience(run: CourseRun, *, person_ids: Collection[int]) -> Audience:
    """To whom the run is open. At most one statement."""
    if run.open_to == CourseRun.OpenTo.AGENCIES:
        return _among(set(run.agencies.values_list("pk", flat=True)))
    if run.open_to == CourseRun.OpenTo.PHASE:
        return _among(set(run.phase.agencies.values_list("pk", flat=True)) if run.phase else set())
    if run.open_to == CourseRun.OpenTo.LEVELS:
        return lambda _person, agency: agency is not None and agency.level in run.levels
    if run.open_to == CourseRun.OpenTo.INVITED:
        invited = set(
            run.invitations.filter(person__in=person_ids).values_list("person", flat=True)
        )
        return lambda person_id, _agency: person_id in invited
    return lambda _person, _agency: True


def _among(agency_ids: set[int]) -> Audience:
    return lambda _person, agency: agency is not None and agency.pk in agency_ids


def audience_in_words(run: CourseRun) -> str:
    """For whom the run is; empty where it is for everyone."""
    if run.open_to == CourseRun.OpenTo.LEVELS:
        levels = [str(Level(level).label) for level in run.levels]
        return _("For people of agencies of these levels: %(levels)s") % {
            "levels": ", ".join(levels)
        }
    return {
        CourseRun.OpenTo.AGENCIES: _("For people of certain agencies"),
        CourseRun.OpenTo.PHASE: _("For people of the agencies of its phase"),
        CourseRun.OpenTo.INVITED: _("For those invited"),
    }.get(CourseRun.OpenTo(run.open_to), "")


def missing_prerequisites(
    *, person_ids: Collection[int], course: Course
) -> dict[int, list[Course]]:
    """The courses that each of these people must complete before ``course``."""
    wanted = list(course.prerequisites.all())
    if not wanted:
        return {}
    completed: defaultdict[int, set[int]] = defaultdict(set)
    for person_id, course_id in Enrolment.objects.filter(
        person__in=person_ids, run__course__in=wanted, completed_at__isnull=False
    ).values_list("person", "run__course"):
        completed[person_id].add(course_id)
    lacking = {
        person_id: [one for one in wanted if one.pk not in completed[person_id]]
        for person_id in person_ids
    }
    return {person_id: courses for person_id, courses in lacking.items() if courses}


def refusal_of_newcomers(course: Course) -> str:
    """Why nobody who has not learned here yet can enter; empty where everybody can begin."""
    wanted = list(course.prerequisites.all())
    return _in_words(wanted) if wanted else ""


@dataclass(frozen=True)
class Conditions:
    """Why somebody cannot enter, whoever enrols; staff may pass the audience."""

    closed: str
    admits: Audience
    lacking: dict[int, list[Course]]

    def refusal(self, *, person_id: int, agency: Agency | None, by_staff: bool) -> str:
        """The reason in words; empty where nothing speaks against it."""
        if self.closed:
            return self.closed
        if courses := self.lacking.get(person_id):
            return _in_words(courses)
        if not by_staff and not self.admits(person_id, agency):
            return _("This run is not open to the people of this agency.")
        return ""


def conditions(run: CourseRun, *, person_ids: Sequence[int], on: date) -> Conditions:
    """What decides about these people on that day. At most three statements."""
    return Conditions(
        closed=closed(run, on=on),
        admits=audience(run, person_ids=person_ids),
        lacking=missing_prerequisites(person_ids=person_ids, course=run.course),
    )


def closed(run: CourseRun, *, on: date) -> str:
    """Why the run takes nobody on that day; empty where it does."""
    if not run.is_going_on or run.ends_on < on:
        return _("This run is not open for enrolment.")
    if run.enrol_until and run.enrol_until < on:
        return _("The last day of enrolment was %(day)s.") % {
            "day": run.enrol_until.strftime("%d/%m/%Y")
        }
    return ""


def _in_words(courses: list[Course]) -> str:
    return _("First complete: %(courses)s") % {
        "courses": "; ".join(course.title for course in courses)
    }
