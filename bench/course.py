"""Classes: five thousand people enrolled from one file, and the page of a run with so many."""

import io
import random
import time
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from openpyxl import Workbook

from agencies.models import Agency
from bench import course_run_page
from bench.rows import Row
from courses.authoring import draft_run
from courses.lists.receiving import receive_list
from courses.lists.resolving import create_unknown
from courses.lists.working import carry_on, start_list
from courses.models import Course, CourseRun, Enrolment
from courses.running import open_run
from demo.names import invent
from people.models import Person
from people.registering import open_account
from people.roles import Role

PEOPLE = 5000


def measure() -> Iterator[Row]:
    yield from _enrol_5000()
    yield from course_run_page.measure()


def _enrol_5000() -> Iterator[Row]:
    """From the file to the last enrolment; everybody in it is unknown before."""
    run = _run()
    content = _file()
    by = open_account(username="bench-officer", roles=[Role.DOST_OFFICER])
    known = Person.objects.count()
    wall, began = time.perf_counter(), time.process_time()
    found = receive_list(
        run_id=run.pk, file_name="bench.xlsx", content=content, by=by, at=timezone.now()
    )
    looked_at = time.process_time() - began
    create_unknown(list_id=found.pk)
    start_list(list_id=found.pk, by=by, at=timezone.now())
    batches, longest = 0, 0.0
    while True:
        batch = time.perf_counter()
        more = carry_on(list_id=found.pk, at=timezone.now())
        longest = max(longest, time.perf_counter() - batch)
        if not more:
            break
        batches += 1
    spent, waited = time.process_time() - began, time.perf_counter() - wall
    assert Person.objects.count() == known + PEOPLE
    assert Enrolment.objects.filter(run=run).count() == PEOPLE
    how = (
        f"{PEOPLE} unknown people of one XLSX, created and enrolled: {spent:.1f} CPU s, of which"
        f" {looked_at:.1f} until the preview; {batches} batches, the longest {longest:.2f} s"
    )
    yield Row("course.enrol_5000", waited, "s", how, target=60)


def _run() -> CourseRun:
    now = timezone.now()
    course = Course.objects.get(code="ISO9001-NT")
    drafted = draft_run(
        course=course,
        name="Bench of a list",
        starts_on=now.date() - timedelta(days=1),
        ends_on=now.date() + timedelta(days=30),
    )
    return open_run(run_id=drafted.pk, at=now - timedelta(days=1))


def _file() -> bytes:
    """Names that nobody in the demo has: each with a birth date of its own."""
    valid = Agency.objects.valid(on=timezone.localdate()).order_by("pk")
    agencies = list(valid.values_list("name", flat=True))
    rng = random.Random(PEOPLE)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append(["TT", "Họ và tên", "Ngày sinh", "Cơ quan", "Chức vụ", "Email"])
    first = timezone.localdate() - timedelta(days=365 * 60)
    for number in range(PEOPLE):
        born = first + timedelta(days=number)
        name = invent(rng).full_name
        agency = agencies[number % len(agencies)]
        email = f"hv{number}@example.gov.vn"
        sheet.append([number + 1, name, born, agency, "Chuyên viên", email])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
