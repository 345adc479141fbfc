"""The register book: every decision of a year, in the order of its entry number."""

import io
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader
from wagtail.models import ModelLogEntry

from certificates.issue import issuing
from certificates.models import Register, RegisterEntry
from certificates.register import deciding
from certificates.register.book import listing
from people.models import User
from tests import factories
from tests.staff import at_work

pytestmark = pytest.mark.django_db
Kind = RegisterEntry.Kind
TODAY = timezone.localdate()


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


@pytest.fixture
def register(officer: User) -> Register:
    """Two were issued; the first was reissued, the second revoked."""
    rule = factories.IssuingRuleFactory()
    people = [factories.PersonFactory(full_name=name) for name in ("=Lê Thị Ý", "Đặng Văn Ổn")]
    first, second = [factories.filed_certificate(rule=rule, person=one) for one in people]
    about: dict[str, Any] = {"by": officer, "at": timezone.now()}
    decision = deciding.Decision("15/QĐ-SKHCN", TODAY, "Mất bản cũ")
    one, two = (each.entries.get(kind=Kind.ISSUE) for each in (first, second))
    deciding.reissue(entry_id=one.pk, decision=decision, **about)
    issuing.issue(certificate_id=first.pk, at=timezone.now())
    deciding.revoke(entry_id=two.pk, decision=decision, **about)
    register: Register = rule.register
    return register


def test_every_decision_stands_in_the_book_with_what_it_concerns(register: Register) -> None:
    lines = list(listing.lines(register=register, year=TODAY.year, on=TODAY))
    assert [line.texts[0] for line in lines] == [f"{n:04d}/{TODAY.year}" for n in (1, 2, 3, 4)]
    first, second, third = (
        one.number or "" for one in register.entries.numbered().order_by("position")
    )
    assert [(line.texts[1], line.texts[7], line.texts[9]) for line in lines] == [
        (first, "Cấp", "Đã được thay thế"),
        (second, "Cấp", "Đã thu hồi"),
        (third, f"Cấp lại, thay thế số {first}", "Có giá trị"),
        ("", f"Thu hồi số {second}", ""),
    ]
    assert lines[3].texts[2] == "Đặng Văn Ổn"
    assert lines[3].texts[8] == f"15/QĐ-SKHCN ngày {TODAY:%d/%m/%Y}: Mất bản cũ"
    assert lines[0].texts[3] == "02/09/1985"


def test_a_book_of_any_length_is_read_in_chunks_and_printed_in_volumes(
    register: Register, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(listing, "VOLUME", 3)
    numbers = [
        [
            line.entry.entry_number
            for line in listing.lines(register=register, year=TODAY.year, volume=volume, on=TODAY)
        ]
        for volume in (1, 2, 3)
    ]
    assert numbers == [[1, 2, 3], [4], []]
    with django_assert_num_queries(2):
        list(listing.lines(register=register, year=TODAY.year, on=TODAY))


def test_an_officer_takes_the_book_away_and_it_is_logged(register: Register, officer: User) -> None:
    client = at_work(officer)
    listed = client.get(reverse("registers:index"))
    books = reverse("register_books", args=[register.pk])
    assert books in listed.text
    page = client.get(books).text
    workbook = reverse("register_book_workbook", args=[register.pk, TODAY.year])
    volume = reverse("register_book_volume", args=[register.pk, TODAY.year, 1])
    assert workbook in page
    assert volume in page
    answer: Any = client.get(workbook)
    sheet = load_workbook(io.BytesIO(answer.getvalue())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == list(listing.COLUMNS)
    assert len(rows) == 5
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert rows[1][2] == "=Lê Thị Ý"
    pdf = PdfReader(io.BytesIO(client.get(volume).content))
    text = " ".join("".join(one.extract_text() for one in pdf.pages).split())
    assert "SỔ GỐC CẤP GIẤY CHỨNG NHẬN" in text
    assert "Đặng Văn Ổn" in text
    last = register.entries.get(kind=Kind.REVOKE)
    assert last.hash in text.replace(" ", "")
    logged = ModelLogEntry.objects.filter(action="certificates.take_book", user=officer)
    assert sorted(one.data["kind"] for one in logged) == ["pdf", "xlsx"]


@pytest.mark.parametrize(
    ("reason", "printed"),
    [
        ("Mất bản cũ,\r\nxin cấp lại", "Mất bản cũ, xin cấp lại"),
        ("Mất\u202e bản cũ", "Mất? bản cũ"),
        ("Điểm 人 😀 sai", "Điểm ? ? sai"),
    ],
)
def test_whatever_a_reason_holds_the_book_is_printed(
    officer: User, reason: str, printed: str
) -> None:
    issued = factories.filed_certificate().entries.get(kind=Kind.ISSUE)
    decision = deciding.Decision("15/QĐ-SKHCN", TODAY, reason)
    deciding.revoke(entry_id=issued.pk, decision=decision, by=officer, at=timezone.now())
    address = reverse("register_book_volume", args=[issued.register_id, TODAY.year, 1])
    response: Any = at_work(officer).get(address)
    assert response["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(response.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert printed in text


def test_a_year_without_entries_has_no_book(register: Register, officer: User) -> None:
    client = at_work(officer)
    for name, args in (
        ("register_book_workbook", [register.pk, TODAY.year - 1]),
        ("register_book_volume", [register.pk, TODAY.year, 2]),
        ("register_book_volume", [register.pk, TODAY.year, 0]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 404


@pytest.mark.parametrize("role", ["trainer", "focal_point"])
def test_other_staff_take_no_book(register: Register, role: str) -> None:
    client = at_work(factories.UserFactory(**{role: True}))
    workbook = reverse("register_book_workbook", args=[register.pk, TODAY.year])
    assert client.get(workbook).status_code == 302
