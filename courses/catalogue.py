"""What the catalogue and a course page show."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from courses import admitting, seating, waiting
from courses.enrolling import missing_prerequisites
from courses.models import Assessment, Course, CoursePage, CourseRun, Enrolment, LessonPage


@dataclass(frozen=True)
class Card:
    """A course in a list: how long it is, which edition, when one can begin."""

    page: CoursePage
    course: Course
    lessons: int
    minutes: int
    next_run: CourseRun | None


def cards(pages: Any) -> list[Card]:
    """One card per course page; four statements for any number of courses."""
    found = list(pages.select_related("course", "course__edition").order_by("path"))
    today = timezone.localdate()
    runs: dict[int, CourseRun] = {}
    for run in (
        CourseRun.objects.filter(course__in=[page.course_id for page in found])
        .open_for_enrolment(on=today)
        .order_by("-starts_on")
    ):
        runs[run.course_id] = run  # the earliest, because it comes last
    lengths: dict[str, tuple[int, int]] = {}
    for path, minutes in LessonPage.objects.live().values_list("path", "minutes"):
        parent = path[: -LessonPage.steplen]
        count, total = lengths.get(parent, (0, 0))
        lengths[parent] = (count + 1, total + minutes)
    return [
        Card(page, page.course, *lengths.get(page.path, (0, 0)), runs.get(page.course_id))
        for page in found
    ]


def listing(*, page: Any, request: HttpRequest) -> dict[str, Any]:
    """Context of the catalogue: ``cards``."""
    return {"cards": cards(CoursePage.objects.child_of(page).live())}


@dataclass(frozen=True)
class RunLine:
    """A run on a course page, with the visitor's own enrolment if there is one.

    ``seats_left`` is None where seats are not limited; ``asked`` is what the visitor asks for.
    """

    run: CourseRun
    enrolment: Enrolment | None
    seats_left: int | None
    queue: int
    asked: waiting.Line | None
    for_whom: str


def course(*, page: CoursePage, request: HttpRequest) -> dict[str, Any]:
    """Context of a course page: its lessons, tests, runs and what the visitor still lacks.

    ``course, lessons, minutes, assessments, runs``, ``prerequisites`` and, of these, ``missing``
    (courses still to complete). Someone who ``is_person`` can enrol.
    """
    subject = page.course
    published = LessonPage.objects.child_of(page).live().order_by("path")
    lessons = list(published.defer("captions", "transcript", "body"))
    person = request.user.person if request.user.is_authenticated else None
    own = (
        {
            enrolment.run_id: enrolment
            for enrolment in Enrolment.objects.filter(
                person=person, run__course=subject
            ).select_related("run")
        }
        if person
        else {}
    )
    prerequisites = list(subject.prerequisites.select_related("page"))
    missing = missing_prerequisites(person=person, course=subject) if person else []
    today = timezone.localdate()
    runs: Any = (
        CourseRun.objects.filter(course=subject)
        .filter(
            Q(pk__in=CourseRun.objects.open_for_enrolment(on=today).values("pk"))
            | Q(pk__in=list(own))
        )
        .annotate(taken=Count("enrolments", filter=Q(enrolments__withdrawn_at__isnull=True)))
        .order_by("starts_on", "pk")
    )
    return {
        "course": subject,
        "lessons": lessons,
        "minutes": sum(lesson.minutes for lesson in lessons),
        "assessments": list(Assessment.objects.filter(course=subject)),
        "prerequisites": prerequisites,
        "missing": [one for one in prerequisites if one in missing],
        "is_person": person is not None,
        "runs": _lines(runs, own=own, person_id=person.pk if person else None),
    }


def _lines(runs: Any, *, own: dict[int, Enrolment], person_id: int | None) -> list[RunLine]:
    found = list(runs)
    queues = seating.queues([run.pk for run in found if run.capacity is not None])
    asked = {line.request.run_id: line for line in waiting.own_lines(person_id=person_id)}
    return [
        RunLine(
            run=run,
            enrolment=own.get(run.pk),
            seats_left=_seats_left(run, run.taken),
            queue=queues.get(run.pk, 0),
            asked=asked.get(run.pk),
            for_whom=admitting.audience_in_words(run),
        )
        for run in found
    ]


def _seats_left(run: CourseRun, taken: int) -> int | None:
    return None if run.capacity is None else max(0, run.capacity - taken)
