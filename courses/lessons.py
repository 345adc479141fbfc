"""What a lesson page shows to the learner, and in a preview to its author."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from courses import asking, running, watching
from courses.models import Assessment, Enrolment, LessonPage, LessonProgress, RunLesson


@dataclass(frozen=True)
class LessonLine:
    """A lesson in the list beside the video; ``url`` is empty while its page is not published."""

    lesson: RunLesson
    title: str
    minutes: int
    url: str
    progress: LessonProgress | None
    current: bool

    @property
    def complete(self) -> bool:
        return self.progress is not None and self.progress.completed_at is not None


def enrolment_for(*, person_id: int | None, page_id: int) -> Enrolment | None:
    """The enrolment in which the lesson is watched: the latest that is not completed, or the last.

    A lesson may belong to several runs in which a person took part over the years.
    """
    found = (
        Enrolment.objects.of_person(person_id)
        .filter(run__lessons__page=page_id)
        .select_related("run", "run__course")
        .order_by("-enrolled_at", "-pk")
    )
    every = list(found)
    return next((one for one in every if not one.completed_at), every[0] if every else None)


def lines(*, enrolment: Enrolment, current: int | None = None) -> list[LessonLine]:
    """The run's lessons with this learner's progress. Two statements for any number."""
    progress = {row.lesson_id: row for row in LessonProgress.objects.filter(enrolment=enrolment)}
    lessons = RunLesson.objects.filter(run=enrolment.run_id).select_related("page")
    return [
        LessonLine(
            lesson=lesson,
            title=lesson.page.title,
            minutes=lesson.page.minutes,
            url=(lesson.page.url or "") if lesson.page.live else "",
            progress=progress.get(lesson.pk),
            current=lesson.page_id == current,
        )
        for lesson in lessons.order_by("order")
    ]


@dataclass(frozen=True)
class Check:
    """A test of a lesson, and how the learner goes on with it."""

    assessment: Assessment
    action: asking.Action | None
    optional: bool


def checks(*, enrolment: Enrolment, page_id: int) -> list[Check]:
    """The tests of the lesson that the enrolment's run has taken over."""
    offered = running.offered(enrolment.run)
    found = Assessment.objects.filter(lesson=page_id, pk__in=offered).order_by("pk")
    required = enrolment.run.rules["assessments"]
    return [
        Check(one, asking.assessment_action(one, enrolment), optional=one.pk not in required)
        for one in found
    ]


def after(*, enrolment: Enrolment, listed: list[LessonLine]) -> str:
    """Where to go after the current lesson: the next one, else whatever the course still asks."""
    place = next(index for index, line in enumerate(listed) if line.current)
    following = listed[place + 1].url if place + 1 < len(listed) else ""
    return following or reverse("courses:next", args=[enrolment.pk])


def view(*, page: LessonPage, request: HttpRequest) -> dict[str, Any]:
    """Context of a lesson page.

    ``enrolment`` is None in a preview and for staff who only look: then nothing is recorded, and
    ``watch_url`` is empty.
    """
    person_id = request.user.person_id if request.user.is_authenticated else None
    preview = bool(getattr(request, "is_preview", False))
    enrolment = None if preview else enrolment_for(person_id=person_id, page_id=page.pk)
    context: dict[str, Any] = {
        "enrolment": enrolment,
        "recorded": enrolment is not None,
        "clip_url": reverse("courses:clip", args=[page.clip_id]) if page.clip_id else "",
        "captions_url": (
            reverse("courses:captions", args=[page.pk]) if page.captions and page.pk else ""
        ),
        "watch_url": "",
        "watched": None,
        "lines": [],
        "checks": [],
    }
    if enrolment is None:
        return context
    listed = lines(enrolment=enrolment, current=page.pk)
    current = next(line for line in listed if line.current)
    watched = watching.watched(progress=current.progress, lesson=current.lesson)
    context |= {
        "watch_url": reverse("api:watching", args=[enrolment.pk, page.pk]),
        "watched": watched,
        "covered": json.dumps(watched.covered),
        "seconds": current.lesson.seconds,
        "lines": listed,
        "checks": checks(enrolment=enrolment, page_id=page.pk),
        "current": current,
        "is_last": current is listed[-1],
        "next_url": after(enrolment=enrolment, listed=listed),
        "run_url": reverse("courses:enrolment", args=[enrolment.pk]),
    }
    return context
