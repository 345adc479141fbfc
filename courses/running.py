"""The states of a run: draft → open → running → closed, each step by compare-and-set."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from courses.models import Assessment, Course, CoursePage, CourseRun, LessonPage, RunLesson


class RunRefused(Exception):
    """Carries the reasons why the step cannot be taken, in words for people."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def open_run(*, run_id: int, at: datetime) -> CourseRun:
    """Open a drafted run for enrolment and freeze its rules and its list of lessons.

    Opening an opened run changes nothing. Raises RunRefused with every reason.
    """
    with transaction.atomic():
        run = (
            CourseRun.objects.select_for_update(of=("self",))
            .select_related("course")
            .get(pk=run_id)
        )
        if run.state != CourseRun.State.DRAFT:
            return run
        lessons = _published_lessons(run.course)
        if reasons := _reasons_against(run, lessons):
            raise RunRefused(*reasons)
        RunLesson.objects.bulk_create(
            RunLesson(
                run=run,
                page=page,
                order=order,
                seconds=page.seconds,
                share=run.course.watched_percent,
            )
            for order, page in enumerate(lessons, start=1)
        )
        run.frozen_rules = _rules_of(run.course)
        run.opened_at = at
        run.state = CourseRun.State.OPEN
        run.save(update_fields=["frozen_rules", "opened_at", "state"])
    return run


def close_run(*, run_id: int, at: datetime) -> CourseRun:
    """Close a run: no enrolment and no new evidence from then on. Raises RunRefused on a draft."""
    with transaction.atomic():
        run = CourseRun.objects.select_for_update().get(pk=run_id)
        if run.state == CourseRun.State.DRAFT:
            raise RunRefused(_("A draft is not closed; delete it or open it."))
        CourseRun.objects.filter(pk=run_id).update(state=CourseRun.State.CLOSED)
    run.refresh_from_db()
    return run


def _published_lessons(course: Course) -> list[LessonPage]:
    page = CoursePage.objects.filter(course=course).first()
    return list(LessonPage.objects.child_of(page).live().order_by("path")) if page else []


def _reasons_against(run: CourseRun, lessons: list[LessonPage]) -> list[str]:
    reasons = []
    if not lessons and run.mode != CourseRun.Mode.IN_PERSON:
        reasons.append(_("The course has no published lesson."))
    reasons += [
        _("The length of the video of “%(lesson)s” is not known.") % {"lesson": page.title}
        for page in lessons
        if not page.seconds
    ]
    return reasons


def _rules_of(course: Course) -> dict[str, object]:
    required = Assessment.objects.filter(course=course, required=True)
    return {
        "participation": course.participation_rule,
        "completion": course.completion_rule,
        "assessments": list(required.values_list("pk", flat=True)),
    }
