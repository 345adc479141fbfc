"""Holders are told, once, of their certificate and of each later decision, in their language."""

from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from certificates.issue import filing, issuing
from certificates.models import Certificate, IssuingRule, RegisterEntry
from certificates.paper import rendering
from certificates.register.deciding import CannotDecide
from jobs.models import Mail
from people.models import Person
from tests import factories
from tests.certificates.deciding import decide
from tests.together import together

pytestmark = pytest.mark.django_db

Kind = RegisterEntry.Kind


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


# --- Later decisions ------------------------------------------------------------------------------


def issued(language: str = "vi") -> RegisterEntry:
    """Filed, valid for some years, and announced: what is queued later is about a decision."""
    certificate = with_address(language)
    IssuingRule.objects.update(validity="years", valid_years=3)
    issue(certificate)
    Mail.objects.all().delete()
    return certificate.entries.get(kind=Kind.ISSUE)


@pytest.mark.parametrize(
    ("kind", "language", "words"),
    [
        (Kind.REVOKE, "vi", "đã được thu hồi"),
        (Kind.REVOKE, "en", "was revoked"),
        (Kind.VOID, "vi", "đã được hủy bỏ"),
        (Kind.VOID, "en", "was declared void"),
    ],
)
def test_who_loses_a_certificate_is_told_by_which_decision_and_why(
    kind: RegisterEntry.Kind, language: str, words: str
) -> None:
    entry = issued(language)
    decide(entry, kind)
    (mail,) = Mail.objects.all()
    assert (mail.to, mail.language) == ("khai@khanhhoa.gov.vn", language)
    assert entry.number is not None
    assert entry.number in mail.subject
    said = (words, entry.number, "12/QĐ-SKHCN", f"{timezone.localdate():%d/%m/%Y}", "Sai tên")
    for part in (*said, str(entry.certificate.public_id)):
        assert part in mail.text


@pytest.mark.parametrize(
    ("kind", "language", "words"),
    [
        (Kind.CORRECT, "vi", "đã được chỉnh sửa"),
        (Kind.CORRECT, "en", "was corrected"),
        (Kind.REISSUE, "vi", "đã được cấp lại"),
        (Kind.RENEW, "en", "was renewed"),
    ],
)
def test_who_gets_a_new_number_is_told_once_its_paper_is_there(
    kind: RegisterEntry.Kind, language: str, words: str
) -> None:
    entry = issued(language)
    new = decide(entry, kind)
    assert not Mail.objects.exists()
    issue(entry.certificate)
    issue(entry.certificate)
    (mail,) = Mail.objects.all()
    for part in (entry.number, new.number, "12/QĐ-SKHCN", "Sai tên", words):
        assert part is not None
        assert part in mail.text


def test_a_decision_that_is_not_entered_tells_nobody() -> None:
    entry = issued()
    decide(entry, Kind.REVOKE)
    with pytest.raises(CannotDecide):
        decide(entry, Kind.VOID)
    assert Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_the_same_moment_the_one_that_is_entered_is_told() -> None:
    entry = issued("en")
    together([partial(decide, entry, kind) for kind in (Kind.REVOKE, Kind.VOID)])
    (ending,) = RegisterEntry.objects.filter(kind__in=RegisterEntry.ENDING)
    (mail,) = Mail.objects.all()
    assert ("was revoked" if ending.kind == Kind.REVOKE else "was declared void") in mail.text


@pytest.mark.parametrize(
    ("kind", "told"), [(Kind.REVOKE, "was revoked"), (Kind.VOID, "void"), (Kind.CORRECT, None)]
)
def test_what_was_decided_about_while_its_file_was_made_is_not_told_as_ready(
    kind: RegisterEntry.Kind, told: str | None
) -> None:
    certificate = with_address("en")
    draw = rendering.render

    def draw_meanwhile(**about: Any) -> bytes:
        decide(certificate.entries.get(kind=Kind.ISSUE), kind)
        return draw(**about)

    with mock.patch.object(rendering, "render", draw_meanwhile):
        issue(certificate)
    assert not certificate.entries.filter(kind=Kind.FILED).exists()
    name = filing.file_name(certificate.entries.get(kind=Kind.ISSUE))
    assert not filing.storage().exists(name), "nothing would name it"
    assert [told in mail.text for mail in Mail.objects.all() if told] == [True] * bool(told)
    issuing.issue(certificate_id=certificate.pk, at=timezone.now() + issuing.CLAIM)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.FILED
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("kind", [Kind.REVOKE, Kind.REISSUE])
def test_who_has_no_address_is_decided_about_all_the_same(kind: RegisterEntry.Kind) -> None:
    certificate = factories.filed_certificate()
    decide(certificate.entries.get(kind=Kind.ISSUE), kind)
    issue(certificate)
    assert not Mail.objects.exists()
