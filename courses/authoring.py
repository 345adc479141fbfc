"""Making a course: its rules, its pages, its clips, its assessments, its runs."""

from collections.abc import Iterable
from datetime import date
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db import transaction
from django.utils.text import slugify

from agencies.models import AdministrativeUnit, Agency, Phase, StandardEdition
from courses.models import (
    Assessment,
    CataloguePage,
    Clip,
    Course,
    CoursePage,
    CourseRun,
    CourseTrainer,
    LessonPage,
)
from vietnamese.text import fold


def create_course(
    *,
    code: str,
    title: str,
    kind: Course.Kind,
    edition: StandardEdition,
    hours: int,
    prerequisites: Iterable[Course] = (),
    trainers: Iterable[Any] = (),
) -> Course:
    """A course with the default rules. Raises IntegrityError if the code is taken."""
    with transaction.atomic():
        course = Course.objects.create(
            code=code, title=title, kind=kind, edition=edition, hours=hours
        )
        course.prerequisites.set(prerequisites)
        for trainer in trainers:
            CourseTrainer.objects.create(course=course, user=trainer)
    return course


def publish_course(
    *, course: Course, summary: str, audience: str = "", body: str = "", by: Any = None
) -> CoursePage:
    """The course's page in the catalogue."""
    page = CoursePage(
        title=course.title,
        slug=_slug(course.code),
        course=course,
        summary=summary,
        audience=audience,
        body=body,
        show_in_menus=True,
    )
    published: CoursePage = _publish(page, parent=CataloguePage.objects.get(), by=by)
    return published


def keep_clip(*, title: str, file: BinaryIO, file_name: str, by: Any = None) -> Clip:
    """A video in the private storage, its length read from the file."""
    clip = Clip(title=title, type="video", uploaded_by_user=by)
    clip.file = File(file, name=file_name)
    clip.full_clean(exclude=["collection"])
    clip.save()
    return clip


def publish_lesson(
    *,
    course: Course,
    title: str,
    clip: Clip | None = None,
    youtube_id: str = "",
    seconds: int = 0,
    minutes: int = 30,
    objectives: str = "",
    clauses: str = "",
    captions: str = "",
    transcript: str = "",
    body: str = "",
    by: Any = None,
) -> LessonPage:
    """The next lesson of a course."""
    page = LessonPage(
        title=title,
        slug=_slug(title),
        clip=clip,
        youtube_id=youtube_id,
        seconds=seconds,
        minutes=minutes,
        objectives=objectives,
        clauses=clauses,
        captions=captions,
        transcript=transcript,
        body=body,
    )
    published: LessonPage = _publish(page, parent=course.page, by=by)
    return published


def add_assessment(
    *,
    course: Course | None = None,
    lesson: LessonPage | None = None,
    title: str,
    required: bool = True,
) -> Assessment:
    """A final assessment of a course, or a check of a lesson, whoever will judge it."""
    return Assessment.objects.create(course=course, lesson=lesson, title=title, required=required)


def draft_run(
    *,
    course: Course,
    name: str,
    starts_on: date,
    ends_on: date,
    mode: CourseRun.Mode = CourseRun.Mode.ONLINE,
    phase: Phase | None = None,
    territory: AdministrativeUnit | None = None,
    provider: str = "",
    capacity: int | None = None,
    supplementary: bool = False,
    trainers: Iterable[Any] = (),
    open_to: CourseRun.OpenTo = CourseRun.OpenTo.EVERYONE,
    agencies: Iterable[Agency] = (),
    levels: Iterable[str] = (),
    needs_approval: bool = False,
    enrol_until: date | None = None,
) -> CourseRun:
    """A run that can still be changed; ``running.open_run`` opens it."""
    with transaction.atomic():
        run = CourseRun.objects.create(
            course=course,
            name=name,
            starts_on=starts_on,
            ends_on=ends_on,
            mode=mode,
            phase=phase,
            territory=territory,
            provider=provider,
            capacity=capacity,
            supplementary=supplementary,
            open_to=open_to,
            levels=list(levels),
            needs_approval=needs_approval,
            enrol_until=enrol_until,
        )
        run.trainers.set(trainers)
        run.agencies.set(agencies)
    return run


def _slug(text: str) -> str:
    return slugify(fold(text))[:80].strip("-")


def _publish(page: Any, *, parent: Any, by: Any) -> Any:
    page.full_clean(exclude=["path", "depth", "url_path", "locale", "content_type"])
    parent.add_child(instance=page)
    page.save_revision(user=by).publish(user=by, skip_permission_checks=True)
    return page.__class__.objects.get(pk=page.pk)
