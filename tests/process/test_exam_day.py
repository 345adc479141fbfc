"""The exam day in small: a hundred people sit, and an officer enrols ten thousand from a file.

`make drill` is the large one, with its servers cut in the middle (see docs/drill.md).
"""

import io
import threading
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from agencies.models import Agency
from courses.authoring import draft_run
from courses.models import Course, CourseRun, EnrolmentList
from courses.running import open_run
from demo.playing import LOGINS
from drill import checking
from drill import town as drill_town
from drill.day import Day
from quizzes.models import Attempt
from tests.process.town import Town, wait_for
from tests.process.visitor import Upload

PEOPLE = 100
ROWS = 10_000
OFFICER = LOGINS[3]


def open_class() -> CourseRun:
    """A run without prerequisites, for everybody."""
    now = timezone.now()
    drafted = draft_run(
        course=Course.objects.get(code="ISO9001-NT"),
        name="Mười nghìn người",
        starts_on=now.date() - timedelta(days=1),
        ends_on=now.date() + timedelta(days=30),
    )
    return open_run(run_id=drafted.pk, at=now - timedelta(days=1))


def workbook() -> bytes:
    """Ten thousand people whom nobody knows, each with a birth date of its own."""
    agency = Agency.objects.valid(on=timezone.localdate()).earliest("pk").name
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append(["TT", "Họ và tên", "Ngày sinh", "Cơ quan"])
    for number in range(ROWS):
        born = date(1970, 1, 1) + timedelta(days=number)
        sheet.append([number + 1, "Nguyễn Mười Nghìn", born, agency])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def enrol_from_file(town: Town, run_id: int, content: bytes, refusals: list[str]) -> None:
    """What the officer does in the browser: upload, have the unknown created, enrol."""
    officer = town.visitor()
    officer.log_in(OFFICER)
    received = officer.upload(
        reverse("enrolment_lists:receive"),
        {"run": str(run_id)},
        {"file": Upload("ds.xlsx", content)},
    )
    steps = [officer.post(received.address, {"do": step}) for step in ("create", "start")]
    refusals += [one.text for one in (received, *steps) if one.status != 200]


# Over 60 s: a test has whole minutes.
def test_a_hundred_people_lose_nothing_while_ten_thousand_are_enrolled(town: Town) -> None:
    quiz, (observer, *learners) = drill_town.prepare(people=PEOPLE + 1, minutes=1)
    run = open_class()
    day = Day(
        port=town.port,
        minutes=1,
        learners=learners,
        observer=observer,
        learned=drill_town.learned(quiz),
        questions=sum(section.count for section in quiz.sections.all()),
        start_url=lambda enrolment: reverse("quizzes:start", args=[enrolment, quiz.pk]),
    )
    refusals: list[str] = []
    importing = threading.Thread(
        target=enrol_from_file, args=(town, run.pk, workbook(), refusals), daemon=True
    )
    town.start_web()
    town.start_worker()
    importing.start()
    day.run()
    importing.join(timeout=30)

    unfinished = Attempt.objects.filter(quiz=quiz, submitted_at__isnull=True)
    wait_for(lambda: not unfinished.exists(), what="every attempt is graded", seconds=60)
    lists = EnrolmentList.objects.filter(run=run, state=EnrolmentList.State.DONE)
    wait_for(lists.exists, what="everybody of the file is enrolled", seconds=60)

    assert refusals == []
    assert run.enrolments.count() == ROWS
    assert [one for one in day.journal.asked if not one.good] == []
    assert dict(day.journal.faults) == {}
    assert day.journal.guessed == 0
    found = checking.look(day.journal, quiz)
    assert found.acknowledged > PEOPLE * 20
    assert 0 < found.passed < PEOPLE
    assert (found.lost, found.doubled, found.unfinished, found.misgraded) == (0, 0, 0, 0)
    assert found.without_certificate == 0
    said = town.log("web") + town.log("worker")
    assert "database is locked" not in said
    assert "Traceback" not in said
