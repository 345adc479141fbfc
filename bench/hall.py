"""The examination hall: learners who have watched everything, logged in, before a quiz of 20."""

import secrets
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils import timezone

from bench import town
from bench.sitting import Sitting
from certificates.models import IssuingRule, Register
from certificates.setting import certify_course
from courses.models import Course, Enrolment, LessonProgress
from demo.answering import right
from people.models import User
from people.sessions import PERSON_KEY
from quizzes.models import Question, Quiz

COURSE = "ISO9001-NT"


def quiz() -> Quiz:
    """The final test of the demo's first course: 20 questions."""
    found: Quiz = Quiz.objects.get(assessment__course__code=COURSE)
    return found


def seat(count: int) -> list[Sitting]:
    """New people for whom only the test is left; each with a session."""
    with transaction.atomic():
        _certify()
        people = town.learners(count, quiz_course_code=COURSE)
        _watch_everything(enrolment for _user, enrolment in people)
    found = quiz()
    return [place_at(quiz=found, user=user, enrolment=enrolment) for user, enrolment in people]


def place_at(*, quiz: Quiz, user: User, enrolment: Enrolment) -> Sitting:
    """Log the user in, before the start of the quiz."""
    return Sitting(
        session=_log_in(user),
        csrf=secrets.token_hex(16),
        start=reverse("quizzes:start", args=[enrolment.pk, quiz.pk]),
    )


def key() -> dict[str, Any]:
    """The right response to every question in use, by its text as the exam page shows it."""
    versions = [one.current for one in Question.objects.in_use().select_related("current")]
    found = {str(linebreaksbr(one.text, autoescape=True)): right(one) for one in versions if one}
    assert len(found) == len(versions), "two questions have the same text"
    return found


def _certify() -> None:
    """The demo certifies only the course whose test has 30 questions."""
    course = Course.objects.get(code=COURSE)
    if not IssuingRule.objects.filter(course=course).exists():
        certify_course(
            course=course, register=Register.objects.earliest("pk"), printed_title=course.title
        )


def _watch_everything(enrolments: Iterable[Enrolment]) -> None:
    now = timezone.now()
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=one, lesson=lesson, first_at=now, last_at=now, completed_at=now)
        for one in enrolments
        for lesson in one.run.lessons.all()
    )


def _log_in(user: User) -> str:
    """A session as logging in leaves it, without the seconds that a password costs."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[PERSON_KEY] = user.person_id
    # The cache outlives the benchmark.
    session.set_expiry(3600)
    session.create()
    return str(session.session_key)
