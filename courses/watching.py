"""Watching a lesson: what the player reports becomes progress, as far as the clock allows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from courses import completion, spans
from courses.models import Enrolment, LessonProgress, RunLesson

# A player runs at double speed at most, reports every 5 s, and lines are late by a second or two.
FASTEST = 2.0
SLACK_SECONDS = 2.0
FIRST_REPORT_SECONDS = 12.0


@dataclass(frozen=True)
class Watched:
    """Progress of one lesson. ``percent`` and ``needed`` are whole percentages."""

    percent: int
    needed: int
    complete: bool
    covered: list[list[float]]
    seconds: float
    position: float


def record_watching(
    *, enrolment: Enrolment, page_id: int, raw_spans: Any, position: float, at: datetime
) -> Watched:
    """Add the spans a device played to what is known, and evaluate completion.

    More than the clock allows since the last report is not counted: a report is a claim.
    A closed run, or one that was left, takes no new evidence: what is known is returned. Raises
    RunLesson.DoesNotExist for a lesson that is not in the run, spans.InvalidSpans for anything
    that is no list of spans.
    """
    lesson = RunLesson.objects.get(run=enrolment.run_id, page=page_id)
    reported = spans.read(raw_spans, length=lesson.seconds)
    with transaction.atomic():
        # The enrolment's lock also orders two devices that report at once.
        held = Enrolment.objects.select_for_update(of=("self",)).select_related("run")
        goes_on = held.get(pk=enrolment.pk).goes_on
        progress = LessonProgress.objects.filter(enrolment=enrolment, lesson=lesson).first()
        if not goes_on:
            return watched(progress=progress, lesson=lesson)
        if progress is None:
            progress = LessonProgress(enrolment=enrolment, lesson=lesson, first_at=at)
            allowed = FIRST_REPORT_SECONDS
        else:
            elapsed = max(0.0, (at - progress.last_at).total_seconds())
            allowed = elapsed * FASTEST + SLACK_SECONDS
        new = spans.take(spans.subtract(reported, progress.spans), seconds=allowed)
        progress.spans = spans.merge([*progress.spans, *new])
        progress.seconds = spans.total(progress.spans)
        progress.position = min(max(0.0, position), float(lesson.seconds))
        progress.last_at = max(at, progress.last_at) if progress.pk else at
        done_now = not progress.completed_at and _enough(progress, lesson)
        if done_now:
            progress.completed_at = at
        progress.save()
        if done_now:
            completion.evaluate(enrolment_id=enrolment.pk, at=at)
    return watched(progress=progress, lesson=lesson)


def watched(*, progress: LessonProgress | None, lesson: RunLesson) -> Watched:
    """Progress of one lesson as the learner sees it; ``progress`` is None before the start."""
    if progress is None:
        return Watched(0, lesson.share, False, [], 0.0, 0.0)
    percent = int(progress.seconds * 100 // lesson.seconds) if lesson.seconds else 0
    return Watched(
        percent=min(percent, 100),
        needed=lesson.share,
        complete=progress.completed_at is not None,
        covered=progress.spans,
        seconds=progress.seconds,
        position=progress.position,
    )


def _enough(progress: LessonProgress, lesson: RunLesson) -> bool:
    return lesson.seconds > 0 and progress.seconds * 100 >= lesson.share * lesson.seconds
