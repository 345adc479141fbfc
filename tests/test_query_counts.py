"""How many statements a page costs: the same with 3 rows and with hundreds.

The figures are pinned, so that one more has to be meant. BEGIN, COMMIT and savepoints are not
counted, nor is the session, which a cache holds in service.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from courses.models import Course, Enrolment, LessonPage, LessonProgress
from people.models import AccountSession, Person, User
from quizzes.kinds.truefalse import TRUE
from quizzes.models import Attempt, Quiz
from reports.models import Fact
from tests.factories import (
    AgencyFactory,
    BankFactory,
    CourseFactory,
    EnrolmentFactory,
    QuizFactory,
    RunFactory,
    UserFactory,
    not_indexed,
    statements,
)

pytestmark = pytest.mark.django_db
SIZES = [3, 300]
LESSONS = [3, 60]  # each a page of its own, the slowest of all rows to make
TRANSACTION_WORDS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
SESSIONS = AccountSession._meta.db_table

PINNED = {
    "course page": 21,
    "lesson page": 19,
    "exam start": 9,
    "exam page": 2,
    # In service one statement keeps the whole batch.
    "save": 1 if connection.vendor == "postgresql" else 5,
    "submit": 9,
    "counts": 18,
    "run page": 14,
}


@contextmanager
def pinned(name: str) -> Iterator[None]:
    """The block costs exactly the statements that are pinned under this name."""
    with CaptureQueriesContext(connection) as captured:
        yield
    counted = [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(TRANSACTION_WORDS) and SESSIONS not in query["sql"]
    ]
    assert len(counted) == PINNED[name], "\n".join(counted)


@pytest.fixture
def logged_in(client: Client) -> Callable[[Person | None], User]:
    def log_in(person: Person | None = None, **traits: Any) -> User:
        user: User = UserFactory(person=person, **traits) if person else UserFactory(**traits)
        client.force_login(user)
        return user

    return log_in


def course_of(lessons: int) -> Course:
    """A course with so many lessons: added as rows, for drafts and revisions take long."""
    course: Course = CourseFactory(lessons=1)
    with not_indexed():
        for number in range(2, lessons + 1):
            course.page.add_child(instance=LessonPage(title=f"Bài {number}", seconds=10))
    return course


def others_enrolled(run_id: int, number: int) -> None:
    people = Person.objects.bulk_create(
        Person(full_name=f"Nguyễn Văn {n}", sort_name=str(n), search_text=f"nguyen van {n}")
        for n in range(number)
    )
    Enrolment.objects.bulk_create(
        Enrolment(person=person, run_id=run_id, enrolled_at=timezone.now()) for person in people
    )


@pytest.mark.parametrize("size", LESSONS)
def test_a_course_page_costs_the_same_however_many_lessons_and_runs(
    client: Client, logged_in: Any, size: int
) -> None:
    course = course_of(size)
    run = RunFactory(course=course)
    others_enrolled(run.pk, size)
    for _other in range(size // 10):
        RunFactory(course=course)
    person = logged_in().person
    EnrolmentFactory(person=person, run=run)
    client.get(course.page.url)
    with pinned("course page"):
        assert client.get(course.page.url).status_code == 200


@pytest.mark.parametrize("size", LESSONS)
def test_a_lesson_page_costs_the_same_however_many_lessons(
    client: Client, logged_in: Any, size: int
) -> None:
    course = course_of(size)
    enrolment = EnrolmentFactory(person=logged_in().person, run=RunFactory(course=course))
    now = timezone.now()
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=enrolment, lesson=lesson, first_at=now, last_at=now)
        for lesson in enrolment.run.lessons.all()
    )
    page = LessonPage.objects.child_of(course.page).first()
    assert page is not None
    client.get(page.url)
    with pinned("lesson page"):
        assert client.get(page.url).status_code == 200


def exam(size: int) -> Quiz:
    """A quiz of three questions over a bank of ``size``, or of all of a bank of 300."""
    quiz: Quiz = QuizFactory(
        bank=BankFactory(gift=statements(size)), sections=((None, size),), course=CourseFactory()
    )
    return quiz


def save(client: Client, attempt: Attempt, slots: range) -> None:
    """Answer these slots rightly in one batch."""
    answers = [{"slot": slot, "seq": 1, "response": TRUE} for slot in slots]
    saved = client.put(
        reverse("api:answers", args=[attempt.pk]),
        {"answers": answers},
        content_type="application/json",
    )
    assert len(saved.json()["saved"]) == len(slots)


@pytest.mark.parametrize("size", SIZES)
def test_an_exam_costs_the_same_however_many_questions(
    client: Client, logged_in: Any, size: int
) -> None:
    quiz = exam(size)
    enrolment = EnrolmentFactory(
        person=logged_in().person,
        run=RunFactory(course=quiz.assessment.course),
        watched=True,
    )
    client.get(reverse("courses:mine"))
    with pinned("exam start"):
        client.post(reverse("quizzes:start", args=[enrolment.pk, quiz.pk]))
    attempt = Attempt.objects.get(enrolment=enrolment)
    with pinned("exam page"):
        assert client.get(reverse("quizzes:attempt", args=[attempt.pk])).status_code == 200
    batches = [range(1, min(size, 150) + 1), range(151, size + 1)]
    with pinned("save"):
        save(client, attempt, batches[0])
    save(client, attempt, batches[1])
    with pinned("submit"):
        submitted = client.post(reverse("api:submit", args=[attempt.pk]))
    assert submitted.json()["passed"] is True


@pytest.mark.parametrize("size", SIZES)
def test_the_counts_cost_the_same_however_many_facts_and_agencies(
    client: Client, logged_in: Any, size: int
) -> None:
    logged_in(None, officer=True)
    enrolment = EnrolmentFactory()
    others_enrolled(enrolment.run_id, size)
    agencies = [AgencyFactory() for _number in range(size // 10)] or [AgencyFactory()]
    now = timezone.now()
    Fact.objects.bulk_create(
        Fact(
            measure=Fact.Measure.TURN,
            at=now - timedelta(days=number),
            year=now.year - number % 3,
            person_id=other.person_id,
            agency=agencies[number % len(agencies)],
            level=agencies[number % len(agencies)].level,
            enrolment=other,
            course=enrolment.run.course,
            course_kind=enrolment.run.course.kind,
            run=enrolment.run,
        )
        for number, other in enumerate(Enrolment.objects.exclude(pk=enrolment.pk))
    )
    address = reverse("reports:counts")
    client.get(address)
    with pinned("counts"):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("size", SIZES)
def test_the_staffs_page_of_a_run_costs_the_same_however_many_learners(
    client: Client, logged_in: Any, size: int
) -> None:
    trainer = logged_in(None, trainer=True)
    run = RunFactory(course=CourseFactory(trainers=[trainer]))
    others_enrolled(run.pk, size)
    address = reverse("runs:inspect", args=[run.pk])
    client.get(address)
    with pinned("run page"):
        assert client.get(address).status_code == 200
