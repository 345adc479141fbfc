"""The staff's pages of lists, requests and agencies' people; hostile files among them."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from courses.enrolling import Asked, ask
from courses.lists.receiving import receive_lines
from courses.lists.working import carry_on
from courses.models import (
    CourseRun,
    Enrolment,
    EnrolmentList,
    EnrolmentListRow,
    EnrolmentRequest,
    Reminder,
)
from courses.withdrawing import withdraw
from jobs import workbooks
from people.models import Person, User
from tests import factories
from tests.courses.test_lists import BORN, workbook

pytestmark = pytest.mark.django_db

NOW = timezone.now()
RECEIVE = "enrolment_lists:receive"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def officer() -> Client:
    return logged_in(factories.UserFactory(officer=True))


def upload(client: Client, run: CourseRun, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("danh sách.xlsx", content)
    return client.post(reverse(RECEIVE), {"run": run.pk, "file": file} | more, follow=True)


def page_of(found: EnrolmentList) -> str:
    return reverse("enrolment_lists:inspect", args=[found.pk])


def test_a_list_goes_all_the_way_from_the_file_to_the_report_and_back(officer: Client) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    shown = upload(
        officer,
        run,
        workbook((1, "Lê Thị Mới", BORN, agency.name), (2, "Võ Văn Lạ", BORN, "Không rõ")),
    )
    found = EnrolmentList.objects.get()
    page = page_of(found)
    assert shown.redirect_chain[-1][0] == page
    assert "Unknown person: 1" in shown.text
    assert "2 rows still wait for a decision" in shown.text
    assert "Enrol 1 person" not in shown.text
    told = officer.post(
        page, {"do": "pick", "key": ["khong ro"], "agency": [agency.pk]}, follow=True
    )
    assert "The agency of 1 row is known now." in told.text
    row = found.rows.get(full_name="Võ Văn Lạ")
    officer.post(f"{page}?state=unknown", {"do": "decide", f"row-{row.pk}": "skip"})
    assert "1 person will be created." in officer.post(page, {"do": "create"}, follow=True).text
    assert "Enrol 1 person" in officer.get(page).text
    going = officer.post(page, {"do": "start"}, follow=True)
    assert going["Refresh"] == "2"
    assert "0 of 1 (0 %)" in going.text
    officer.post(page, {"do": "start"})
    while carry_on(list_id=found.pk, at=timezone.now()):
        pass
    done = officer.get(page)
    assert "Refresh" not in done
    assert "Enrolled: 1" in done.text
    assert "1 person created" in done.text
    report = officer.get(reverse("enrolment_lists:report", args=[found.pk]))
    sheet = load_workbook(io.BytesIO(report.content)).active
    assert sheet is not None
    assert [[cell.value for cell in row][1] for row in sheet.iter_rows(min_row=4)] == [
        "Lê Thị Mới",
        "Võ Văn Lạ",
    ]
    officer.post(page, {"do": "undo"})
    while carry_on(list_id=found.pk, at=timezone.now()):
        pass
    assert not Enrolment.objects.exists()
    assert "Undone: 1" in officer.get(page).text


def test_rows_are_filtered_searched_and_paged(officer: Client) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    names = [f"Người Số {chr(65 + n // 26)}{chr(65 + n % 26)}".title() for n in range(130)]
    upload(officer, run, workbook(*((n, name, BORN, agency.name) for n, name in enumerate(names))))
    page = page_of(EnrolmentList.objects.get())
    assert "Page 1 of 2" in officer.get(page).text
    assert "Page 2 of 2" in officer.get(f"{page}?p=2&state=unknown").text
    assert officer.get(f"{page}?q=nguoi+so+ab").text.count("Người Số") == 1
    for query in ("?state=nothing&outcome=x&p=zz", "?p=99999999999999999999", "?q=" + "%00"):
        assert officer.get(page + query).status_code == 200
    assert "No such row" in officer.get(f"{page}?state=new").text


def test_one_way_must_be_chosen(officer: Client) -> None:
    run = factories.RunFactory()
    nothing = officer.post(reverse(RECEIVE), {"run": run.pk})
    assert "Choose one way" in nothing.text
    both = upload(officer, run, workbook((1, "Lê Thị Mới")), text="Lê Thị Mới")
    assert "Choose one way" in both.text
    draft = factories.RunFactory(opened=False)
    assert officer.post(reverse(RECEIVE), {"run": draft.pk, "text": "Lê"}).status_code == 200
    assert not EnrolmentList.objects.exists()


def zipped(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return kept.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A good workbook with one part replaced."""
    good = zipfile.ZipFile(io.BytesIO(workbook((1, "Lê Thị Mới", BORN))))
    parts = {info.filename: good.read(info) for info in good.infolist()} | {name: content}
    return zipped(**parts)


ENTITIES = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">
<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"""
FAR_AWAY = b"""<?xml version="1.0"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="999999999"><c r="A999999999" t="inlineStr"><is><t>x</t></is></c></row>
</sheetData></worksheet>"""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a file of Excel",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,  # the old format, .xls
        b"PK\x03\x04" + b"\x00" * 100,
        zipped(),
        zipped(**{"xl/workbook.xml": b"<broken"}),
        zipped(**{"bomb.xml": b"0" * 60_000_000}),
        zipped(**{f"{number}.xml": b"" for number in range(600)}),
        with_part("xl/worksheets/sheet1.xml", ENTITIES),
        with_part("xl/worksheets/sheet1.xml", FAR_AWAY),
        with_part("xl/worksheets/sheet1.xml", b"<worksheet/>"),
        with_part("xl/workbook.xml", ENTITIES),
    ],
    ids=[
        "empty",
        "text",
        "old",
        "torn",
        "no parts",
        "broken",
        "bomb",
        "many parts",
        "entities",
        "far away",
        "no rows",
        "entities in the book",
    ],
)
def test_a_hostile_or_broken_file_is_refused_in_words(officer: Client, content: bytes) -> None:
    answer = upload(officer, factories.RunFactory(), content)
    assert answer.status_code == 200
    assert not EnrolmentList.objects.exists()
    assert not answer.redirect_chain
    assert "error" in answer.text


def test_a_file_that_is_too_large_is_refused(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_FILE", 1024)
    answer = upload(officer, factories.RunFactory(), workbook((1, "Lê Thị Mới")) + b"0" * 2000)
    assert "larger than" in answer.text


def test_strange_cells_are_said_and_harm_nothing(officer: Client) -> None:
    agency = factories.AgencyFactory()
    rows: list[tuple[Any, ...]] = [
        (1, "=HYPERLINK(1)", BORN, agency.name),
        (2, "A" * 5000, BORN, agency.name),
        (3, "Lê Văn Ngày", "31/02/1990", agency.name),
        (4, "Lê Văn Mai", timezone.localdate() + timedelta(days=1), agency.name),
        (5, "Lê Văn Năm", 1985, agency.name),
        (6, "Lê Văn Số", 31292, agency.name),
        (7, "Lê Văn Thư", BORN, agency.name, "B" * 5000, "khong phai thu"),
        (8, "Lê\u200b Văn\u00a0Kín", "1985-09-02", agency.name),
        (9, True, BORN, agency.name),
        (10, None, BORN, agency.name),
        (11, "<script>alert(1)</script>", BORN, agency.name),
        (12, None, None, None),
    ]
    shown = upload(officer, factories.RunFactory(), workbook(*rows))
    found = EnrolmentList.objects.get()
    states = dict(found.rows.values_list("number", "state"))
    unreadable = {number for number, state in states.items() if state == "unreadable"}
    assert unreadable == {4, 5, 6, 7, 13, 14}
    assert len(states) == 11
    born = dict(found.rows.values_list("full_name", "date_of_birth"))
    assert (born["Lê Văn Năm"], born["Lê Văn Kín"]) == (None, BORN)
    assert born["Lê Văn Số"].year == 1985
    row = found.rows.get(full_name="Lê Văn Thư")
    assert (len(row.position), row.email) == (120, "")
    assert "is no e-mail address" in row.note
    assert "<script>alert" not in shown.text


def test_headings_are_found_where_people_put_them(officer: Client) -> None:
    run = factories.RunFactory()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["UBND TỈNH", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        [],
        ["STT", "HỌ VÀ TÊN", None, "Ngày, tháng, năm sinh", "Đơn vị công tác", "Chức danh"],
        [1, "Nguyễn Thị", "Hoa", "2.9.1985", "Sở Nội vụ", "Chuyên viên"],
        [None, None, None, None, None, None],
        [2, "Trần", "Ổn", "02-09-1985", "Sở Nội vụ", None],
    ):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    upload(officer, run, kept.getvalue())
    rows = EnrolmentListRow.objects.order_by("number")
    assert [(row.number, row.full_name, row.date_of_birth) for row in rows] == [
        (4, "Nguyễn Thị Hoa", BORN),
        (6, "Trần Ổn", BORN),
    ]
    assert rows[0].agency_text == "Sở Nội vụ"
    assert rows[0].position == "Chuyên viên"


@pytest.mark.parametrize(
    "headings",
    [
        [
            ["STT", "Họ và tên", None, "Ngày sinh", None, "Đơn vị"],
            [None, None, None, "Nam", "Nữ", None],
        ],
        [["STT", "Họ đệm", "Tên", "Năm sinh (Nam)", "Năm sinh (Nữ)", "Đơn vị"]],
    ],
)
def test_birth_dates_are_read_from_a_column_for_men_and_one_for_women(
    officer: Client, headings: list[list[Any]]
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        *headings,
        [1, "Lê Văn", "An", "02/09/1985", None, "Sở Nội vụ"],
        [2, "Võ Thị", "Ý", None, "02/09/1985", "Sở Nội vụ"],
        [3, "Trần", "Ổn", None, None, "Sở Nội vụ"],
        [4, "Lê", "Na", "02/09/1985", "03/09/1985", "Sở Nội vụ"],
    ):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    upload(officer, factories.RunFactory(), kept.getvalue())
    rows = EnrolmentListRow.objects.order_by("number")
    assert [(row.full_name, row.date_of_birth) for row in rows] == [
        ("Lê Văn An", BORN),
        ("Võ Thị Ý", BORN),
        ("Trần Ổn", None),
        ("Lê Na", None),
    ]
    assert [row.number for row in rows] == [len(headings) + place for place in (1, 2, 3, 4)]
    assert rows[3].state == EnrolmentListRow.State.UNREADABLE


def test_pasted_lines_are_read_with_and_without_headings(officer: Client) -> None:
    run = factories.RunFactory()
    texts = (
        "1. Lê Văn An; 02/09/1985; Sở Nội vụ; Chuyên viên\n\n2. Võ Thị Ý;;Sở Nội vụ",
        "1\tLê Văn An\t02/09/1985\tSở Nội vụ\n2\tVõ Thị Ý\t\tSở Nội vụ\n",
        "Full name\tAgency\tDate of birth\nLê Văn An\tSở Nội vụ\t1985-09-02\nVõ Thị Ý\tSở Nội vụ",
    )
    for text in texts:
        officer.post(reverse(RECEIVE), {"run": run.pk, "text": text})
        found = EnrolmentList.objects.order_by("-pk")[0]
        rows = found.rows.order_by("number")
        assert [(row.full_name, row.date_of_birth, row.agency_text) for row in rows] == [
            ("Lê Văn An", BORN, "Sở Nội vụ"),
            ("Võ Thị Ý", None, "Sở Nội vụ"),
        ]


def test_steps_and_decisions_that_make_no_sense_change_nothing(officer: Client) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    by = factories.UserFactory(officer=True)
    found = receive_lines(run_id=run.pk, text=f"Lê Văn An;;{agency.name}", by=by, at=NOW)
    other = receive_lines(run_id=run.pk, text=f"Võ Văn Bé;;{agency.name}", by=by, at=NOW)
    foreign = other.rows.get()
    for given in (
        {},
        {"do": "format the disk"},
        {"do": "decide", "row-x": "create", "row-": "skip", "row-9" * 30: "skip"},
        {"do": "decide", f"row-{foreign.pk}": "create"},
        {"do": "decide", f"row-{found.rows.get().pk}": "123456"},
        {"do": "pick", "key": ["", "x"], "agency": ["999999", "y"]},
        {"do": "pick", "key": ["a\x00b"], "agency": [str(agency.pk)]},
        {"do": "again"},
    ):
        assert officer.post(page_of(found), given).status_code == 302
    foreign.refresh_from_db()
    assert (foreign.state, found.rows.get().state) == ("unknown", "unknown")
    assert "Some rows still wait" in officer.post(page_of(found), {"do": "start"}, follow=True).text


def test_a_list_of_another_is_not_there_for_a_focal_point() -> None:
    by = factories.UserFactory(officer=True)
    found = receive_lines(run_id=factories.RunFactory().pk, text="Lê Văn An", by=by, at=NOW)
    stranger = logged_in(factories.UserFactory(focal_point=True))
    assert stranger.get(page_of(found)).status_code == 404
    assert stranger.post(page_of(found), {"do": "discard"}).status_code == 404
    assert stranger.get(reverse("enrolment_lists:report", args=[found.pk])).status_code == 404


# --- Requests and the agency's people -------------------------------------------------------------


def waiting_for_approval(run: CourseRun, person: Person | None = None) -> EnrolmentRequest:
    CourseRun.objects.filter(pk=run.pk).update(needs_approval=True)
    answer = ask(person=person or factories.PersonFactory(), run_id=run.pk, at=NOW)
    assert isinstance(answer, Asked)
    return answer.request


def test_the_focal_point_of_the_agency_decides_and_no_other() -> None:
    request = waiting_for_approval(factories.RunFactory())
    own = logged_in(factories.UserFactory(focal_point=True, focal_point_of=[request.agency]))
    page = reverse("enrolment_requests:inspect", args=[request.pk])
    assert str(request.person) in own.get(reverse("enrolment_requests:index")).text
    assert "Approve" in own.get(page).text
    for reason in ("", " \x00 "):
        told = own.post(page, {"do": "refuse", "reason": reason}, follow=True)
        assert "Give the reason" in told.text
    stranger = logged_in(factories.UserFactory(focal_point=True))
    assert stranger.post(page, {"do": "approve"}).status_code == 404
    own.post(page, {"do": "approve"})
    request.refresh_from_db()
    assert request.state == "enrolled"


def test_a_focal_point_ticks_people_and_reminds_who_is_late() -> None:
    run = factories.RunFactory()
    agency = factories.AgencyFactory()
    new, learner = factories.PersonFactory.create_batch(2, agency=agency)
    Person.objects.filter(pk=learner.pk).update(email="hv@x.gov.vn")
    stranger = factories.PersonFactory()
    factories.EnrolmentFactory(run=run, person=learner)
    user = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    client = logged_in(user)
    assert run.name in client.get(reverse("agency_people:index")).text
    page = reverse("agency_people:run", args=[run.pk])
    assert "Not enrolled" in client.get(page).text
    told = client.post(page, {"do": "enrol", "person": [new.pk, stranger.pk, "x"]}, follow=True)
    assert "1 person is enrolled." in told.text
    assert set(run.enrolments.values_list("person", flat=True)) == {new.pk, learner.pk}
    CourseRun.objects.filter(pk=run.pk).update(
        starts_on=timezone.localdate() - timedelta(days=9),
        ends_on=timezone.localdate() - timedelta(days=1),
    )
    assert "Remind the 2 people who are late" in client.get(page).text
    told = client.post(page, {"do": "remind_late"}, follow=True)
    assert "1 reminder is on its way." in told.text
    assert "1 person has no e-mail address." in told.text
    assert Reminder.objects.get().enrolment.person == learner


def test_what_was_not_done_for_whom_was_ticked_is_said_and_nothing_else() -> None:
    earlier = factories.CourseFactory(title="Nhận thức chung")
    run = factories.RunFactory()
    agency = factories.AgencyFactory()
    learner = factories.EnrolmentFactory(run=run, person=factories.PersonFactory(agency=agency))
    run.course.prerequisites.add(earlier)
    names = ("Lê Quốc Khánh", "Võ Thành Nhân")
    ticked = [factories.PersonFactory(agency=agency, full_name=name) for name in names]
    client = logged_in(factories.UserFactory(focal_point=True, focal_point_of=[agency]))
    page = reverse("agency_people:run", args=[run.pk])

    def told(**posted: Any) -> list[str]:
        answer = client.post(page, posted, follow=True)
        return [str(one).strip() for one in answer.context["messages"]]

    (refused,) = told(do="enrol", person=[one.pk for one in ticked])
    assert refused.startswith("Not enrolled: Lê Quốc Khánh, Võ Thành Nhân.")
    assert earlier.title in refused
    assert told(do="enrol") == ["Nobody to enrol was ticked."]
    assert told(do="remind") == ["There is nobody to remind."]
    assert told(do="remind", enrolment=[learner.pk]) == ["1 person has no e-mail address."]
    withdraw(enrolment_id=learner.pk, at=NOW)
    assert told(do="remind", enrolment=[learner.pk]) == ["1 person has nothing left to do."]


def test_staff_withdraw_and_transfer_whom_they_look_after() -> None:
    enrolment = factories.EnrolmentFactory()
    target = factories.RunFactory(course=enrolment.run.course)
    own = logged_in(factories.UserFactory(focal_point=True, focal_point_of=[enrolment.agency]))
    transfer = reverse("enrolments:transfer", args=[enrolment.pk])
    withdraw = reverse("enrolments:withdraw", args=[enrolment.pk])
    assert transfer in own.get(reverse("enrolments:inspect", args=[enrolment.pk])).text
    assert own.post(withdraw, {"reason": ""}).status_code == 200
    own.post(transfer, {"run": target.pk, "reason": "Trùng lịch"})
    moved = target.enrolments.get()
    assert moved.person == enrolment.person
    shown = own.get(reverse("enrolments:inspect", args=[enrolment.pk])).text
    assert "Trùng lịch" in shown
    assert withdraw not in shown
    own.post(reverse("enrolments:withdraw", args=[moved.pk]), {"reason": "Nghỉ việc"})
    moved.refresh_from_db()
    assert moved.withdrawn_at is not None
    trainer = factories.UserFactory(trainer=True)
    enrolment.run.course.trainers.create(user=trainer)
    refused = logged_in(trainer).get(withdraw)
    assert refused.status_code == 302  # back to the admin's first page
