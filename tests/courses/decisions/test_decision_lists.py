import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from courses.decisions import listing, printing, sheet, word
from courses.decisions.listing import Decision, DecisionList, Which
from courses.models import CourseRun, Enrolment
from people.models import Person, Posting
from tests import factories
from tests.staff import at_work

pytestmark = pytest.mark.django_db

DECISION = Decision(
    "Sở Khoa học và Công nghệ", "UBND tỉnh Khánh Hòa", "125/QĐ-SKHCN", date(2026, 2, 3)
)
NAMES = ("Trần Văn Ổn", "Lê Thị Ánh", "Nguyễn Đức Bình", "Nguyễn Văn An")


@pytest.fixture
def trainer() -> Any:
    return factories.UserFactory(trainer=True)


@pytest.fixture
def run(trainer: Any) -> CourseRun:
    """Four learners; the first two have completed, the last has withdrawn."""
    course = factories.CourseFactory(trainers=[trainer])
    run: CourseRun = factories.RunFactory(course=course, provider="Trung tâm Tư vấn")
    for place, name in enumerate(NAMES):
        person = factories.PersonFactory(full_name=name)
        factories.EnrolmentFactory(run=run, person=person, completed=place < 2)
    Enrolment.objects.filter(person__full_name=NAMES[3]).update(withdrawn_at=timezone.now())
    return run


def made(
    run: CourseRun, which: Which = Which.CLOSING, decision: Decision = DECISION
) -> DecisionList:
    return listing.make(run=run, which=which, decision=decision)


def names(of: DecisionList) -> list[str]:
    return [line[1] for line in of.lines]


def test_at_opening_the_active_learners_are_listed_by_given_name(run: CourseRun) -> None:
    made_list = made(run, Which.OPENING)
    assert names(made_list) == ["Lê Thị Ánh", "Nguyễn Đức Bình", "Trần Văn Ổn"]
    assert made_list.columns == ("STT", "Họ và tên", "Ngày sinh", "Đơn vị công tác")
    assert [line[0] for line in made_list.lines] == ["1", "2", "3"]
    assert made_list.lines[0][2] == "02/09/1985"


def test_at_closing_those_who_completed_are_listed_with_their_result(run: CourseRun) -> None:
    made_list = made(run)
    assert names(made_list) == ["Lê Thị Ánh", "Trần Văn Ổn"]
    assert made_list.lines[0][-1] == "Đạt (8/10)"


def test_certificate_numbers_are_listed_where_there_are_some(run: CourseRun) -> None:
    rule = factories.IssuingRuleFactory(course=run.course)
    person = factories.PersonFactory(full_name="Võ Thị Hạnh")
    certificate = factories.filed_certificate(rule=rule, person=person, run=run)
    number = certificate.entries.order_by("position")[0].number
    made_list = made(run)
    assert made_list.columns[-1] == "Số hiệu giấy chứng nhận"
    assert {line[1]: line[-1] for line in made_list.lines} == {
        "Võ Thị Hạnh": number,
        "Lê Thị Ánh": "",
        "Trần Văn Ổn": "",
    }


def test_the_position_is_that_held_at_enrolment(run: CourseRun) -> None:
    Posting.objects.filter(person__full_name="Lê Thị Ánh").update(position="Chuyên viên")
    other = factories.AgencyFactory()
    person = Person.objects.get(full_name="Lê Thị Ánh")
    Posting.objects.create(
        person=person, agency=other, position="Giám đốc", joined_on=timezone.localdate()
    )
    made_list = made(run)
    assert made_list.columns[3] == "Chức vụ"
    assert [line[3] for line in made_list.lines] == ["Chuyên viên", ""]


def test_what_is_not_known_of_the_decision_is_left_to_be_filled_in(run: CourseRun) -> None:
    said = made(run, decision=Decision("Sở KHCN")).attached_to
    assert said == "(Kèm theo Quyết định số …………/QĐ-…… ngày …… tháng …… năm ……… của Sở KHCN)"
    assert made(run).attached_to == (
        "(Kèm theo Quyết định số 125/QĐ-SKHCN ngày 03 tháng 02 năm 2026 của "
        "Sở Khoa học và Công nghệ)"
    )


# --- The files, read back -------------------------------------------------------------------------


def cells_of_word(content: bytes) -> Iterator[list[str]]:
    table = Document(io.BytesIO(content)).tables[1]
    for row in table.rows:
        yield [cell.text for cell in row.cells]


def test_the_word_file_has_head_and_lines(run: CourseRun) -> None:
    content = word.write(made(run))
    document = Document(io.BytesIO(content))
    head = [cell.text for cell in document.tables[0].rows[0].cells]
    assert head == [
        "UBND TỈNH KHÁNH HÒA\nSỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc",
    ]
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert "DANH SÁCH HỌC VIÊN HOÀN THÀNH KHÓA ĐÀO TẠO" in texts
    assert made(run).attached_to in texts
    assert list(cells_of_word(content)) == [list(made(run).columns), *map(list, made(run).lines)]


def test_the_workbook_has_the_lines_and_no_formula(run: CourseRun) -> None:
    factories.EnrolmentFactory(
        run=run, person=factories.PersonFactory(full_name="=1+1"), completed=True
    )
    book = load_workbook(io.BytesIO(sheet.write(made(run))))
    rows = list(book.active.iter_rows())
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    values = [[cell.value for cell in row] for row in rows]
    assert [row[1] for row in values if isinstance(row[0], int)] == names(made(run))


def test_the_pdf_says_the_same(run: CourseRun) -> None:
    content = printing.write(made(run), on=date(2026, 1, 1))
    pages = PdfReader(io.BytesIO(content)).pages
    text = " ".join(" ".join(page.extract_text().split()) for page in pages)
    for said in ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", "Lê Thị Ánh", "125/QĐ-SKHCN", "gồm 2 người"):
        assert said in text


def test_the_head_of_the_table_stands_on_every_page(run: CourseRun) -> None:
    long = made(run)
    many = listing.DecisionList(**{**vars(long), "lines": long.lines * 60})
    pages = PdfReader(io.BytesIO(printing.write(many, on=date(2026, 1, 1)))).pages
    assert len(pages) > 2
    assert all("Họ và tên" in page.extract_text() for page in pages)


def test_a_list_of_thousands_is_written_in_seconds(run: CourseRun) -> None:
    long = made(run)
    many = listing.DecisionList(**{**vars(long), "lines": long.lines * 1500})
    assert len(list(cells_of_word(word.write(made(run))))) == 3
    for content in (word.write(many), sheet.write(many)):
        assert len(content) > 10_000


def test_control_characters_break_no_file(run: CourseRun) -> None:
    Person.objects.filter(full_name="Lê Thị Ánh").update(
        full_name="Lê\x0b\x00\uffff Thị\tÁnh".replace("\x00", "")
    )
    made_list = made(run)
    assert "Lê Thị Ánh" in names(made_list)
    assert word.write(made_list)
    assert sheet.write(made_list)
    assert printing.write(made_list, on=date(2026, 1, 1))


def test_an_empty_list_is_a_list(trainer: Any) -> None:
    empty = made(factories.RunFactory())
    for content in (
        word.write(empty),
        sheet.write(empty),
        printing.write(empty, on=date(2026, 1, 1)),
    ):
        assert content


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "begins"), [("docx", b"PK"), ("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_the_list_is_downloaded(run: CourseRun, trainer: Any, kind: str, begins: bytes) -> None:
    staff, url = at_work(trainer), reverse("decision_lists", args=[run.pk])
    page = staff.get(url)
    assert page.context["form"].initial["issuing_body"] == "Trung tâm Tư vấn"
    answer = staff.get(url, {"which": "closing", "kind": kind, "number": "1/QĐ", "signed_on": ""})
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert f".{kind}" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].isascii()


@pytest.mark.parametrize(
    "wrong",
    [
        {"which": "all"},
        {"kind": "exe"},
        {"signed_on": "hôm qua"},
        {"number": "9" * 100},
        {"kind": "pdf", "issuing_body": "Sở 😀"},
    ],
)
def test_what_cannot_be_used_is_said(run: CourseRun, trainer: Any, wrong: dict[str, str]) -> None:
    asked = {"which": "opening", "kind": "docx"} | wrong
    answer = at_work(trainer).get(reverse("decision_lists", args=[run.pk]), asked)
    assert answer.status_code == 422


def test_a_foreign_run_and_a_draft_have_no_lists(run: CourseRun, trainer: Any) -> None:
    draft = factories.RunFactory(course=run.course, opened=False)
    assert at_work(trainer).get(reverse("decision_lists", args=[draft.pk])).status_code == 404
    stranger = at_work(factories.UserFactory(trainer=True))
    assert stranger.get(reverse("decision_lists", args=[run.pk])).status_code == 404


def test_a_list_costs_the_same_however_many_learners(
    run: CourseRun, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        made(run)
    for _number in range(5):
        factories.EnrolmentFactory(run=run, completed=True, at=timezone.now() - timedelta(days=4))
    with django_assert_num_queries(4):
        made(run)
