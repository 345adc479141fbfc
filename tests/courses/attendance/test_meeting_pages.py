"""The staff's pages of class meetings."""

import re
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from courses.attendance import codes, roster
from courses.models import Attendance, AttendanceSheet, CourseRun, Enrolment, Session
from courses.running import close_run
from people.models import User
from tests import factories
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture
def trainer() -> User:
    user: User = factories.UserFactory(trainer=True)
    return user


@pytest.fixture
def client(trainer: User) -> Client:
    return at_work(trainer)


@pytest.fixture
def run(trainer: User) -> CourseRun:
    run: CourseRun = factories.RunFactory(course=factories.CourseFactory(trainers=[trainer]))
    return run


@pytest.fixture
def session(run: CourseRun) -> Session:
    return factories.meeting(run)


def address(name: str, session: Session, *more: int) -> str:
    return reverse(f"meetings:{name}", args=[session.run_id, session.pk, *more])


def values(**changes: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=3)
    return {
        "title": "Buổi 1",
        "starts_at": f"{day:%d/%m/%Y} 08:00",
        "ends_at": f"{day:%d/%m/%Y} 11:30",
        "place": "Hội trường A",
    } | changes


def test_a_trainer_plans_changes_and_calls_off_a_meeting(client: Client, run: CourseRun) -> None:
    index = reverse("meetings:index", args=[run.pk])
    add = reverse("meetings:add", args=[run.pk])
    assert "No class meeting is planned" in client.get(index).content.decode()
    response = client.post(add, values(), follow=True)
    assert "is saved" in said(response)
    session = run.sessions.get()
    assert timezone.localtime(session.starts_at).strftime("%H:%M") == "08:00"
    assert session.minutes == 210

    edit = reverse("meetings:edit", args=[run.pk, session.pk])
    assert b"Reason" in client.get(edit).content
    without = client.post(edit, values(place="Hội trường B"))
    assert without.status_code == 200
    assert run.sessions.get().place == "Hội trường A"
    client.post(edit, values(place="Hội trường B", reason="Đổi phòng."))
    assert run.sessions.get().place == "Hội trường B"

    cancel = reverse("meetings:cancel", args=[run.pk, session.pk])
    assert client.get(cancel).status_code == 200
    client.post(cancel, {"reason": "Bão."})
    assert run.sessions.get().cancelled_at
    assert [one.reason for one in run.amendments.all()] == ["Bão.", "Đổi phòng."]
    assert "Cancelled" in client.get(index).content.decode()


def test_moving_a_meeting_that_was_attended_into_the_future_is_refused_in_words(
    client: Client, session: Session
) -> None:
    came = factories.EnrolmentFactory(run=session.run)
    roster.enter(session_id=session.pk, marks={came.pk: True}, by=None, at=timezone.now())
    answer = client.post(address("edit", session), values(reason="Mất điện."))
    assert "cancel it and announce a new one" in answer.content.decode()
    assert Session.objects.get().starts_at == session.starts_at


def test_meetings_are_planned_while_the_run_is_a_draft(client: Client, trainer: User) -> None:
    course = factories.CourseFactory(trainers=[trainer])
    draft = factories.RunFactory(course=course, opened=False)
    client.post(reverse("meetings:add", args=[draft.pk]), values())
    session = draft.sessions.get()
    assert client.get(reverse("meetings:index", args=[draft.pk])).status_code == 200
    client.post(address("edit", session), values(title="Khai giảng"))
    assert draft.sessions.get().title == "Khai giảng"
    client.post(address("cancel", session), {})
    assert draft.sessions.get().cancelled_at
    assert client.get(address("screen", session)).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"starts_at": "never"},
        {"ends_at": "01/01/2020 08:00"},
        {"place": ""},
        {"trainer": "999999"},
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(
    client: Client, run: CourseRun, changes: dict[str, Any]
) -> None:
    response = client.post(reverse("meetings:add", args=[run.pk]), values(**changes))
    assert response.status_code == 200
    assert "error" in response.content.decode()
    assert not run.sessions.exists()


def test_a_closed_run_offers_no_planning(client: Client, session: Session) -> None:
    close_run(run_id=session.run_id, at=timezone.now())
    index = client.get(reverse("meetings:index", args=[session.run_id])).content.decode()
    assert reverse("meetings:add", args=[session.run_id]) not in index
    assert address("edit", session) not in index
    assert address("roster", session) in index
    response = client.post(reverse("meetings:add", args=[session.run_id]), values())
    assert "The run is closed" in response.content.decode()


def listed(client: Client, session: Session) -> str:
    shown = client.get(address("roster", session))
    value: str = shown.context["listed"]
    return value


def test_a_list_is_ticked_and_saved(client: Client, session: Session, trainer: User) -> None:
    came, stayed = (factories.EnrolmentFactory(run=session.run) for _n in range(2))
    data = {"listed": listed(client, session), "present": [came.pk]}
    response = client.post(address("roster", session), data, follow=True)
    assert said(response).strip() == "2 people entered"
    assert dict(Attendance.objects.values_list("enrolment", "present")) == {
        came.pk: True,
        stayed.pk: False,
    }
    assert {one.entered_by for one in Attendance.objects.all()} == {trainer}
    # The same page posted twice changes nothing.
    again = client.post(address("roster", session), data, follow=True)
    assert said(again).strip() == "0 people entered"


def test_one_press_enters_the_whole_class(client: Client, session: Session) -> None:
    absent, *others = (factories.EnrolmentFactory(run=session.run) for _n in range(4))
    roster.enter(session_id=session.pk, marks={absent.pk: False}, by=None, at=timezone.now())
    data = {"listed": listed(client, session), "everyone": "1"}
    client.post(address("roster", session), data)
    present = dict(Attendance.objects.values_list("enrolment", "present"))
    assert present == {absent.pk: False} | {one.pk: True for one in others}


def test_a_change_without_a_reason_is_refused_and_the_ticks_stay(
    client: Client, session: Session
) -> None:
    learner = factories.EnrolmentFactory(run=session.run)
    client.post(address("roster", session), {"listed": f"{learner.pk}:", "present": [learner.pk]})
    data = {"listed": listed(client, session)}
    refused = client.post(address("roster", session), data)
    assert "Say why" in refused.content.decode()
    assert "checked" not in refused.content.decode()
    client.post(address("roster", session), data | {"reason": "Nhầm."})
    assert not Attendance.objects.get().present
    assert "Nhầm." in client.get(address("roster", session)).content.decode()


def test_who_checked_in_while_the_list_lay_open_stays_present(
    client: Client, session: Session
) -> None:
    learner = factories.EnrolmentFactory(run=session.run)
    data = {"listed": listed(client, session)}
    roster.enter(session_id=session.pk, marks={learner.pk: True}, by=None, at=timezone.now())
    response = client.post(address("roster", session), data, follow=True)
    assert "stays as somebody else entered it" in said(response)
    assert Attendance.objects.get().present


@pytest.mark.parametrize("text", ["x", "1:2", "1", ":", "1:1;2:0", "-1:1", "1:1," + "9" * 30])
def test_a_list_that_was_tampered_with_is_refused(
    client: Client, session: Session, text: str
) -> None:
    factories.EnrolmentFactory(run=session.run)
    response = client.post(address("roster", session), {"listed": text})
    assert response.status_code == 200
    assert not Attendance.objects.exists()


def test_people_of_another_run_are_not_entered_by_a_forged_list(
    client: Client, session: Session
) -> None:
    foreign = factories.EnrolmentFactory()
    client.post(address("roster", session), {"listed": f"{foreign.pk}:", "present": [foreign.pk]})
    assert not Attendance.objects.exists()


def test_the_signed_sheet_is_printed_and_its_scan_kept(client: Client, session: Session) -> None:
    learner = factories.EnrolmentFactory(run=session.run)
    printed = client.get(address("sheet", session))
    assert printed.content.startswith(b"%PDF")
    assert "attachment" in printed.headers["Content-Disposition"]
    data = {
        "listed": listed(client, session),
        "present": [learner.pk],
        "scan": SimpleUploadedFile("../x.php", PDF),
    }
    client.post(address("roster", session), data)
    sheet = AttendanceSheet.objects.get()
    assert Attendance.objects.get().sheet == sheet
    scan = client.get(address("scan", session, sheet.pk))
    assert b"".join(scan.streaming_content) == PDF
    assert scan.headers["Content-Type"] == "application/pdf"
    assert scan.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_no_scan_is_refused(client: Client, session: Session) -> None:
    learner = factories.EnrolmentFactory(run=session.run)
    data = {
        "listed": listed(client, session),
        "present": [learner.pk],
        "scan": SimpleUploadedFile("scan.pdf", b"<script>alert(1)</script>"),
    }
    assert client.post(address("roster", session), data).status_code == 200
    assert not Attendance.objects.exists()


def test_a_name_that_cannot_be_printed_is_said(client: Client, session: Session) -> None:
    person = factories.PersonFactory(full_name="Trần 漢")
    factories.EnrolmentFactory(run=session.run, person=person)
    assert "漢" in said(client.get(address("sheet", session), follow=True))


def test_the_screen_shows_a_code_that_a_camera_reads(
    client: Client, session: Session, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://iso.khanhhoa.gov.vn"
    response = client.get(address("screen", session))
    page = response.content.decode()
    code = response.context["code"]
    assert codes.is_right(secret=session.secret, code=code, at=timezone.now())
    assert f"{code[:3]} {code[3:]}" in page
    assert "iso.khanhhoa.gov.vn/diem-danh/" in page
    assert "style=" not in page
    assert "<script>" not in page
    assert session.secret not in page
    assert "no-store" in response.headers["Cache-Control"]
    assert read(response.context["symbol"]) == (
        f"https://iso.khanhhoa.gov.vn/diem-danh/{session.pk}/{code}/"
    )


def read(svg: str) -> str:
    """Read an SVG of horizontal strokes, as a camera would see them."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture = Image.new("L", (side, side), 255)
    strokes = re.search(r'class="qrline"[^>]* d="([^"]+)"', svg)[1]
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes):
        parts = [float(one) for one in re.findall(r"-?\d*\.?\d+", numbers)]
        if kind == "h":
            for place in range(int(x), int(x + parts[0])):
                picture.putpixel((place, int(y)), 0)
            x += parts[0]
        elif kind == "M":
            x, y = parts
        else:
            x, y = x + parts[0], y + parts[1]
    large = picture.resize((6 * side, 6 * side), Image.Resampling.NEAREST)
    (found,) = zxingcpp.read_barcodes(large)
    return str(found.text)


def test_the_part_that_changes_is_sent_only_when_it_has_changed(
    client: Client, session: Session
) -> None:
    seen = client.get(address("screen", session)).context["seen"]
    learner = factories.EnrolmentFactory(run=session.run)
    code = address("code", session)
    # Where a step ends between the two, the answer is the next code.
    if client.get(code, {"seen": seen}).status_code != 204:
        seen = client.get(code).context["seen"]
    assert client.get(code, {"seen": seen}).status_code == 204
    roster.enter(session_id=session.pk, marks={learner.pk: True}, by=None, at=timezone.now())
    assert "Present: 1 of 1" in client.get(code, {"seen": seen}).content.decode()


@pytest.mark.parametrize("starts_in", [600, -600])
def test_outside_its_time_the_screen_shows_no_code(
    client: Client, run: CourseRun, starts_in: float
) -> None:
    session = factories.meeting(run, starts_in=starts_in)
    assert client.get(address("screen", session)).context["code"] == ""


def test_a_meeting_of_another_run_is_not_under_this_one(
    client: Client, session: Session, run: CourseRun, trainer: User
) -> None:
    other = factories.RunFactory(course=run.course)
    for name in ("edit", "cancel", "roster", "sheet", "screen", "code"):
        found = client.get(reverse(f"meetings:{name}", args=[other.pk, session.pk]))
        assert found.status_code == 404


def test_the_run_leads_to_its_meetings(client: Client, run: CourseRun) -> None:
    page = client.get(reverse("runs:inspect", args=[run.pk])).content.decode()
    assert reverse("meetings:index", args=[run.pk]) in page


def test_a_scan_is_shown_to_nobody_else(client: Client, session: Session) -> None:
    learner = factories.EnrolmentFactory(run=session.run)
    data = {"listed": f"{learner.pk}:", "scan": SimpleUploadedFile("x.pdf", PDF)}
    client.post(address("roster", session), data)
    scan = address("scan", session, AttendanceSheet.objects.get().pk)
    stranger = factories.UserFactory(trainer=True)
    assert at_work(stranger).get(scan).status_code == 404
    assert at_work(factories.UserFactory(officer=True)).get(scan).status_code == 200
    other = factories.meeting(session.run)
    wrong = address("scan", other, AttendanceSheet.objects.get().pk)
    assert client.get(wrong).status_code == 404


def test_ten_times_the_class_takes_no_more_statements(
    client: Client, session: Session, django_assert_max_num_queries: Any
) -> None:
    for _n in range(3):
        factories.EnrolmentFactory(run=session.run)
    marks = dict.fromkeys(Enrolment.objects.values_list("pk", flat=True), True)
    roster.enter(session_id=session.pk, marks=marks, by=None, at=timezone.now())
    client.get(address("roster", session))
    with django_assert_max_num_queries(22):
        client.get(address("roster", session))
