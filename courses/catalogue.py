"""What the catalogue and a course page show."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.utils import timezone

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
    """A run on a course page, with the visitor's own enrolment if there is one."""

    run: CourseRun
    enrolment: Enrolment | None
    full: bool


def course(*, page: CoursePage, request: HttpRequest) -> dict[str, Any]:
    """Context of a course page: its lessons, tests, runs and what the visitor still lacks.

    ``course, lessons, minutes, assessments, runs`` and ``missing`` (courses to complete first).
    """
    subject = page.course
    lessons = LessonPage.objects.child_of(page).live().order_by("path")
    person = request.user.person if request.user.is_authenticated else None
    own = (
        {
            enrolment.run_id: enrolment
            for enrolment in Enrolment.objects.filter(person=person, run__course=subject)
            .select_related("run")
        }
        if person
        else {}
    )
    today = timezone.localdate()
    runs = (
        CourseRun.objects.filter(course=subject)
        .filter(
            Q(pk__in=CourseRun.objects.open_for_enrolment(on=today).values("pk"))
            | Q(pk__in=list(own))
        )
        .annotate(taken=Count("enrolments"))
        .order_by("starts_on", "pk")
    )
    return {
        "course": subject,
        "lessons": list(lessons),
        "minutes": lessons.aggregate(total=Sum("minutes"))["total"] or 0,
        "assessments": list(Assessment.objects.filter(course=subject)),
        "prerequisites": list(subject.prerequisites.select_related("page")),
        "missing": missing_prerequisites(person=person, course=subject) if person else [],
        "runs": [
            RunLine(
                run, own.get(run.pk), run.capacity is not None and run.taken >= run.capacity
            )
            for run in runs
        ],
    }
