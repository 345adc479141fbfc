"""The staff's certificates, register and issuing rules."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from certificates.models import Certificate, IssuingRule, Register, RegisterEntry
from certificates.register import numbering
from people.models import User
from tests.factories import (
    CourseFactory,
    PersonFactory,
    RegisterFactory,
    UserFactory,
    filed_certificate,
    pending_certificate,
)
from tests.staff import at_work, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def listed(user: User, **query: Any) -> list[Any]:
    page = at_work(user).get(reverse("issued:index"), query)
    return list(page.context["object_list"])


def test_an_officer_sees_every_certificate_with_its_number(officer: User) -> None:
    filed = filed_certificate()
    (row,) = listed(officer)
    number = RegisterEntry.objects.get(certificate=filed, kind="issue").number
    assert (row, row.number) == (filed, number)


def test_certificates_are_found_by_name_without_diacritics_and_by_number(officer: User) -> None:
    one = filed_certificate(person=PersonFactory(full_name="Đặng Quốc Ổn"))
    filed_certificate(person=PersonFactory(full_name="Lê Hoàng Ánh"))
    number = RegisterEntry.objects.get(certificate=one, kind="issue").number
    assert listed(officer, q="dang quoc on") == [one]
    assert listed(officer, q=number) == [one]


def test_certificates_with_a_problem_are_filtered_and_counted_on_the_home_page(
    officer: User,
) -> None:
    braked, waiting = pending_certificate(), pending_certificate()
    Certificate.objects.filter(pk=braked.pk).update(problem="The storage is full.")
    assert listed(officer, problem="yes") == [braked]
    assert listed(officer, problem="no") == [waiting]
    home = at_work(officer).get(reverse("wagtailadmin_home")).content.decode()
    assert "2 certificates on their way" in home
    assert "1 certificate is held back by a problem" in home


def test_certificates_are_taken_away_as_a_workbook(officer: User) -> None:
    filed_certificate(person=PersonFactory(full_name="=1+1"))
    page = at_work(officer).get(reverse("issued:index"), {"export": "xlsx"})
    heading, row = sheet(page)
    assert heading[:2] == ["Full name", "Number"]
    assert row[0] == "=1+1"


def test_a_certificate_and_its_register_entries_can_be_read(officer: User) -> None:
    filed = filed_certificate()
    page = at_work(officer).get(reverse("issued:inspect", args=[filed.pk]))
    assert [entry.kind for entry in page.context["history"]] == ["issue", "filed"]
    for entry in RegisterEntry.objects.all():
        page = at_work(officer).get(reverse("register_entries:inspect", args=[entry.pk]))
        assert entry.hash in page.content.decode()


def test_the_register_is_listed_and_taken_away_with_its_chain(officer: User) -> None:
    filed_certificate()
    client = at_work(officer)
    page = client.get(reverse("register_entries:index"), {"kind": "issue"})
    assert [entry.kind for entry in page.context["object_list"]] == ["issue"]
    heading, *rows = sheet(client.get(reverse("register_entries:index"), {"export": "xlsx"}))
    at = heading.index("Hash of this entry")
    assert {row[at] for row in rows} == set(RegisterEntry.objects.values_list("hash", flat=True))


@pytest.mark.parametrize("role", ["trainer", "focal_point"])
def test_other_staff_see_neither_certificates_nor_register(role: str) -> None:
    filed = filed_certificate()
    client = at_work(UserFactory(**{role: True}))
    for name in ("issued", "register_entries", "registers", "issuing_rules"):
        assert client.get(reverse(f"{name}:index")).status_code == 302
    answer = client.get(reverse("issued:inspect", args=[filed.pk]))
    assert answer.status_code in (302, 404)


@pytest.mark.parametrize("name", ["issued", "register_entries"])
@pytest.mark.parametrize("path", ["new", "edit/1", "delete/1", "copy/1"])
def test_nothing_of_what_was_issued_can_be_entered_or_changed(
    officer: User, name: str, path: str
) -> None:
    officer.is_superuser = True
    officer.save()
    assert at_work(officer).get(f"{reverse(f'{name}:index')}{path}/").status_code == 404


def register_form(**changes: Any) -> dict[str, Any]:
    return {
        "code": "DGVNB",
        "name": "Sổ gốc",
        "number_format": "{sequence:04d}/{year}/ĐGVNB-KH",
        "issuing_body": "Sở Khoa học và Công nghệ",
        "signing": "unsigned",
        "place": "Khánh Hòa",
        "signer_title": "Giám đốc",
        "signer_name": "Trần Văn Hòa",
    } | changes


def test_an_officer_opens_a_register_and_says_which_course_it_certifies(officer: User) -> None:
    client = at_work(officer)
    client.post(reverse("registers:add"), register_form())
    course, register = CourseFactory(), Register.objects.get()
    data = {
        "course": course.pk,
        "register": register.pk,
        "printed_title": "Khóa",
        "result": "Đạt",
        "issued_when": "completed",
        "validity": "unlimited",
    }
    client.post(reverse("issuing_rules:add"), data)
    assert IssuingRule.objects.get().course == course


@pytest.mark.parametrize(
    "number_format",
    [
        "0001",
        "{sequence}/KH",
        "{year}/KH",
        "{sequence}/{year}/{name}",
        "{sequence}/{year",
        "{sequence.__class__}/{year}",
        "{sequence!r}/{year}",
        "{sequence:>9999999d}/{year}",
        "{}/{year}",
        "{sequence}/{year}/" + "x" * 50,
    ],
)
def test_a_form_that_gives_no_number_of_its_own_is_refused(
    officer: User, number_format: str
) -> None:
    with pytest.raises(ValidationError):
        numbering.check(number_format)
    page = at_work(officer).post(
        reverse("registers:add"), register_form(number_format=number_format)
    )
    assert "number_format" in page.context["form"].errors
    assert not Register.objects.exists()


@pytest.mark.parametrize(
    "number_format", ["{sequence:04d}/{year}/ĐGVNB-KH", "{year}-{sequence}", "{sequence:06}.{year}"]
)
def test_usual_forms_of_numbers_are_taken(number_format: str) -> None:
    numbering.check(number_format)


def test_the_code_of_a_register_is_free_until_something_is_issued(officer: User) -> None:
    register = RegisterFactory()
    address = reverse("registers:edit", args=[register.pk])
    at_work(officer).post(address, register_form(code="MOI"))
    register.refresh_from_db()
    assert register.code == "MOI"
    filed = filed_certificate()
    kept = filed.rule.register
    page = at_work(officer).post(
        reverse("registers:edit", args=[kept.pk]), register_form(code="KHAC")
    )
    assert "code" in page.context["form"].errors
    kept.refresh_from_db()
    assert kept.code != "KHAC"
