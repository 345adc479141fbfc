"""The demo's people and the runs they went through, played with the clock of the past months."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from agencies.models import Agency
from courses.authoring import draft_run
from courses.enrolling import enrol
from courses.models import Course, CourseRun, Enrolment
from courses.running import close_run, open_run
from demo.names import invent
from demo.province import Province
from demo.studying import sit, watch
from demo.teaching import Taught
from people.models import Person, StaffCategory
from people.registering import register_person
from quizzes.models import Quiz


@dataclass(frozen=True)
class Learner:
    """A demo person, and the share of questions that the person knows."""

    person: Person
    knows: float


def staff(*, province: Province, count: int, today: date, rng: random.Random) -> list[Learner]:
    """``count`` people, spread over today's departments and communes."""
    agencies: list[Agency] = [*province.departments, *province.communes_today]
    learners = []
    for number in range(count):
        invented = invent(rng)
        person = register_person(
            full_name=invented.full_name,
            date_of_birth=invented.date_of_birth,
            agency=agencies[number * 7 % len(agencies)],
            position=invented.position,
            staff_category=StaffCategory.CIVIL_SERVANT,
            joined_on=today - timedelta(days=rng.randrange(400, 4000)),
        )
        learners.append(Learner(person, knows=rng.choice((0.45, 0.8, 0.9, 0.95, 1.0))))
    return learners


def run(
    *,
    course: Course,
    name: str,
    province: Province,
    starts_on: date,
    ends_on: date,
    opened_at: datetime,
) -> CourseRun:
    """An online run of this year's plan, opened for enrolment."""
    drafted = draft_run(
        course=course,
        name=name,
        starts_on=starts_on,
        ends_on=ends_on,
        phase=province.phase_today,
        territory=province.unit,
        provider="Viện Năng suất Việt Nam",
    )
    return open_run(run_id=drafted.pk, at=opened_at)


def study(
    *, learner: Learner, run: CourseRun, quiz: Quiz, begins: datetime, rng: random.Random
) -> Enrolment:
    """Enrol, watch every lesson, sit the test; whoever fails tries once more, better prepared."""
    enrolment = enrol(person=learner.person, run_id=run.pk, at=begins).enrolment
    at = begins + timedelta(minutes=rng.randrange(5, 600))
    for lesson in run.lessons.order_by("order"):
        at = watch(enrolment=enrolment, lessons=[lesson], at=at)
        at += timedelta(minutes=rng.randrange(1, 2000))
    questions = sum(section.count for section in quiz.sections.all())
    for knows in (learner.knows, min(1.0, learner.knows + 0.15)):
        at += timedelta(hours=rng.randrange(1, 30))
        mistakes = sum(rng.random() >= knows for _question in range(questions))
        sit(quiz=quiz, enrolment=enrolment, mistakes=[mistakes], at=at, rng=rng)
        if _completed(enrolment):
            break
    return enrolment


def play(
    *, province: Province, taught: Taught, learner: Person, at: datetime, rng: random.Random
) -> None:
    """Two runs that are over, and the open one that waits for the demo's learner."""
    today = at.date()
    people = staff(province=province, count=36, today=today, rng=rng)
    people.append(Learner(learner, knows=0.95))
    awareness = run(
        course=taught.awareness,
        name="Nhận thức chung, đợt 1",
        province=province,
        starts_on=today - timedelta(days=200),
        ends_on=today - timedelta(days=150),
        opened_at=at - timedelta(days=205),
    )
    enrolments = [
        study(
            learner=one,
            run=awareness,
            quiz=taught.awareness_quiz,
            begins=at - timedelta(days=200 - index % 30),
            rng=rng,
        )
        for index, one in enumerate(people)
    ]
    close_run(run_id=awareness.pk, at=at - timedelta(days=149))
    auditors = run(
        course=taught.auditor,
        name="Chuyên gia đánh giá nội bộ, đợt 1",
        province=province,
        starts_on=today - timedelta(days=120),
        ends_on=today - timedelta(days=60),
        opened_at=at - timedelta(days=125),
    )
    ready = [one for one, done in zip(people, enrolments, strict=True) if _completed(done)]
    for index, one in enumerate([one for one in ready if one.person != learner][:14]):
        study(
            learner=one,
            run=auditors,
            quiz=taught.auditor_quiz,
            begins=at - timedelta(days=118 - index),
            rng=rng,
        )
    close_run(run_id=auditors.pk, at=at - timedelta(days=59))
    run(
        course=taught.auditor,
        name="Chuyên gia đánh giá nội bộ, đợt 2",
        province=province,
        starts_on=today - timedelta(days=10),
        ends_on=today + timedelta(days=60),
        opened_at=at - timedelta(days=12),
    )


def _completed(enrolment: Any) -> bool:
    return Enrolment.objects.filter(pk=enrolment.pk, completed_at__isnull=False).exists()
