"""Who may do what with courses: each a plain question, with its reason."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length, Substr

from courses.models import Course, CoursePage, Enrolment, LessonPage


def may_manage_course(*, user: Any, course: Course) -> bool:
    """Its trainers, because they teach it; DOST officers, because they answer for all."""
    if not user.is_authenticated:
        return False
    return bool(
        user.has_perm("courses.manage_all_runs") or course.trainers.filter(user=user).exists()
    )


def managed_courses(*, user: Any) -> QuerySet[Course]:
    """The courses that ``may_manage_course`` admits."""
    if user.has_perm("courses.manage_all_runs"):
        return Course.objects.all()
    return Course.objects.filter(trainers__user=user)


def managed_lessons(*, user: Any) -> QuerySet[LessonPage]:
    """The lessons of the courses that ``may_manage_course`` admits."""
    pages = CoursePage.objects.filter(course__in=managed_courses(user=user)).values("path")
    parent = Substr("path", 1, Length("path") - LessonPage.steplen)
    found: QuerySet[LessonPage] = LessonPage.objects.annotate(parent=parent)
    return found.filter(parent__in=pages).order_by("path")


def may_edit_page(*, user: Any, page: Any) -> bool:
    """A page of a course that one teaches; the catalogue itself and all courses for DOST officers.

    Asked for every button of every page in a listing, so it is read once for each request's user.
    """
    if user.has_perm("courses.manage_all_runs"):
        return True
    if not hasattr(user, "_taught_paths"):
        taught = CoursePage.objects.filter(course__in=managed_courses(user=user))
        user._taught_paths = tuple(taught.values_list("path", flat=True))
    return bool(page.path.startswith(user._taught_paths))


def may_open_lesson(*, user: Any, lesson: LessonPage) -> bool:
    """Who is enrolled in a run that has the lesson, and who manages its course."""
    if not user.is_authenticated:
        return False
    if (
        user.person_id
        and Enrolment.objects.active()
        .filter(person=user.person_id, run__lessons__page=lesson.pk)
        .exists()
    ):
        return True
    return may_manage_course(user=user, course=lesson.get_parent().specific.course)
