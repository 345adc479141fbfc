"""The staff's page of a run in which 5,000 people are enrolled."""

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.rows import Row
from courses.attendance.holding import hold
from courses.authoring import draft_run
from courses.models import (
    Assessment,
    AssessmentResult,
    Attendance,
    Course,
    CourseRun,
    Enrolment,
    LessonProgress,
)
from courses.running import open_run
from people.models import Person, User
from people.registering import open_account
from people.roles import Role

PEOPLE = 5000
TIMES = 9


def measure() -> Iterator[Row]:
    """Seconds until the page is there, and its statements; every lesson watched by everybody."""
    run = _crowded()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(_trainer(run))
    address = reverse("runs:inspect", args=[run.pk])
    client.get(address)  # loads templates
    spent = []
    for _time in range(TIMES):
        began = time.perf_counter()
        answer = client.get(address)
        spent.append(time.perf_counter() - began)
        assert answer.status_code == 200
        assert answer.context["object"].enrolled == PEOPLE
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    rows = LessonProgress.objects.filter(lesson__run=run).count()
    how = f"{PEOPLE} people, {rows} lessons watched, 2 meetings, {PEOPLE} results; median"
    yield Row("course.run_page", statistics.median(spent), "s", how, target=0.3)
    yield Row(
        "course.run_page_statements",
        sum("people_session" not in query["sql"] for query in captured.captured_queries),
        "statements",
        "of one request; without the session, which a cache holds in service",
        target=15,
    )


def _crowded() -> CourseRun:
    """Written as rows: how people come in is measured elsewhere."""
    now = timezone.now()
    today = timezone.localdate(now)
    course = Course.objects.get(code="ISO9001-NT")
    draft = draft_run(
        course=course,
        name="Bench 5000",
        starts_on=today,
        ends_on=today + timedelta(days=30),
        mode=CourseRun.Mode.BLENDED,
    )
    run = open_run(run_id=draft.pk, at=now)
    meetings = [
        hold(
            run_id=run.pk,
            title=f"Buổi {number}",
            starts_at=now + timedelta(days=number),
            ends_at=now + timedelta(days=number, hours=3),
            place="Hội trường",
            at=now,
        )
        for number in (1, 2)
    ]
    people = Person.objects.bulk_create(
        Person(full_name=f"Nguyễn Văn {n}", sort_name=f"{n:05}", search_text=f"nguyen van {n}")
        for n in range(PEOPLE)
    )
    enrolled = Enrolment.objects.bulk_create(
        Enrolment(person=one, run=run, enrolled_at=now) for one in people
    )
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=one, lesson=lesson, first_at=now, last_at=now, completed_at=now)
        for one in enrolled
        for lesson in run.lessons.all()
    )
    Attendance.objects.bulk_create(
        Attendance(session=one, enrolment=who, present=True, source="roster", entered_at=now)
        for one in meetings
        for who in enrolled
    )
    assessment = Assessment.objects.filter(course=course).earliest("pk")
    AssessmentResult.objects.bulk_create(
        AssessmentResult(
            enrolment=one,
            assessment=assessment,
            source=AssessmentResult.Source.PAPER,
            score=8,
            max_score=10,
            passed=True,
            decided_at=now,
            passed_at=now,
        )
        for one in enrolled
    )
    return run


def _trainer(run: CourseRun) -> User:
    trainer = open_account(username="bench-trainer", roles=[Role.TRAINER])
    run.trainers.add(trainer)
    return trainer
