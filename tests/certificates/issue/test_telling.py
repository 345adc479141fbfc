"""Whoever gets a certificate is told, once, in the language of the person."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from certificates.issue import issuing
from certificates.models import Certificate, RegisterEntry
from certificates.paper import rendering
from jobs.models import Mail
from people.models import Person
from tests import factories

pytestmark = pytest.mark.django_db


def with_address(language: str = "vi") -> Certificate:
    certificate = factories.pending_certificate()
    Person.objects.filter(pk=certificate.person_id).update(
        email="khai@khanhhoa.gov.vn", language=language
    )
    return certificate


def issue(certificate: Certificate) -> None:
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())


@pytest.mark.parametrize(("language", "word"), [("vi", "Giấy chứng nhận"), ("en", "certificate")])
def test_the_holder_gets_one_mail_when_it_is_filed(language: str, word: str) -> None:
    certificate = with_address(language)
    issue(certificate)
    issue(certificate)
    (mail,) = Mail.objects.all()
    number = certificate.entries.get(kind="issue").number
    assert (mail.to, mail.language) == ("khai@khanhhoa.gov.vn", language)
    assert number is not None
    assert number in mail.subject
    assert word.casefold() in mail.text.casefold()
    assert str(certificate.public_id) in mail.text


def test_nobody_is_told_before_it_is_filed() -> None:
    certificate = with_address()
    failing = mock.patch.object(rendering, "render", side_effect=rendering.RenderingError("no"))
    with failing, pytest.raises(rendering.RenderingError):
        issue(certificate)
    assert RegisterEntry.objects.count() == 1
    assert not Mail.objects.exists()
    issue(certificate)
    assert Mail.objects.count() == 1


def test_who_has_no_address_is_issued_all_the_same() -> None:
    certificate = factories.filed_certificate()
    assert certificate.state == Certificate.State.FILED
    assert not Mail.objects.exists()


def test_history_that_is_entered_later_is_not_announced() -> None:
    certificate = with_address()
    Certificate.objects.update(pending_since=timezone.now() - timedelta(days=400))
    issue(certificate)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.FILED
    assert not Mail.objects.exists()
