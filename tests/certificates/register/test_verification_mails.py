"""What a night's verification finds is mailed to the officers who may see the register, once."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from certificates.models import Register, RegisterCheck
from certificates.register import verifying
from certificates.tasks import verify_registers
from jobs.models import Mail
from people.models import User
from people.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db


def officer(email: str = "vien-chuc@khanhhoa.gov.vn", **values: Any) -> User:
    user: User = factories.UserFactory(officer=True)
    User.objects.filter(pk=user.pk).update(email=email, **values)
    return user


@pytest.fixture
def register() -> Register:
    """With one certificate, whose state says something that its entries do not."""
    certificate = factories.filed_certificate()
    type(certificate).objects.filter(pk=certificate.pk).update(state="pending")
    assert certificate.rule
    return certificate.rule.register


def night(days: int = 0) -> Any:
    return timezone.localtime().replace(hour=3) + timedelta(days=days)


def verify(days: int = 0) -> RegisterCheck:
    """The verification of a night, run twice as a doubled message has it."""
    verifying.begin_nightly(night(days))
    check = RegisterCheck.objects.latest("day")
    for _time in range(2):
        verify_registers(check.pk)
    check.refresh_from_db()
    return check


def test_what_is_found_is_mailed_to_each_officer_once(register: Register) -> None:
    officer("mot@khanhhoa.gov.vn")
    officer("hai@khanhhoa.gov.vn")
    check = verify()
    assert check.ok is False
    mails = Mail.objects.order_by("to")
    assert [mail.to for mail in mails] == ["hai@khanhhoa.gov.vn", "mot@khanhhoa.gov.vn"]
    for mail in mails:
        assert check.problem in mail.text
        assert f"{check.day:%d/%m/%Y}" in mail.subject


def test_the_next_night_tells_again(register: Register) -> None:
    officer()
    verify()
    verify(days=1)
    assert Mail.objects.count() == 2


def test_where_all_is_in_order_nobody_gets_a_mail() -> None:
    officer()
    factories.filed_certificate()
    assert verify().ok is True
    assert not Mail.objects.exists()


def test_what_could_not_be_verified_is_mailed_with_the_reason() -> None:
    officer()
    verifying.begin_nightly(night())
    check = RegisterCheck.objects.get()
    broken = mock.patch.object(verifying, "verify", side_effect=OSError("the disk is gone"))
    with broken, pytest.raises(OSError, match="disk"):
        verify_registers(check.pk)
    (mail,) = Mail.objects.all()
    assert "the disk is gone" in mail.text


def test_a_night_whose_verification_never_ended_is_told_on_the_next() -> None:
    officer()
    factories.filed_certificate()
    verifying.begin_nightly(night())  # and no worker has come back from it
    assert verify(days=1).ok is True
    lost = RegisterCheck.objects.earliest("day")
    assert lost.ok is False
    (mail,) = Mail.objects.all()
    assert f"{lost.day:%d/%m/%Y}" in mail.subject
    assert lost.problem in mail.text


def test_only_officers_who_see_the_register_and_have_an_address_get_it(
    register: Register,
) -> None:
    officer("")
    officer("da-nghi@khanhhoa.gov.vn", is_active=False)
    for other in (factories.UserFactory(trainer=True), factories.UserFactory(focal_point=True)):
        User.objects.filter(pk=other.pk).update(email="khac@khanhhoa.gov.vn")
    assert verify().ok is False
    assert not Mail.objects.exists()


def test_who_may_not_see_the_register_gets_none(register: Register) -> None:
    officer()
    sees = Permission.objects.get(codename="view_register")
    Group.objects.get(name=Role.DOST_OFFICER.value).permissions.remove(sees)
    verify()
    assert not Mail.objects.exists()
