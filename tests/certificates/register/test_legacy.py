"""Paper certificates of earlier years, entered into a register of their own."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from certificates.look_up import looking_up
from certificates.models import Certificate, Register, RegisterEntry
from certificates.register import deciding, validity, verifying
from certificates.register.book import listing
from certificates.register.legacy import entering, reading
from courses.lists.refusing import FileRefused
from jobs import workbooks
from people.models import Person, User
from reports.models import Fact
from tests import factories
from tests.staff import at_work, said, sheet

pytestmark = pytest.mark.django_db
HEADER = ["TT", "Số hiệu", "Họ và tên", "Ngày sinh", "Khóa đào tạo", "Ngày cấp", "Cơ quan"]
COURSE = "Nhận thức chung TCVN ISO 9001:2008"
FIRST = [1, "12/2012/ĐT", "LÊ THỊ HUỆ", "02/09/1970", COURSE, date(2012, 6, 5), "UBND xã Vĩnh A"]
SECOND = [2, "13/2012/ĐT", "Đặng Văn Ổn", "", COURSE, "5/6/2012", ""]
TODAY = timezone.localdate()


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


@pytest.fixture
def register() -> Register:
    register: Register = factories.RegisterFactory(legacy=True)
    return register


def workbook(*rows: list[Any]) -> bytes:
    book, page = workbooks.blank("Sổ cũ")
    for place, row in enumerate([["DANH SÁCH CẤP GIẤY CHỨNG NHẬN"], HEADER, *rows], start=1):
        workbooks.write_row(page, place, row)
    return workbooks.to_bytes(book)


def enter(register: Register, officer: User, *rows: list[Any]) -> tuple[int, list[Any]]:
    papers = reading.read(workbook(*rows), today=TODAY)
    return entering.enter(register_id=register.pk, papers=papers, by=officer, at=timezone.now())


def test_paper_certificates_are_entered_with_their_own_numbers(
    register: Register, officer: User
) -> None:
    assert enter(register, officer, FIRST, SECOND) == (2, [])
    one, other = RegisterEntry.objects.order_by("position")
    assert (one.number, one.entry_number, one.by) == ("12/2012/ĐT", 1, officer)
    assert one.content["full_name"] == "Lê Thị Huệ"
    assert one.content["legacy"] is True
    assert one.certificate.enrolment is None
    assert one.certificate.state == Certificate.State.FILED
    assert one.certificate.person.date_of_birth == date(1970, 9, 2)
    assert other.content["date_of_birth"] is None
    assert not RegisterEntry.objects.filter(kind="filed").exists()
    assert not Fact.objects.exists()
    assert verifying.verify().problem == ""
    assert validity.in_force(one.certificate, on=date(2012, 6, 5))
    assert not Certificate.objects.in_force(on=date(2012, 6, 4)).exists()
    assert Certificate.objects.in_force(on=date(2012, 6, 5)).count() == 2


def test_the_same_list_again_enters_nothing(register: Register, officer: User) -> None:
    enter(register, officer, FIRST, SECOND)
    entered, left = enter(register, officer, FIRST, SECOND)
    assert entered == 0
    assert [(one.standing, one.problem) for one in left] == [(True, ""), (True, "")]
    assert Person.objects.filter(search_text="le thi hue").count() == 1


def test_somebody_on_file_with_this_name_and_date_of_birth_is_the_same_person(
    register: Register, officer: User
) -> None:
    known = factories.PersonFactory(full_name="Lê Thị Huệ", date_of_birth=date(1970, 9, 2))
    enter(register, officer, FIRST)
    assert RegisterEntry.objects.get().certificate.person == known


def test_what_cannot_be_entered_is_named_with_its_reason(register: Register, officer: User) -> None:
    issued = factories.filed_certificate().entries.get(kind="issue")
    enter(register, officer, FIRST)
    entered, left = enter(
        register,
        officer,
        ["", "12/2012/ĐT", "Người Khác", "", COURSE, "5/6/2012", ""],
        SECOND,
        SECOND,
        ["", "", "Không Số", "", COURSE, "5/6/2012", ""],
        ["", "14/2012", "Sai Ngày", "", COURSE, "5/6/12", ""],
        ["", "15/2012", "Mai Sau", "", COURSE, "5/6/2999", ""],
        ["", "16/2012", "Không Khóa", "", "", "5/6/2012", ""],
        ["", issued.number, "Số Khác Sổ", "", COURSE, "5/6/2012", ""],
    )
    assert entered == 1
    assert [one.paper.row for one in left] == [3, 5, 6, 7, 8, 9, 10]
    assert all(one.problem for one in left)


def test_a_list_without_its_headings_is_refused() -> None:
    book, page = workbooks.blank("Sổ")
    workbooks.write_row(page, 1, ["Họ và tên", "Số hiệu"])
    with pytest.raises(FileRefused):
        reading.read(workbooks.to_bytes(book), today=TODAY)
    with pytest.raises(FileRefused):
        reading.read(b"PK", today=TODAY)


def test_the_look_up_says_that_it_is_a_paper_certificate(
    register: Register, officer: User, client: Any
) -> None:
    enter(register, officer, FIRST)
    found = looking_up.by_number_and_name(number="12/2012/ĐT", full_name="le thi hue")
    assert found is not None
    assert (found.status, found.entered_on) == ("valid", TODAY)
    client.cookies["django_language"] = "en"
    asked = {"number": "12/2012/ĐT", "full_name": "Lê Thị Huệ"}
    page = client.get(reverse("certificates:look_up"), asked).text
    assert "It is a paper certificate of earlier years" in page
    assert "1970" not in page


def test_it_can_be_taken_back_and_not_be_replaced(register: Register, officer: User) -> None:
    enter(register, officer, FIRST)
    entry = RegisterEntry.objects.get()
    about: dict[str, Any] = {
        "entry_id": entry.pk,
        "decision": deciding.Decision("1/QĐ", TODAY, "Cấp nhầm"),
        "by": officer,
        "at": timezone.now(),
    }
    with pytest.raises(deciding.CannotDecide):
        deciding.reissue(**about)
    deciding.revoke(**about)
    found = looking_up.by_number_and_name(number="12/2012/ĐT", full_name="le thi hue")
    assert found is not None
    assert found.status == "revoked"
    lines = [one.texts[7] for one in listing.lines(register=register, year=TODAY.year, on=TODAY)]
    assert lines == ["Vào sổ từ bản giấy, cấp ngày 05/06/2012", "Thu hồi số 12/2012/ĐT"]


def test_the_holder_and_the_staff_see_it_without_a_file(register: Register, officer: User) -> None:
    enter(register, officer, FIRST)
    certificate = Certificate.objects.get()
    client = at_work(officer)
    assert "12/2012/ĐT" in client.get(reverse("issued:index")).text
    assert len(sheet(client.get(reverse("issued:index"), {"export": "xlsx"}))) == 2
    assert client.get(reverse("issued:inspect", args=[certificate.pk])).status_code == 200
    file = reverse("register_entry_file", args=[certificate.entries.get().pk])
    assert client.get(file).status_code == 404
    holder = at_work(factories.UserFactory(person=certificate.person))
    own = reverse("certificates:certificate", args=[certificate.public_id])
    assert "12/2012/ĐT" in holder.get(own).text
    assert "On paper" in holder.get(reverse("certificates:mine")).text
    download = reverse("certificates:download", args=[certificate.public_id])
    assert holder.get(download).status_code == 404


def test_an_officer_looks_at_the_list_before_it_is_entered(
    register: Register, officer: User
) -> None:
    client = at_work(officer)
    address = reverse("paper_certificates", args=[register.pk])
    assert address in client.get(reverse("registers:index")).text
    upload = SimpleUploadedFile("so-cu.xlsx", workbook(FIRST, SECOND, SECOND))
    page = client.post(address, {"file": upload})
    assert (page.context["ready"], page.context["failures"]) == (2, 1)
    assert not RegisterEntry.objects.exists()
    answer = client.post(address, {"token": page.context["token"]})
    assert "2 paper certificates were entered." in said(answer)
    assert answer.context["failures"] == 1
    again = client.post(address, {"token": page.context["token"]}, follow=True)
    assert "Nothing was entered." in said(again)
    assert RegisterEntry.objects.count() == 2


def test_only_a_register_for_them_takes_paper_certificates(officer: User) -> None:
    ordinary = factories.RegisterFactory()
    client = at_work(officer)
    address = reverse("paper_certificates", args=[ordinary.pk])
    assert address not in client.get(reverse("registers:index")).text
    client.post(address, {"file": io.BytesIO(workbook(FIRST))})
    with pytest.raises(ValueError, match="paper"):
        enter(ordinary, officer, FIRST)
    assert not RegisterEntry.objects.exists()


def test_what_kind_a_register_is_stays_fixed_once_it_holds_entries(
    register: Register, officer: User
) -> None:
    enter(register, officer, FIRST)
    register.legacy = False
    with pytest.raises(ValidationError):
        register.full_clean()
