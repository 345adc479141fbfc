"""One blended class from the first form to the certificates, in browsers, with a worker behind."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from django.utils.translation import ngettext, override
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from certificates.models import Certificate, IssuingRule
from courses.attendance.codes import code_at
from courses.models import Attendance, CourseRun, Enrolment, Session
from demo.playing import LOGINS
from people.models import Person
from tests.process import walking
from tests.process.town import Town, wait_for
from tests.process.walking import vi

LEARNER, OFFICER = LOGINS[0], LOGINS[3]
COURSE = "ISO9001-ĐGNB"
NAME = "Chuyên gia đánh giá nội bộ, lớp kết hợp"
STRANGER = "Người Chưa Học"
pytestmark = pytest.mark.long_browser


@pytest.fixture
def classroom(town: Town) -> Town:
    """Web and worker run; certificates are issued only after an officer has looked."""
    IssuingRule.objects.update(issued_when=IssuingRule.IssuedWhen.AFTER_REVIEW)
    town.start_web()
    town.start_worker()
    return town


def number(singular: str, plural: str, counter: int) -> str:
    with override("vi"):
        return ngettext(singular, plural, counter) % {"counter": counter}


def learners() -> list[Person]:
    """The demo's learner and two more, who have completed the first course."""
    ready = Person.objects.filter(
        enrolments__run__course__code="ISO9001-NT", enrolments__completed_at__isnull=False
    ).exclude(enrolments__run__course__code=COURSE)
    own = ready.get(user__username=LEARNER.username)
    return [own, *ready.exclude(pk=own.pk).order_by("pk")[:2]]


def listed(people: list[Person]) -> str:
    rows = [
        f"{one.full_name}\t{one.date_of_birth:%d/%m/%Y}\t{one.agency(on=timezone.localdate())}"
        for one in people
    ]
    return "\n".join(["Họ và tên\tNgày sinh\tCơ quan", *rows])


def open_class(page: Page, town: Town) -> CourseRun:
    """A draft, a meeting that goes on just now, and its opening."""
    today = timezone.localdate()
    page.goto(f"{town.address}/admin/runs/new/")
    page.locator("select[name=course]").select_option(label=course_title())
    page.locator("[name=name]").fill(NAME)
    page.locator("select[name=mode]").select_option("blended")
    page.locator("[name=starts_on]").fill(f"{today:%d/%m/%Y}")
    page.locator("[name=ends_on]").fill(f"{today + timedelta(days=7):%d/%m/%Y}")
    page.locator("footer button[type=submit]").click()
    expect(page.locator(".messages .success")).to_be_visible()
    run = CourseRun.objects.get(name=NAME)

    now = timezone.localtime()
    page.goto(f"{town.address}/admin/runs/{run.pk}/meetings/add/")
    page.locator("[name=title]").fill("Buổi 1")
    page.locator("[name=starts_at]").fill(f"{now - timedelta(minutes=5):%d/%m/%Y %H:%M}")
    page.locator("[name=ends_at]").fill(f"{now + timedelta(hours=2):%d/%m/%Y %H:%M}")
    page.locator("[name=place]").fill("Hội trường Sở")
    page.locator("[name=place]").press("Enter")  # the calendar may still cover the button
    wait_for(
        lambda: Session.objects.filter(run=run).exists(), what="the meeting is kept", seconds=10
    )
    page.goto(f"{town.address}/admin/runs/open/{run.pk}/")
    page.get_by_role("main").get_by_role("button", name=vi("Open for enrolment")).click()
    expect(page.locator(".messages .success")).to_be_visible()
    return run


def course_title() -> str:
    return CourseRun.objects.filter(course__code=COURSE).earliest("pk").course.title


def enrol_by_list(page: Page, town: Town, run: CourseRun, people: list[Person]) -> None:
    """Pasted lines, looked at row by row; who has not done the first course is refused."""
    agency = people[0].agency(on=timezone.localdate())
    stranger = f"{STRANGER}\t02/03/1990\t{agency}"
    page.goto(f"{town.address}/admin/enrolment_lists/receive/?run={run.pk}")
    page.locator("textarea[name=text]").fill(f"{listed(people)}\n{stranger}")
    page.get_by_role("main").get_by_role("button", name=vi("Show the list")).click()
    create = number("Create %(counter)s unknown person", "Create all %(counter)s unknown people", 1)
    page.get_by_role("button", name=create).click()
    assert not Enrolment.objects.filter(run=run).exists()
    start = number("Enrol %(counter)s person", "Enrol %(counter)s people", 4)
    page.get_by_role("button", name=start).click()
    wait_for(
        lambda: Enrolment.objects.filter(run=run).count() == 3,
        what="the worker enrols them",
        seconds=30,
    )
    page.reload()
    refused = page.get_by_role("row").filter(has_text=STRANGER)
    expect(refused).to_contain_text(vi("First complete: %(courses)s").split(":")[0])


def test_a_blended_class_from_its_opening_to_its_certificates(
    classroom: Town, visit: Callable[..., Page]
) -> None:
    town, people = classroom, learners()
    officer = visit()
    walking.log_in(officer, OFFICER, start=f"{town.address}/admin/")
    run = open_class(officer, town)
    enrol_by_list(officer, town, run, people)
    session = Session.objects.get(run=run)
    meeting = f"{town.address}/admin/runs/{run.pk}/meetings/{session.pk}"

    sheet = officer.request.get(f"{meeting}/sheet/")
    assert sheet.headers["content-type"] == "application/pdf"
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(sheet.body())).pages)
    for person in people:
        assert person.full_name in re.sub(r"\s+", " ", words)

    check_in(town, visit(refused=True, viewport={"width": 360, "height": 740}), officer, session)
    enter_roster(officer, meeting, people[1:])
    enter_marks(officer, town, run, people)
    officer.goto(f"{town.address}/admin/runs/close/{run.pk}/")
    officer.get_by_role("main").get_by_role("button", name=vi("Close the run")).click()
    expect(officer.locator(".messages .success")).to_be_visible()
    issue(officer, town, run, people)


def check_in(town: Town, phone: Page, screen: Page, session: Session) -> None:
    """The learner's camera opens an old code, which is dead, and then the one on the screen."""
    screen.goto(f"{town.address}/admin/runs/{session.run_id}/meetings/{session.pk}/screen/")
    expect(screen.get_by_role("img", name=vi("QR code for the check-in"))).to_be_visible()
    dead = code_at(secret=session.secret, at=timezone.now() - timedelta(seconds=61))
    walking.log_in(phone, LEARNER, start=f"{town.address}/diem-danh/{session.pk}/{dead}/")
    present = phone.get_by_role("button", name=vi("I am present"))
    present.click()
    expect(phone.locator("[data-words]")).to_contain_text(
        vi("Not done: {detail} Nothing was changed.").split(":")[0]
    )
    assert not Attendance.objects.filter(session=session).exists()
    phone.locator("#code").fill(screen.locator(".digits").inner_text())
    present.click()
    entered = vi("You are entered as present, at %(time)s on %(date)s.").split("%")[0]
    expect(phone.get_by_text(entered)).to_be_visible()
    row = Attendance.objects.get(session=session)
    assert (row.present, row.source, row.label) == (True, Attendance.Source.CODE, "")
    counted = screen.locator(".count")
    expect(counted).to_contain_text("1")


def enter_roster(officer: Page, meeting: str, people: list[Person]) -> None:
    """Those without a telephone are called from the list."""
    officer.goto(f"{meeting}/roster/")
    for person in people:
        row = officer.get_by_role("row").filter(has_text=person.full_name)
        row.locator("input[type=checkbox]").check()
    officer.get_by_role("main").get_by_role("button", name=vi("Save the list")).click()
    wait_for(
        lambda: Attendance.objects.filter(present=True).count() == 3,
        what="the roster is entered",
        seconds=10,
    )


def enter_marks(officer: Page, town: Town, run: CourseRun, people: list[Person]) -> None:
    """Two pass on paper and one does not."""
    (assessment_id,) = run_rules(run)["assessments"]
    officer.goto(f"{town.address}/admin/paper/{run.pk}/{assessment_id}/")
    officer.locator("[name=taken_on]").fill(f"{timezone.localdate():%d/%m/%Y}")
    officer.locator("[name=max_score]").fill("10")
    for person, mark in zip(people, ("8,5", "7", "4"), strict=True):
        row = officer.get_by_role("row").filter(has_text=person.full_name)
        row.locator("input[type=text]").fill(mark)
    officer.get_by_role("main").get_by_role("button", name=vi("Enter the marks")).click()
    wait_for(
        lambda: Enrolment.objects.filter(run=run, completed_at__isnull=False).count() == 2,
        what="two have completed",
        seconds=10,
    )


def run_rules(run: CourseRun) -> dict[str, list[int]]:
    run.refresh_from_db()
    rules: dict[str, list[int]] = run.rules
    return rules


def issue(officer: Page, town: Town, run: CourseRun, people: list[Person]) -> None:
    """The officer looks at the candidates and at what will be printed, then issues."""
    officer.goto(f"{town.address}/admin/candidates/{run.pk}/")
    rows = officer.get_by_role("main").locator("tbody tr")
    expect(rows).to_have_count(2)
    preview = rows.first.get_by_role("link").first.get_attribute("href")
    drawn = officer.request.get(f"{town.address}{preview}")
    assert drawn.headers["content-type"] == "application/pdf"
    assert not Certificate.objects.filter(enrolment__run=run).exists()
    for row in rows.all():
        row.locator("input[type=checkbox]").check()
    officer.get_by_role("main").locator("form button[type=submit]").last.click()
    officer.get_by_role("main").locator("form button[type=submit]").last.click()
    wait_for(
        lambda: (
            Certificate.objects.filter(enrolment__run=run, state=Certificate.State.FILED).count()
            == 2
        ),
        what="two certificates are filed",
        seconds=60,
    )
    assert not Certificate.objects.filter(enrolment__run=run, person=people[2]).exists()
