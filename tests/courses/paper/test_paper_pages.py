import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from courses.models import AssessmentResult, CourseRun, Enrolment, ResultSheet
from courses.paper import admin_views
from tests import factories
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

NAMES = ("Trần Văn Ổn", "Lê Thị Ánh", "Nguyễn Văn Bình")


class Class:
    """A run with three learners, its trainer at work."""

    def __init__(self) -> None:
        self.trainer = factories.UserFactory(trainer=True)
        course = factories.CourseFactory(trainers=[self.trainer])
        self.run: CourseRun = factories.RunFactory(course=course)
        self.test = factories.assessment_of(course)
        self.learners: list[Enrolment] = [
            factories.EnrolmentFactory(
                run=self.run, person=factories.PersonFactory(full_name=name), watched=True
            )
            for name in NAMES
        ]
        self.staff = at_work(self.trainer)
        self.url = reverse("paper:grid", args=[self.run.pk, self.test.pk])

    def post(
        self, marks: dict[int, str], *, seen: dict[int, str] | None = None, **more: Any
    ) -> Any:
        data: dict[str, Any] = {
            "taken_on": (timezone.localdate() - timedelta(days=1)).isoformat(),
            "max_score": "10",
            "reason": "",
        }
        for place, mark in marks.items():
            key = self.learners[place].pk
            data |= {f"mark-{key}": mark, f"seen-{key}": (seen or {}).get(place, "")}
        return self.staff.post(self.url, data | more)

    def marks(self) -> list[str]:
        stand = {result.enrolment_id: result for result in AssessmentResult.objects.all()}
        return [str(stand[one.pk].score) if one.pk in stand else "" for one in self.learners]

    def workbook(self) -> Any:
        answer = self.staff.get(reverse("paper:workbook", args=[self.run.pk, self.test.pk]))
        assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
        return load_workbook(io.BytesIO(answer.content))

    def show(self, book: Any) -> Any:
        written = io.BytesIO()
        book.save(written)
        return self.upload(written.getvalue())

    def upload(self, content: bytes, name: str = "diem.xlsx") -> Any:
        file = SimpleUploadedFile(name, content)
        return self.staff.post(self.url, {"preview": "1", "workbook": file})


@pytest.fixture
def of_class() -> Class:
    return Class()


@pytest.fixture(autouse=True)
def _no_scan_left() -> Iterator[None]:
    yield
    for sheet in ResultSheet.objects.exclude(scan=""):
        storages["private"].delete(sheet.scan.name)


def rows_of(response: Any) -> list[Any]:
    return list(response.context["page"].object_list)


# --- The grid -------------------------------------------------------------------------------------


def test_the_grid_lists_active_learners_by_given_name(of_class: Class) -> None:
    Enrolment.objects.filter(pk=of_class.learners[2].pk).update(withdrawn_at=timezone.now())
    response = of_class.staff.get(of_class.url)
    names = [row.enrolment.person.full_name for row in rows_of(response)]
    assert names == ["Lê Thị Ánh", "Trần Văn Ổn"]


def test_marks_typed_with_comma_or_point_are_entered_and_empty_ones_are_not(
    of_class: Class,
) -> None:
    response = of_class.post({0: "7,5", 1: "8.25", 2: ""})
    assert response.status_code == 302
    assert of_class.marks() == ["7.50", "8.25", ""]
    page = of_class.staff.get(of_class.url)
    assert [row.typed for row in rows_of(page)] == ["8,25", "", "7,5"]


@pytest.mark.parametrize(
    "mark", ["tám", "11", "-1", "1e1", "NaN", "7,555", "=7", "٧", "9" * 400, "7 8"]
)
def test_a_wrong_mark_is_named_beside_its_learner_and_nothing_is_entered(
    of_class: Class, mark: str
) -> None:
    response = of_class.post({0: "8", 1: mark})
    assert response.status_code == 422
    assert of_class.marks() == ["", "", ""]
    wrong = [row for row in rows_of(response) if row.error]
    assert [row.enrolment for row in wrong] == [of_class.learners[1]]
    typed = {row.enrolment: row.typed for row in rows_of(response)}
    assert typed[of_class.learners[0]] == "8"


@pytest.mark.parametrize(
    "wrong",
    [
        {"taken_on": ""},
        {"taken_on": "hôm qua"},
        {"taken_on": "2999-01-01"},
        {"max_score": "0"},
        {"max_score": "mười"},
    ],
)
def test_the_sheet_needs_its_day_and_its_highest_mark(of_class: Class, wrong: Any) -> None:
    assert of_class.post({0: "8"}, **wrong).status_code == 422
    assert of_class.marks() == ["", "", ""]


def test_a_mark_that_somebody_else_entered_meanwhile_is_not_overwritten(of_class: Class) -> None:
    of_class.post({0: "6"})
    response = of_class.post({0: "9", 1: "8"})
    assert response.status_code == 422
    assert "6" in next(row.error for row in rows_of(response) if row.error)
    assert of_class.marks() == ["6.00", "", ""]
    assert of_class.post({0: "", 1: "8"}).status_code == 302  # left alone: not mine to change
    assert of_class.marks() == ["6.00", "8.00", ""]


def test_a_correction_is_refused_without_its_reason_and_kept_with_it(of_class: Class) -> None:
    of_class.post({0: "6"})
    assert of_class.post({0: "7"}, seen={0: "6"}).status_code == 422
    answer = of_class.post({0: "7"}, seen={0: "6"}, reason="Cộng nhầm")
    assert answer.status_code == 302
    assert "corrected" in said(of_class.staff.get(answer.url))
    assert of_class.marks() == ["7.00", "", ""]


def test_a_mark_cannot_be_emptied(of_class: Class) -> None:
    of_class.post({0: "6"})
    assert of_class.post({0: ""}, seen={0: "6"}).status_code == 422
    assert of_class.marks() == ["6.00", "", ""]


def test_a_foreign_learner_in_the_form_is_refused(of_class: Class) -> None:
    stranger = factories.EnrolmentFactory()
    response = of_class.post({0: "8"}, **{f"mark-{stranger.pk}": "9"})
    assert response.status_code == 422
    assert not AssessmentResult.objects.exists()


def test_a_double_click_enters_once(of_class: Class) -> None:
    of_class.post({0: "8"})
    again = of_class.post({0: "8"})
    assert "Nothing was changed" in said(of_class.staff.get(again.url))
    assert ResultSheet.objects.count() == 1


# --- The scan -------------------------------------------------------------------------------------


def picture(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (30, 40), "white").save(written, kind)
    return written.getvalue()


def test_the_scan_is_given_to_those_who_manage_the_run_only(of_class: Class) -> None:
    scan = SimpleUploadedFile("../../bảng điểm.png", picture("PNG"), "text/html")
    assert of_class.post({0: "8"}, scan=scan).status_code == 302
    sheet = ResultSheet.objects.get()
    address = reverse("paper:scan", args=[of_class.run.pk, sheet.pk])
    answer: Any = of_class.staff.get(address)
    assert b"".join(answer.streaming_content) == picture("PNG")
    assert answer.headers["Content-Type"] == "image/png"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ".." not in sheet.scan.name
    stranger = at_work(factories.UserFactory(trainer=True))
    assert stranger.get(address).status_code == 404
    other = factories.RunFactory(course=of_class.run.course)
    assert of_class.staff.get(reverse("paper:scan", args=[other.pk, sheet.pk])).status_code == 404
    assert Client().get(address).status_code == 302


def bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"%PDF-1.7 without an end",
        b"MZ\x90\x00",
        b"\x89PNG\r\n\x1a\n" + b"0" * 100,
        picture("GIF"),
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        bomb(),
    ],
    ids=["empty", "html", "half", "exe", "png", "gif", "svg", "zip"],
)
def test_a_scan_that_is_no_pdf_or_picture_is_refused(of_class: Class, content: bytes) -> None:
    scan = SimpleUploadedFile("scan.pdf", content, "application/pdf")
    assert of_class.post({0: "8"}, scan=scan).status_code == 422
    assert not ResultSheet.objects.exists()


# --- The workbook ---------------------------------------------------------------------------------


def test_a_filled_in_workbook_is_shown_first_and_then_entered(of_class: Class) -> None:
    of_class.post({0: "6"})
    book = of_class.workbook()
    lines = [[cell.value for cell in row] for row in book.active.iter_rows(min_row=3)]
    assert [line[2] for line in lines] == ["Lê Thị Ánh", "Nguyễn Văn Bình", "Trần Văn Ổn"]
    assert [line[5] for line in lines] == [None, None, 6]
    assert book.active.column_dimensions["A"].hidden
    book.active["F3"], book.active["F4"], book.active["F5"] = 9.5, "8,5", 7
    response = of_class.show(book)
    assert response.context["problems"] == []
    rows = rows_of(response)
    assert [(row.typed, row.change) for row in rows] == [
        ("9,5", "added"),
        ("8,5", "added"),
        ("7", "corrected"),
    ]
    assert of_class.marks() == ["6.00", "", ""]
    typed = {of_class.learners.index(row.enrolment): row.typed for row in rows}
    answer = of_class.post(typed, seen={0: "6"}, reason="Chấm lại")
    assert answer.status_code == 302
    assert of_class.marks() == ["7.00", "9.50", "8.50"]


def test_what_is_wrong_in_a_workbook_is_named_by_its_row(of_class: Class) -> None:
    book = of_class.workbook()
    sheet = book.active
    sheet["F3"] = "vắng"
    sheet["C4"], sheet["F4"] = "Nguyễn Văn Bính", 8
    sheet["F5"] = "=5+4"
    stranger = factories.EnrolmentFactory()
    sheet.append([stranger.pk, 4, stranger.person.full_name, "", "", 9])
    sheet.append([sheet["A3"].value, 5, sheet["C3"].value, "", "", 9])
    response = of_class.show(book)
    assert [problem.line for problem in response.context["problems"]] == [3, 4, 5, 6, 7]
    assert all(not row.change or row.error for row in rows_of(response))


def test_a_mark_of_which_excel_made_a_date_is_named(of_class: Class) -> None:
    book = of_class.workbook()
    book.active["F3"] = timezone.localdate()
    (problem,) = of_class.show(book).context["problems"]
    assert "date" in problem.text


def test_a_long_workbook_is_entered_in_parts(of_class: Class, monkeypatch: Any) -> None:
    monkeypatch.setattr(admin_views, "PER_PAGE", 2)
    book = of_class.workbook()
    for line in (3, 4, 5):
        book.active[f"F{line}"] = 8
    response = of_class.show(book)
    assert (len(rows_of(response)), response.context["later"]) == (2, 1)
    of_class.post({of_class.learners.index(row.enrolment): "8" for row in rows_of(response)})
    response = of_class.show(book)
    assert [row.enrolment for row in rows_of(response)] == [of_class.learners[0]]
    assert response.context["later"] == 0


def test_a_workbook_of_another_class_is_refused(of_class: Class) -> None:
    other = Class()
    response = of_class.show(other.workbook())
    assert response.status_code == 422
    assert response.context["upload"].errors


@pytest.mark.parametrize(
    "content", [b"", b"abc", b"PK\x03\x04rubbish", bomb(), b"\x00" * 6_000_000]
)
def test_a_file_that_is_no_workbook_is_refused(of_class: Class, content: bytes) -> None:
    assert of_class.upload(content).status_code == 422


def test_names_are_text_in_the_workbook_even_if_they_look_like_formulas(of_class: Class) -> None:
    person = factories.PersonFactory(full_name="=HYPERLINK(1)")
    factories.EnrolmentFactory(run=of_class.run, person=person)
    kinds = {cell.data_type for row in of_class.workbook().active.iter_rows() for cell in row}
    assert "f" not in kinds


# --- Who may --------------------------------------------------------------------------------------


def test_the_list_of_tests_shows_what_was_entered(of_class: Class) -> None:
    of_class.post({0: "8", 1: "3"})
    response = of_class.staff.get(reverse("paper:index", args=[of_class.run.pk]))
    (test,) = response.context["tests"]
    assert (test.entered, test.passed) == (2, 1)
    assert [sheet.marks for sheet in response.context["sheets"]] == [2]


def test_a_trainer_of_the_run_alone_may_enter_marks(of_class: Class) -> None:
    helper = factories.UserFactory(trainer=True)
    staff = at_work(helper)
    assert staff.get(of_class.url).status_code == 404
    of_class.run.trainers.add(helper)
    assert staff.get(of_class.url).status_code == 200


@pytest.mark.parametrize("trait", ["focal_point", "trainer"])
def test_nobody_else_enters_marks(of_class: Class, trait: str) -> None:
    staff = at_work(factories.UserFactory(**{trait: True}))
    assert staff.get(of_class.url).status_code == 404
    assert staff.post(of_class.url, {}).status_code == 404


def test_a_test_of_another_course_is_not_there(of_class: Class) -> None:
    other = factories.assessment_of(factories.CourseFactory())
    address = reverse("paper:grid", args=[of_class.run.pk, other.pk])
    assert of_class.staff.get(address).status_code == 404


def test_the_grid_costs_the_same_however_many_learners(
    of_class: Class, django_assert_max_num_queries: Any
) -> None:
    for _number in range(20):
        factories.EnrolmentFactory(run=of_class.run)
    of_class.staff.get(of_class.url)
    with django_assert_max_num_queries(25):
        of_class.staff.get(of_class.url)


def test_marks_of_ten_and_of_a_hundred_stand_side_by_side(of_class: Class) -> None:
    of_class.post({0: "8"})
    of_class.post({1: "85"}, max_score="100")
    assert [result.max_score for result in AssessmentResult.objects.order_by("pk")] == [
        Decimal(10),
        Decimal(100),
    ]
