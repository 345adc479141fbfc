import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from courses.attendance import printing, roster, sheets
from courses.attendance.refusing import AttendanceRefused
from courses.models import Attendance, AttendanceSheet, Enrolment, Session
from jobs.paper import PaperError
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def session() -> Session:
    run = factories.RunFactory(name="Lớp 1/2026", provider="Sở Khoa học và Công nghệ")
    return factories.meeting(run, starts_in=-240)


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(file, kind)
    return file.getvalue()


def text_of(pdf: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    read = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, stdout=subprocess.PIPE, check=True
    )
    return read.stdout.decode()


def scan(content: bytes, name: str = "scan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def kept_files() -> set[str]:
    storage = storages["private"]
    folder = Path(storage.path("attendance"))
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_the_printed_sheet_has_everybody_with_birth_date_and_agency(session: Session) -> None:
    agency = factories.AgencyFactory(name="Ủy ban nhân dân phường Vĩnh Hải")
    for name in ("Nguyễn Thị Minh Khai", "Lê Hoàng Ánh"):
        person = factories.PersonFactory(full_name=name, agency=agency)
        factories.EnrolmentFactory(run=session.run, person=person)
    gone = factories.PersonFactory(full_name="Đặng Quốc Ổn")
    Enrolment.objects.filter(pk=factories.EnrolmentFactory(run=session.run, person=gone).pk).update(
        withdrawn_at=NOW
    )
    text = text_of(printing.print_sheet(session))
    for expected in (
        "DANH SÁCH ĐIỂM DANH",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        "Lớp 1/2026",
        session.title,
        "Hội trường A",
        "02/09/1985",
        "Ký tên",
        "Danh sách gồm 2 học viên.",
    ):
        assert expected in text
    assert text.index("Lê Hoàng Ánh") < text.index("Nguyễn Thị Minh Khai")
    assert "Đặng Quốc Ổn" not in text


def test_the_head_of_the_table_stands_on_every_page(session: Session) -> None:
    for _n in range(40):
        factories.EnrolmentFactory(run=session.run)
    pdf = printing.print_sheet(session)
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 1
    for page in pages:
        assert "Họ và tên" in page.extract_text()
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


def test_an_empty_class_has_an_empty_sheet(session: Session) -> None:
    assert "Danh sách gồm 0 học viên." in text_of(printing.print_sheet(session))


def test_the_longest_texts_and_typst_in_them_are_only_text(session: Session) -> None:
    title = '#panic("x") $a$ *b* \\ "c" ' + "x" * 150
    Session.objects.filter(pk=session.pk).update(title=title)
    session.refresh_from_db()
    factories.EnrolmentFactory(
        run=session.run, person=factories.PersonFactory(full_name="Nguyễn " * 17)
    )
    assert '#panic("x") $a$ *b*' in text_of(printing.print_sheet(session))


def test_a_name_that_cannot_be_drawn_is_said(session: Session) -> None:
    person = factories.PersonFactory(full_name="Trần 漢")
    factories.EnrolmentFactory(run=session.run, person=person)
    with pytest.raises(PaperError, match="漢"):
        printing.print_sheet(session)


@pytest.mark.parametrize("content", [PDF, picture("JPEG"), picture("PNG")])
def test_a_signed_sheet_is_entered_with_its_scan(session: Session, content: bytes) -> None:
    enrolment = factories.EnrolmentFactory(run=session.run)
    by = factories.UserFactory(trainer=True)
    taken = sheets.enter(
        session_id=session.pk,
        upload=scan(content, "../../anything.exe"),
        marks={enrolment.pk: True},
        by=by,
        at=NOW,
    )
    assert taken == roster.Taken(entered=1)
    entry = Attendance.objects.get()
    sheet = AttendanceSheet.objects.get()
    assert (entry.source, entry.sheet, sheet.kept_by, sheet.kept_at) == ("sheet", sheet, by, NOW)
    assert sheet.scan.name.startswith("attendance/")
    assert "anything" not in sheet.scan.name
    with sheet.scan.open() as kept:
        assert kept.read() == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a programme",
        b"%PDF-1.4 cut off",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        picture("GIF"),
        picture("PNG")[:50],
    ],
    ids=["empty", "programme", "cut", "svg", "gif", "broken png"],
)
def test_anything_else_is_no_scan(session: Session, content: bytes) -> None:
    enrolment = factories.EnrolmentFactory(run=session.run)
    before = kept_files()
    with pytest.raises(AttendanceRefused):
        sheets.enter(
            session_id=session.pk,
            upload=scan(content),
            marks={enrolment.pk: True},
            by=None,
            at=NOW,
        )
    assert not AttendanceSheet.objects.exists()
    assert not Attendance.objects.exists()
    assert kept_files() == before


def test_a_scan_that_is_too_large_is_refused(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "LARGEST_MEGABYTES", 0)
    with pytest.raises(AttendanceRefused):
        sheets.keep(session_id=session.pk, upload=scan(PDF), by=None, at=NOW)


def test_a_list_that_is_refused_keeps_no_scan(session: Session) -> None:
    enrolment = factories.EnrolmentFactory(run=session.run)
    what: dict[str, Any] = {"session_id": session.pk, "by": None, "at": NOW}
    roster.enter(marks={enrolment.pk: True}, **what)
    before = kept_files()
    with pytest.raises(AttendanceRefused):
        sheets.enter(
            upload=scan(PDF), marks={enrolment.pk: False}, shown={enrolment.pk: True}, **what
        )
    assert kept_files() == before
