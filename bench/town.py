"""The place that is measured: a fresh database with the demo played in it."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils import timezone

from agencies.models import Phase
from courses.enrolling import enrol
from courses.models import CourseRun, Enrolment
from demo import classes, playing
from demo.names import invent
from demo.province import Province
from people.models import User
from people.registering import open_account, register_person


@contextmanager
def built() -> Iterator[None]:
    """Make the database, play the demo, and destroy the database in the end."""
    print("Making a database and playing the demo…", file=sys.stderr)
    setup_test_environment(debug=False)
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, serialize=False)
    try:
        playing.play(at=timezone.now(), report=lambda _line: None)
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


def learners(count: int, *, quiz_course_code: str) -> list[tuple[User, Enrolment]]:
    """People with accounts, enrolled in a run of the course that is open today."""
    now = timezone.now()
    template = CourseRun.objects.filter(course__code=quiz_course_code).earliest("pk")
    phase = Phase.objects.get(runs=template)
    agency = phase.agencies.earliest("pk")
    assert template.territory is not None
    opened = classes.run(
        course=template.course,
        name="Bench",
        province=Province(
            unit=template.territory,
            departments=[agency],
            districts={},
            phases=[],
            communes_today=[],
            phase_today=phase,
        ),
        starts_on=now.date() - timedelta(days=1),
        ends_on=now.date() + timedelta(days=30),
        opened_at=now - timedelta(days=1),
    )
    rng = random.Random(count)
    made = []
    for number in range(count):
        person = register_person(
            full_name=invent(rng).full_name, agency=agency, joined_on=now.date()
        )
        user = open_account(username=f"bench-{opened.pk}-{number}", person=person)
        made.append((user, enrol(person=person, run_id=opened.pk, at=now).enrolment))
    return made
