"""Whatever the order in which evidence becomes known, the same follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.attendance.holding import hold
from courses.attendance.roster import enter
from courses.models import AssessmentResult, CourseRun, Enrolment, EvidenceConflict, Session
from courses.results import record_result
from reports.models import Fact
from tests import factories

pytestmark = pytest.mark.django_db

START = timezone.now() - timedelta(days=20)
Source = AssessmentResult.Source
Piece = Callable[[Enrolment], Any]


def day(number: int, hour: int = 8) -> datetime:
    return START + timedelta(days=number, hours=hour)


@dataclass(frozen=True)
class Class_:
    """A blended run with two lessons, two meetings of three hours, and one test."""

    run: CourseRun
    sessions: list[Session]
    assessment_id: int


@pytest.fixture
def blended() -> Class_:
    run = factories.RunFactory(mode=CourseRun.Mode.BLENDED, starts_on=day(0).date())
    sessions = [
        hold(
            run_id=run.pk,
            title=f"Buổi {number}",
            starts_at=day(number),
            ends_at=day(number, 11),
            place="Hội trường",
            at=day(0),
        )
        for number in (3, 6)
    ]
    (assessment_id,) = run.rules["assessments"]
    return Class_(run, sessions, assessment_id)


def pieces(held: Class_) -> dict[str, Piece]:
    """Every piece at its own time; where one corrects another, its name sorts after it."""
    first, second = factories.lessons_of(held.run.course)

    def result(source: Source, score: int, decided: datetime, entered: datetime) -> Piece:
        return lambda enrolment: record_result(
            enrolment_id=enrolment.pk,
            assessment_id=held.assessment_id,
            source=source,
            score=Decimal(score),
            max_score=Decimal(10),
            passed=score >= 7,
            decided_at=decided,
            at=entered,
            reason="Chấm lại",
        )

    def roster(session: Session, present: bool, entered: datetime, shown: bool | None) -> Piece:
        return lambda enrolment: enter(
            session_id=session.pk,
            marks={enrolment.pk: present},
            shown=None if shown is None else {enrolment.pk: shown},
            by=None,
            at=entered,
            reason="Nhầm người",
        )

    one, two = held.sessions
    return {
        "lesson 1": lambda enrolment: factories.watch(enrolment, first, at=day(1)),
        "lesson 2": lambda enrolment: factories.watch(enrolment, second, at=day(8)),
        "meeting 1": roster(one, True, day(9), None),
        "meeting 2, entered": roster(two, True, day(7), None),
        "meeting 2, entered, then corrected": roster(two, False, day(12), True),
        "online": result(Source.ONLINE, 9, day(10), day(10)),
        "paper": result(Source.PAPER, 8, day(6, 12), day(11)),
        "paper, then corrected": result(Source.PAPER, 5, day(6, 12), day(13)),
    }


def in_order(names: list[str]) -> list[str]:
    """The same places, but nothing is corrected before it was entered."""
    corrected = {"meeting 2, entered, then corrected", "paper, then corrected"}
    groups = [name.split(",")[0] for name in names]
    found = list(names)
    for group in {name.split(",")[0] for name in corrected}:
        places = [place for place, one in enumerate(groups) if one == group]
        for place, name in zip(places, sorted(found[place] for place in places), strict=True):
            found[place] = name
    # A correction of what was never entered corrects nothing.
    return [
        name
        for name in found
        if name not in corrected or sum(one.startswith(name.split(",")[0]) for one in found) == 2
    ]


def outcome(held: Class_, order: list[str]) -> tuple[datetime | None, datetime | None, int, int]:
    """When the learner took part and completed, and how often that is counted."""
    enrolment = factories.EnrolmentFactory(run=held.run, at=day(0))
    made = pieces(held)
    for name in order:
        made[name](enrolment)
    enrolment.refresh_from_db()
    standing = Fact.objects.standing().filter(enrolment=enrolment)
    turns = standing.filter(measure=Fact.Measure.TURN)
    completions = standing.filter(measure=Fact.Measure.COMPLETION)
    assert turns.count() == (enrolment.participated_at is not None)
    assert completions.count() == (enrolment.completed_at is not None)
    assert {fact.at for fact in turns} == {enrolment.participated_at} - {None}
    return (
        enrolment.participated_at,
        enrolment.completed_at,
        turns.count(),
        completions.count(),
    )


NAMES = [
    "lesson 1",
    "lesson 2",
    "meeting 1",
    "meeting 2, entered",
    "meeting 2, entered, then corrected",
    "online",
    "paper",
    "paper, then corrected",
]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.sampled_from(NAMES), unique=True, min_size=2).flatmap(
        lambda known: st.tuples(st.permutations(known), st.permutations(known))
    )
)
def test_any_order_of_the_same_evidence_ends_the_same(
    blended: Class_, orders: tuple[list[str], list[str]]
) -> None:
    one, other = (in_order(list(order)) for order in orders)
    assert outcome(blended, one) == outcome(blended, other)
    assert not EvidenceConflict.objects.exists(), "nothing rests on a course without certificates"


def test_all_of_it_ends_where_the_times_say(blended: Class_) -> None:
    took_part, completed, turns, completions = outcome(blended, in_order(NAMES))
    # The lessons were done on day 8; of the meetings only one remains; the online test passed.
    assert (took_part, completed) == (day(8), day(10))
    assert (turns, completions) == (1, 1)
