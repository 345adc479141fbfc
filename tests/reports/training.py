"""Training that was counted, in as few rows as the counts need: no pages, no tests, no files."""

import itertools
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from agencies.models import Agency, Phase
from courses.authoring import create_course, draft_run
from courses.models import Course, CourseRun, Enrolment
from people.models import Person
from reports import recording
from reports.models import Fact
from tests.factories import edition

_numbers = itertools.count(1)


def moment(year: int, month: int = 3, day: int = 2, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=timezone.get_current_timezone())


def run_of(
    kind: Course.Kind = Course.Kind.AWARENESS,
    *,
    phase: Phase | None = None,
    supplementary: bool = False,
) -> CourseRun:
    number = next(_numbers)
    course = create_course(
        code=f"C-{number}", title=f"Khóa {number}", kind=kind, edition=edition(), hours=8
    )
    return draft_run(
        course=course,
        name=f"Lớp {number}",
        starts_on=date(2020, 1, 2),
        ends_on=date(2030, 1, 2),
        phase=phase,
        supplementary=supplementary,
    )


def turn(
    person: Person, run: CourseRun, agency: Agency | None, *, at: datetime | None = None
) -> Fact:
    at = at or moment(2020)
    enrolment = Enrolment.objects.create(
        person=person, run=run, agency=agency, enrolled_at=at, participated_at=at
    )
    return recording.record(measure=Fact.Measure.TURN, enrolment=enrolment, at=at)


def certified(taken: Fact, *, number: str = "", at: datetime | None = None) -> Fact:
    """The certificate that a turn led to; it completed the run, too."""
    assert taken.enrolment
    at = at or taken.at
    recording.record(measure=Fact.Measure.COMPLETION, enrolment=taken.enrolment, at=at)
    return recording.record(
        measure=Fact.Measure.CERTIFICATE,
        enrolment=taken.enrolment,
        at=at,
        certificate_number=number or f"{next(_numbers):04d}/2020/KH",
    )


def take_back(fact: Fact) -> Fact:
    """The same fact once more, with the other sign."""
    copied: dict[str, Any] = {
        field.attname: getattr(fact, field.attname)
        for field in Fact._meta.concrete_fields
        if field.name not in ("id", "amount", "at")
    }
    return Fact.objects.create(**copied, amount=-1, at=moment(2026))
