"""A run at a glance, for its trainers and DOST officers: counted set by set, never by row."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import asking, plain_rules, run_learners
from courses.models import Assessment, AssessmentResult, Course, CourseRun
from jobs.pictures import Bar, Picture, PictureLine
from jobs.subqueries import how_many

PER_PAGE = 50


@dataclass(frozen=True)
class Section:
    """Figures as a table and as a picture; ``rows`` are a name, a hint and the numbers."""

    name: str
    heading: str
    columns: list[str]
    rows: list[tuple[str, str, list[int]]]
    longest: int
    empty: str

    @property
    def picture(self) -> Picture:
        _name, *headings = self.columns
        return Picture(
            name=self.name,
            title=_("%(heading)s, as bars. The table has the same figures.")
            % {"heading": self.heading},
            headings=headings,
            lines=[
                PictureLine(label, [Bar(number, max(self.longest, number)) for number in numbers])
                for label, _hint, numbers in self.rows
            ],
        )


def view(run: Any, *, request: HttpRequest) -> dict[str, Any]:
    """Context of the page: the same number of statements for ten learners and for 5,000.

    ``run`` comes from ``with_counts``.
    """
    asked = run_learners.Asked.of(request.GET)
    learners = Paginator(run_learners.found(run, asked), PER_PAGE)
    if asked == run_learners.Asked():
        learners.count = run.enrolled  # known already
    return {
        **parts(run, user=request.user),
        "today": timezone.localdate(),
        "sections": _sections(run, run.enrolled) if run.frozen_rules else [],
        "rules": _rules(run),
        "amendments": run.amendments.select_related("by__person"),
        "asked": asked,
        "states": run_learners.STATES,
        "learners": learners.get_page(request.GET.get("p")),
    }


def parts(run: CourseRun, *, user: Any) -> dict[str, Any]:
    """What the page's further parts show, each under a name of its own."""
    return {"links": asking.run_links(run, user)}


def _rules(run: CourseRun) -> list[tuple[str, str]]:
    frozen = run.frozen_rules
    participation = frozen["participation"] if frozen else run.course.participation_rule
    completion = frozen["completion"] if frozen else run.course.completion_rule
    return [
        (_("What counts as a turn"), plain_rules.in_words(participation)),
        (_("What completes the course"), plain_rules.in_words(completion)),
    ]


def _sections(run: CourseRun, enrolled: int) -> list[Section]:
    found = [_by_lesson(run, enrolled), _by_meeting(run, enrolled), _by_test(run, enrolled)]
    return [section for section in found if section.rows or section.empty]


def _by_lesson(run: CourseRun, enrolled: int) -> Section:
    here = Q(progress__enrolment__withdrawn_at__isnull=True)
    # Only these columns: what is counted is grouped by all that is read.
    lessons = (
        run.lessons.order_by("order")
        .values("order", "share", "page__title")
        .annotate(
            begun=Count("progress", filter=here),
            done=Count("progress", filter=here & Q(progress__completed_at__isnull=False)),
        )
    )
    return Section(
        name="lessons",
        heading=_("Progress by lesson"),
        columns=[_("Lesson"), _("Begun"), _("Watched")],
        rows=[
            (
                f"{one['order']}. {one['page__title']}",
                _("%(share)s %% to be watched") % {"share": one["share"]},
                [one["begun"], one["done"]],
            )
            for one in lessons
        ],
        longest=enrolled,
        empty=_("The run has no lessons.") if run.mode != CourseRun.Mode.IN_PERSON else "",
    )


def _by_meeting(run: CourseRun, enrolled: int) -> Section:
    present = Q(attendance__present=True, attendance__enrolment__withdrawn_at__isnull=True)
    meetings: Any = (
        run.sessions.held()
        .annotate(present=Count("attendance", filter=present))
        .order_by("starts_at", "pk")
    )
    return Section(
        name="meetings",
        heading=_("Attendance by class meeting"),
        columns=[_("Class meeting"), _("Present")],
        rows=[
            (
                one.title,
                timezone.localtime(one.starts_at).strftime("%H:%M %d/%m/%Y"),
                [one.present],
            )
            for one in meetings
        ],
        longest=enrolled,
        empty="" if run.mode == CourseRun.Mode.ONLINE else _("No class meeting is planned yet."),
    )


def _by_test(run: CourseRun, enrolled: int) -> Section:
    results = AssessmentResult.objects.filter(
        assessment=OuterRef("pk"), enrolment__run=run, enrolment__withdrawn_at__isnull=True
    )
    required = set(run.rules["assessments"])
    own = Course.objects.filter(pk=run.course_id)
    shown = Assessment.objects.of_courses(own).annotate(
        # One person may have a result online and another on paper.
        judged=how_many(results, per="assessment", what="enrolment"),
        passed=how_many(results.filter(passed=True), per="assessment", what="enrolment"),
    )
    rows = [
        (
            title,
            _("required") if key in required else _("voluntary"),
            [passed, judged - passed],
        )
        for key, title, passed, judged in shown.order_by("pk").values_list(
            "pk", "title", "passed", "judged"
        )
    ]
    return Section(
        name="tests",
        heading=_("Results"),
        columns=[_("Test"), _("Passed"), _("Not passed")],
        rows=rows,
        longest=enrolled,
        empty="",
    )
