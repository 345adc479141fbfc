"""Who may do what with courses: each a plain question, with its reason."""

from typing import Any

from courses.models import Course, Enrolment, LessonPage


def may_manage_course(*, user: Any, course: Course) -> bool:
    """Its trainers, because they teach it; DOST officers, because they answer for all."""
    if not user.is_authenticated:
        return False
    return bool(
        user.has_perm("courses.manage_all_runs") or course.trainers.filter(user=user).exists()
    )


def may_open_lesson(*, user: Any, lesson: LessonPage) -> bool:
    """Who is enrolled in a run that has the lesson, and who manages its course."""
    if not user.is_authenticated:
        return False
    if (
        user.person_id
        and Enrolment.objects.filter(person=user.person_id, run__lessons__page=lesson.pk).exists()
    ):
        return True
    return may_manage_course(user=user, course=lesson.get_parent().specific.course)
