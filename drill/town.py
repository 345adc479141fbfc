"""Who sits the test: people with accounts, enrolled, every lesson watched, logged in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.utils import timezone

from agencies.models import Agency
from courses.authoring import draft_run
from courses.models import CourseRun, Enrolment, LessonProgress
from courses.running import open_run
from demo.answering import right
from demo.names import invent
from people.models import Person, Posting, User
from quizzes.models import QuestionVersion, Quiz
from vietnamese.text import fold, sort_key

COURSE = "ISO9001-ĐGNB"
BATCH = 1000


@dataclass(frozen=True)
class Learner:
    """Somebody who stands on the page before the test; ``session`` is the cookie."""

    number: int
    enrolment: int
    session: str


def prepare(*, people: int, minutes: int) -> tuple[Quiz, list[Learner]]:
    """A run of its own with so many people, and the course's quiz with this time limit.

    Written as rows: how people come in, watch and log in is measured elsewhere.
    """
    now = timezone.now()
    quiz = Quiz.objects.get(assessment__course__code=COURSE)
    Quiz.objects.filter(pk=quiz.pk).update(minutes=minutes, published_at=now - timedelta(days=1))
    quiz.refresh_from_db()
    run = open_today(quiz)
    with transaction.atomic():
        enrolled = enrol(people, run)
        sessions = [_log_in(user) for user in _accounts(enrolled)]
    return quiz, [
        Learner(number, enrolment.pk, session)
        for number, (enrolment, session) in enumerate(zip(enrolled, sessions, strict=True))
    ]


def learned(quiz: Quiz) -> dict[str, Any]:
    """What there is to know: by the wording of a question, the answer that earns all marks."""
    versions = QuestionVersion.objects.filter(
        question__bank=quiz.bank_id, question__current__isnull=False
    )
    return {wording(version.text): right(version) for version in versions}


def wording(text: str) -> str:
    """A wording without the accidents of how it is shown."""
    return "".join(text.split())


def open_today(quiz: Quiz) -> CourseRun:
    """A run of the course of the quiz, with a name of its own."""
    now = timezone.now()
    drafted = draft_run(
        course=quiz.assessment.course,
        name=f"Exam day {now:%H:%M:%S}",
        starts_on=now.date() - timedelta(days=1),
        ends_on=now.date() + timedelta(days=30),
    )
    return open_run(run_id=drafted.pk, at=now - timedelta(days=1))


def enrol(count: int, run: CourseRun) -> list[Enrolment]:
    """So many new people in the run, every lesson watched, written as rows."""
    rng = random.Random(count)
    before = timezone.now() - timedelta(hours=20)
    agencies = list(Agency.objects.valid(on=timezone.localdate()).order_by("pk"))
    names = [invent(rng).full_name for _number in range(count)]
    people = Person.objects.bulk_create(
        [
            Person(full_name=name, sort_name=sort_key(name), search_text=fold(name))
            for name in names
        ],
        batch_size=BATCH,
    )
    serving = [agencies[number % len(agencies)] for number in range(count)]
    Posting.objects.bulk_create(
        [
            Posting(person=one, agency=agency, joined_on=before.date() - timedelta(days=99))
            for one, agency in zip(people, serving, strict=True)
        ],
        batch_size=BATCH,
    )
    enrolled = Enrolment.objects.bulk_create(
        [
            Enrolment(person=one, run=run, agency=agency, enrolled_at=before)
            for one, agency in zip(people, serving, strict=True)
        ],
        batch_size=BATCH,
    )
    lessons = list(run.lessons.all())
    LessonProgress.objects.bulk_create(
        [
            LessonProgress(
                enrolment=one, lesson=lesson, first_at=before, last_at=before, completed_at=before
            )
            for one in enrolled
            for lesson in lessons
        ],
        batch_size=BATCH,
    )
    return enrolled


def _accounts(enrolled: Sequence[Enrolment]) -> list[User]:
    return User.objects.bulk_create(
        [
            User(
                username=f"drill-{one.pk}",
                password=make_password(None),
                person_id=one.person_id,
            )
            for one in enrolled
        ],
        batch_size=BATCH,
    )


def _log_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
