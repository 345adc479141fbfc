"""Enrolling a person in a run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Course, CourseRun, Enrolment
from people.models import Person


class EnrolmentRefused(Exception):
    """Carries the reason, in words for the person who asked."""


@dataclass(frozen=True)
class Enrolled:
    """``created`` is False when the person was enrolled before: a double click changes nothing."""

    enrolment: Enrolment
    created: bool


def missing_prerequisites(*, person: Person, course: Course) -> list[Course]:
    """The courses that ``person`` must complete before ``course``."""
    completed = Enrolment.objects.filter(person=person, completed_at__isnull=False)
    return list(course.prerequisites.exclude(runs__enrolments__in=completed))


def enrol(*, person: Person, run_id: int, at: datetime, by: Any = None) -> Enrolled:
    """Enrol ``person`` in the run, from the agency in which the person serves on that day.

    Raises EnrolmentRefused (run not open, full, prerequisite missing) and CourseRun.DoesNotExist.
    """
    with transaction.atomic():
        # The lock makes "is a seat left" and "take it" one step.
        run = CourseRun.objects.select_for_update().get(pk=run_id)
        day = timezone.localdate(at)
        existing = Enrolment.objects.filter(person=person, run=run).first()
        if existing:
            return Enrolled(existing, created=False)
        _check(person=person, run=run, at=at)
        enrolment = Enrolment.objects.create(
            person=person, run=run, agency=person.agency(on=day), enrolled_at=at, enrolled_by=by
        )
    return Enrolled(enrolment, created=True)


def _check(*, person: Person, run: CourseRun, at: datetime) -> None:
    day = timezone.localdate(at)
    if not CourseRun.objects.filter(pk=run.pk).open_for_enrolment(on=day).exists():
        raise EnrolmentRefused(_("This run is not open for enrolment."))
    if missing := missing_prerequisites(person=person, course=run.course):
        titles = "; ".join(course.title for course in missing)
        raise EnrolmentRefused(_("First complete: %(courses)s") % {"courses": titles})
    if run.capacity is not None and run.enrolments.count() >= run.capacity:
        raise EnrolmentRefused(_("All seats of this run are taken."))
