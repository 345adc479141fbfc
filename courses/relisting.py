"""Taking a lesson into an opened run, or out of it: an amendment like any other.

The checks of a lesson come and go with it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from courses import amending, asking, running
from courses.models import (
    Assessment,
    AssessmentResult,
    CourseRun,
    LessonPage,
    LessonProgress,
    RunLesson,
)
from courses.running import RunRefused


def take_in(
    *, run_id: int, page_id: int, by: Any, reason: str, at: datetime, seen: int | None = None
) -> RunLesson:
    """Add a published lesson of the course as the run's last one.

    Raises RunRefused, and LessonPage.DoesNotExist for a page that is no lesson of the course.
    """
    with transaction.atomic():
        run = amending.opened(run_id, seen=seen)
        page = next(
            (one for one in running.published_lessons(run.course) if one.pk == page_id), None
        )
        if page is None:
            raise LessonPage.DoesNotExist
        if not page.seconds:
            raise RunRefused(
                _("The length of the video of “%(lesson)s” is not known.") % {"lesson": page.title}
            )
        if present := run.lessons.filter(page=page).first():
            return present
        checks = _checks(page_id)
        if reasons := running.shortages([one for one in checks if one.required]):
            raise RunRefused(*reasons)
        last = run.lessons.aggregate(last=Max("order"))["last"] or 0
        lesson = RunLesson.objects.create(
            run=run,
            page=page,
            order=last + 1,
            seconds=page.seconds,
            share=run.course.watched_percent,
        )
        required = {one.pk for one in checks if one.required}.union(run.rules["assessments"])
        offered = {one.pk for one in checks}.union(running.offered(run))
        _ask_for(run, required=required, voluntary=offered - required)
        amending.write_down(
            run,
            lambda: _in_words(page.title, checks, ["–", _("taken in")]),
            by=by,
            reason=reason,
            at=at,
        )
        amending.settle_later(run, at=at)
    return lesson


def drop(
    *, run_id: int, page_id: int, by: Any, reason: str, at: datetime, seen: int | None = None
) -> None:
    """Take out a lesson that nobody has begun or been tested on; one that is out stays out.

    Raises RunRefused.
    """
    with transaction.atomic():
        run = amending.opened(run_id, seen=seen)
        # The row's lock makes who begins it at this moment wait.
        lesson = (
            run.lessons.select_for_update(of=("self",))
            .select_related("page")
            .filter(page=page_id)
            .first()
        )
        if lesson is None:
            return
        title = lesson.page.title
        if _begun(run).filter(pk=lesson.pk).exists():
            raise RunRefused(
                _("Somebody has begun “%(lesson)s”: it stays in the run.") % {"lesson": title}
            )
        if run.mode != CourseRun.Mode.IN_PERSON and run.lessons.count() == 1:
            raise RunRefused(_("The last lesson stays in the run."))
        lesson.delete()
        _close_the_gap(run, lesson.order)
        checks = _checks(page_id)
        offered = set(running.offered(run)) - {one.pk for one in checks}
        required = offered.intersection(run.rules["assessments"])
        _ask_for(run, required=required, voluntary=offered - required)
        if reasons := amending.never_met(run, run.rules):
            raise RunRefused(*reasons)
        amending.write_down(
            run,
            lambda: _in_words(title, checks, [_("in the run"), _("taken out")]),
            by=by,
            reason=reason,
            at=at,
        )
        amending.settle_later(run, at=at)


def published_since(run: CourseRun) -> list[LessonPage]:
    """The published lessons of the course that the run does not have."""
    present = set(run.lessons.values_list("page", flat=True))
    return [page for page in running.published_lessons(run.course) if page.pk not in present]


def not_begun(run: CourseRun) -> QuerySet[RunLesson]:
    """The lessons that can be taken out."""
    begun = _begun(run).order_by().values("pk")
    return run.lessons.exclude(pk__in=begun).select_related("page")


def _begun(run: CourseRun) -> QuerySet[RunLesson]:
    watched = LessonProgress.objects.filter(lesson__run=run).values("lesson")
    tested = Assessment.objects.filter(
        Q(pk__in=AssessmentResult.objects.filter(enrolment__run=run).values("assessment"))
        | Q(pk__in=asking.begun_assessments(run)),
        lesson__isnull=False,
    )
    return run.lessons.filter(Q(pk__in=watched) | Q(page__in=tested.values("lesson")))


def _checks(page_id: int) -> list[Assessment]:
    return list(Assessment.objects.filter(lesson=page_id).order_by("pk"))


def _ask_for(run: CourseRun, *, required: set[int], voluntary: set[int]) -> None:
    run.frozen_rules = run.rules | {
        "assessments": sorted(required),
        "voluntary": sorted(voluntary),
    }
    run.save(update_fields=["frozen_rules"])


def _in_words(lesson: str, checks: list[Assessment], change: list[str]) -> dict[str, list[str]]:
    said = {_("Lesson “%(lesson)s”") % {"lesson": lesson}: change}
    return said | {_("Test “%(test)s”") % {"test": one.title}: change for one in checks}


def _close_the_gap(run: CourseRun, order: int) -> None:
    # One by one, from below: the order is unique at every moment.
    for later in run.lessons.filter(order__gt=order).order_by("order"):
        later.order -= 1
        later.save(update_fields=["order"])
