"""Plays one run: it opens, people are enrolled, watch, come to class, are tested; it closes.

What was played before an interruption is passed over, step by step.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from agencies.models import AdministrativeUnit, Phase
from courses.attendance.holding import hold
from courses.attendance.roster import enter
from courses.authoring import draft_run
from courses.enrolling import enrol_many
from courses.models import Course, CourseRun, Enrolment, RunLesson, Session
from courses.paper.entering import Mark, enter_marks
from courses.running import close_run, open_run, start_run
from demo.cohorts import Official, enrol_by_list
from demo.studying import sit, watch
from people.models import Person
from quizzes.models import Quiz

PROVIDER = "Viện Năng suất Việt Nam"
SHEET = 200  # marks on a sheet of results
MORNING, AFTERNOON = (time(8), time(11)), (time(13, 30), time(16, 30))
# Days of class, by the course's hours.
HOURS_OF_A_DAY = 8


@dataclass(frozen=True)
class Round:
    """A run to be played: who comes, known or not, and how many of them fail or stay away."""

    course: Course
    quiz: Quiz
    name: str
    mode: CourseRun.Mode
    phase: Phase
    territory: AdministrativeUnit
    starts_on: date
    ends_on: date
    people: Sequence[Person]
    fails: int
    newcomers: Sequence[Official] = ()
    absent: int = 0
    supplementary: bool = False

    @property
    def size(self) -> int:
        return len(self.people) + len(self.newcomers)


@dataclass(frozen=True)
class Learner:
    """Somebody's way through a run: by clips, in class, or both."""

    enrolment: Enrolment
    passes: bool
    by_clips: bool
    in_class: bool
    begins_at: datetime
    dice: random.Random


def take(planned: Round, *, officer: Any, step: Callable[[], None]) -> CourseRun:
    """Play the run, and tell of each step taken: one for each of its people."""
    run = CourseRun.objects.filter(name=planned.name, phase=planned.phase).first()
    run = run or _open(planned)
    if run.state == CourseRun.State.CLOSED:
        for _person in range(planned.size):
            step()
        return run
    learners = list(_learners(_enrol(run, planned, officer), planned))
    start_run(run_id=run.pk, at=moment(planned.starts_on, time(7, 30)))
    lessons = list(run.lessons.order_by("order"))
    for learner in learners:
        if learner.by_clips:
            _study(learner, lessons, planned.quiz)
        step()
    _meet(run, planned, learners, officer)
    for _absent in range(planned.absent):
        step()
    return close_run(run_id=run.pk, at=moment(planned.ends_on, time(18)))


def moment(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def mistakes(learner: Learner, quiz: Quiz) -> list[int]:
    """How many answers are wrong in each attempt: one attempt or two, then passed or not."""
    most = tolerated(quiz)

    def too_many() -> int:
        return most + learner.dice.randint(1, 5)

    enough = learner.dice.randint(0, most)
    if not learner.passes:
        return [too_many(), too_many()]
    return [too_many(), enough] if learner.dice.random() < 0.2 else [enough]


def tolerated(quiz: Quiz) -> int:
    """How many wrong answers still pass."""
    questions, percent = _questions(quiz), int(quiz.pass_percent)
    return questions - -(-questions * percent // 100)


def _questions(quiz: Quiz) -> int:
    return sum(section.count for section in quiz.sections.all())


def _open(planned: Round) -> CourseRun:
    with transaction.atomic():
        drafted = draft_run(
            course=planned.course,
            name=planned.name,
            mode=planned.mode,
            starts_on=planned.starts_on,
            ends_on=planned.ends_on,
            phase=planned.phase,
            territory=planned.territory,
            supplementary=planned.supplementary,
            provider=PROVIDER,
        )
        opened_at = moment(planned.starts_on - timedelta(days=7), time(9))
        run = open_run(run_id=drafted.pk, at=opened_at)
        if planned.mode != CourseRun.Mode.ONLINE:
            for day, (begins, ends) in _meetings(planned):
                hold(
                    run_id=run.pk,
                    title=f"{planned.name}, {day:%d/%m}",
                    starts_at=moment(day, begins),
                    ends_at=moment(day, ends),
                    place=f"Hội trường {planned.territory}",
                    at=opened_at,
                )
    return run


def _meetings(planned: Round) -> Iterator[tuple[date, tuple[time, time]]]:
    """Whole days in the middle of the run."""
    days = max(1, planned.course.hours // HOURS_OF_A_DAY)
    first = planned.starts_on + (planned.ends_on - planned.starts_on) // 2
    for number in range(days):
        for part in (MORNING, AFTERNOON):
            yield first + timedelta(days=number), part


def _enrol(run: CourseRun, planned: Round, officer: Any) -> list[Enrolment]:
    at = moment(planned.starts_on, time(7))
    if not run.enrolments.exists():
        with transaction.atomic():
            enrol_many(
                run_id=run.pk, person_ids=[one.pk for one in planned.people], at=at, by=officer
            )
            if planned.newcomers:
                enrol_by_list(run=run, people=planned.newcomers, by=officer, at=at)
    return list(run.enrolments.order_by("pk"))


def _learners(enrolled: Sequence[Enrolment], planned: Round) -> Iterator[Learner]:
    """Those who do not stay away, each with a way; failures are spread evenly among them."""
    coming = len(enrolled) - planned.absent
    days = (planned.ends_on - planned.starts_on).days
    for number, enrolment in enumerate(enrolled[:coming]):
        online = planned.mode == CourseRun.Mode.ONLINE
        blended = planned.mode == CourseRun.Mode.BLENDED
        yield Learner(
            enrolment=enrolment,
            passes=number * planned.fails // coming == (number + 1) * planned.fails // coming,
            by_clips=online or (blended and number % 3 != 0),
            in_class=not online and not (blended and number % 3 == 1),
            begins_at=moment(planned.starts_on, time(8))
            + timedelta(days=number % max(1, days // 2), minutes=number % 480),
            dice=random.Random(f"{planned.name} {number}"),  # noqa: S311
        )


def _meet(run: CourseRun, planned: Round, learners: Sequence[Learner], officer: Any) -> None:
    """The class meetings with their rosters, and a test on paper at the end of the last one."""
    sessions = list(Session.objects.filter(run=run).order_by("starts_at"))
    present = [one.enrolment.pk for one in learners if one.in_class]
    if not present:
        return
    for session in sessions:
        enter(
            session_id=session.pk,
            marks=dict.fromkeys(present, True),
            by=officer,
            at=session.ends_at + timedelta(minutes=10),
        )
    tested_at = sessions[-1].ends_at + timedelta(hours=1)
    highest = _questions(planned.quiz)
    marks = [
        Mark(one.enrolment.pk, Decimal(highest - mistakes(one, planned.quiz)[-1]))
        for one in learners
        if one.in_class
    ]
    for number in range(0, len(marks), SHEET):
        enter_marks(
            run_id=run.pk,
            assessment_id=planned.quiz.assessment_id,
            taken_on=timezone.localdate(tested_at),
            max_score=Decimal(highest),
            marks=marks[number : number + SHEET],
            at=tested_at,
            by=officer,
        )


def _study(learner: Learner, lessons: Sequence[RunLesson], quiz: Quiz) -> None:
    """Watch the clips; who is not in class sits the test online."""
    with transaction.atomic():
        if learner.enrolment.progress.exists():
            return
        at = watch(enrolment=learner.enrolment, lessons=lessons, at=learner.begins_at)
        if not learner.in_class:
            sit(
                quiz=quiz,
                enrolment=learner.enrolment,
                mistakes=mistakes(learner, quiz),
                at=at + timedelta(hours=20),
                rng=learner.dice,
            )
