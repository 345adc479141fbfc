"""Before issue the holder sees what will be printed, and has the last word on it for some days."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from agencies.models import Agency
from certificates.holder import holding
from certificates.issue import candidates, confirming, correction_mails, issuing
from certificates.models import Certificate, Correction, IssuingRule
from jobs.models import Mail
from people.models import Person, User
from reports.models import Fact
from tests import factories
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAYS = 7
State = Certificate.State


@pytest.fixture
def agency() -> Agency:
    agency: Agency = factories.AgencyFactory()
    return agency


@pytest.fixture
def rule() -> IssuingRule:
    rule: IssuingRule = factories.IssuingRuleFactory(confirm_within=DAYS)
    return rule


@pytest.fixture
def certificate(rule: IssuingRule, agency: Agency) -> Certificate:
    person = factories.PersonFactory(agency=agency, full_name="Nguyễn Thị Khai")
    Person.objects.filter(pk=person.pk).update(email="khai@khanhhoa.gov.vn")
    return factories.pending_certificate(rule=rule, person=person)


@pytest.fixture
def focal_point(agency: Agency) -> User:
    user: User = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    User.objects.filter(pk=user.pk).update(email="dau-moi@khanhhoa.gov.vn")
    return user


def try_to_issue(certificate: Certificate, *, days: float = 0) -> str:
    issuing.issue(certificate_id=certificate.pk, at=timezone.now() + timedelta(days=days))
    certificate.refresh_from_db()
    return str(certificate.state)


def seen(certificate: Certificate) -> str:
    fresh = Certificate.objects.get(pk=certificate.pk)
    return confirming.fingerprint(confirming.to_be_printed(certificate=fresh, at=NOW))


def confirm(certificate: Certificate, *, fingerprint: str = "") -> None:
    confirming.confirm(
        certificate_id=certificate.pk,
        seen=fingerprint or seen(certificate),
        at=timezone.now(),
    )


def ask(certificate: Certificate, text: str = "Tên là Nguyễn Thị Khải") -> Correction:
    return confirming.ask_correction(certificate_id=certificate.pk, text=text, at=timezone.now())


def settle(correction: Correction, by: Any, **more: Any) -> bool:
    values: dict[str, Any] = {
        "full_name": "Nguyễn Thị Khải",
        "date_of_birth": date(1985, 9, 2),
        "agency": None,
        "answer": "Đã sửa",
    }
    return confirming.settle(
        correction_id=correction.pk, by=by, at=timezone.now(), **(values | more)
    )


# --- Confirming -----------------------------------------------------------------------------------


def test_without_the_rule_nobody_is_asked() -> None:
    certificate = factories.pending_certificate()
    assert certificate.held_until is None
    assert try_to_issue(certificate) == State.FILED


def test_it_waits_until_the_holder_has_confirmed(certificate: Certificate) -> None:
    assert try_to_issue(certificate) == State.PENDING
    assert issuing.finish_unfinished(timezone.now() + timedelta(minutes=1)) == 0
    confirm(certificate)
    assert try_to_issue(certificate) == State.FILED


def test_unconfirmed_after_the_set_time_it_goes_on_and_is_dated_then(
    certificate: Certificate,
) -> None:
    assert try_to_issue(certificate, days=DAYS - 4) == State.PENDING
    assert try_to_issue(certificate, days=DAYS) == State.FILED
    assert certificate.held_until is not None
    dated = certificate.entries.get(kind="issue").content["issued_on"]
    assert dated == timezone.localdate(certificate.held_until).isoformat()


def test_what_was_confirmed_is_what_is_printed_or_it_is_asked_again(
    certificate: Certificate,
) -> None:
    confirm(certificate)
    Person.objects.filter(pk=certificate.person_id).update(full_name="Nguyễn Thị Khác")
    assert try_to_issue(certificate) == State.PENDING
    assert certificate.confirmed_at is None
    assert certificate.wants_confirmation
    confirm(certificate)
    assert try_to_issue(certificate) == State.FILED
    assert certificate.entries.get(kind="issue").content["full_name"] == "Nguyễn Thị Khác"


def test_nobody_confirms_what_has_changed_since_it_was_shown(certificate: Certificate) -> None:
    shown = seen(certificate)
    Person.objects.filter(pk=certificate.person_id).update(date_of_birth=date(1990, 1, 1))
    with pytest.raises(confirming.NotDone):
        confirm(certificate, fingerprint=shown)
    certificate.refresh_from_db()
    assert certificate.confirmed_at is None


def test_once_numbered_it_is_too_late(certificate: Certificate) -> None:
    confirm(certificate)
    try_to_issue(certificate)
    for late in (lambda: confirm(certificate), lambda: ask(certificate)):
        with pytest.raises(confirming.NotDone):
            late()


# --- Asking for a correction ----------------------------------------------------------------------


def test_a_wish_stops_the_certificate_even_after_the_set_time(certificate: Certificate) -> None:
    ask(certificate)
    assert try_to_issue(certificate, days=DAYS + 1) == State.PENDING
    with override("en"):
        line = holding.live_line(certificate=certificate)
    assert "looked at" in line.text
    assert not line.url


def test_the_wish_goes_to_the_focal_point_of_the_agency(
    certificate: Certificate, focal_point: User
) -> None:
    factories.UserFactory(officer=True)
    ask(certificate)
    (mail,) = Mail.objects.filter(key__startswith="correction-")
    assert mail.to == "dau-moi@khanhhoa.gov.vn"
    assert "Nguyễn Thị Khải" in mail.text


def test_where_there_is_no_focal_point_it_goes_to_the_officers(certificate: Certificate) -> None:
    officer = factories.UserFactory(officer=True)
    User.objects.filter(pk=officer.pk).update(email="so-khcn@khanhhoa.gov.vn")
    ask(certificate)
    assert [mail.to for mail in Mail.objects.all()] == ["so-khcn@khanhhoa.gov.vn"]


def test_one_wish_at_a_time_and_not_without_words(certificate: Certificate) -> None:
    with pytest.raises(confirming.NotDone):
        ask(certificate, "  ")
    ask(certificate)
    for again in (lambda: ask(certificate, "Nữa"), lambda: confirm(certificate)):
        with pytest.raises(confirming.NotDone):
            again()


def test_settled_the_person_is_corrected_and_the_holder_asked_again(
    certificate: Certificate, focal_point: User
) -> None:
    correction = ask(certificate)
    with pytest.raises(confirming.NotDone):
        settle(correction, focal_point, answer=" ")
    assert settle(correction, focal_point)
    assert not settle(correction, focal_point, full_name="Ai đó")
    person = Person.objects.get(pk=certificate.person_id)
    assert person.full_name == "Nguyễn Thị Khải"
    record = person.history.latest()
    assert (record.history_user, record.history_change_reason) == (focal_point, correction.text)
    assert try_to_issue(certificate) == State.PENDING
    assert certificate.wants_confirmation
    confirm(certificate)
    assert try_to_issue(certificate) == State.FILED
    assert certificate.entries.get(kind="issue").content["full_name"] == "Nguyễn Thị Khải"


def test_the_agency_to_be_printed_is_corrected_and_the_holder_asked_again(
    certificate: Certificate, focal_point: User, agency: Agency
) -> None:
    other = factories.AgencyFactory(name="Sở Nội vụ")
    correction = ask(certificate, "Tôi công tác tại Sở Nội vụ")
    assert settle(correction, focal_point, full_name="Nguyễn Thị Khai", agency=other)
    assert try_to_issue(certificate) == State.PENDING
    assert certificate.wants_confirmation
    confirm(certificate)
    assert try_to_issue(certificate) == State.FILED
    assert certificate.entries.get(kind="issue").content["workplace"] == "Sở Nội vụ"
    correction.refresh_from_db()
    assert correction.corrected is not None
    before, after = correction.shown["workplace"], correction.corrected["workplace"]
    assert (before, after, correction.settled_by) == (agency.name, "Sở Nội vụ", focal_point)


def test_counts_keep_the_agency_under_which_the_turn_was_counted(
    certificate: Certificate, focal_point: User, agency: Agency
) -> None:
    other = factories.AgencyFactory(name="Sở Nội vụ")
    settle(ask(certificate), focal_point, agency=other)
    confirm(certificate)
    try_to_issue(certificate)
    assert certificate.enrolment is not None
    assert certificate.enrolment.agency == agency
    assert {fact.agency for fact in Fact.objects.filter(person=certificate.person)} == {agency}


def test_a_preview_shows_the_agency_as_corrected(
    certificate: Certificate, focal_point: User, rule: IssuingRule
) -> None:
    settle(ask(certificate), focal_point, agency=factories.AgencyFactory(name="Sở Nội vụ"))
    assert certificate.enrolment is not None
    found = candidates.completed(certificate.enrolment.run)
    (seen,) = candidates.look_at(list(found), rule=rule, at=NOW)
    assert seen.content["workplace"] == "Sở Nội vụ"


# --- Mails and pages ------------------------------------------------------------------------------


def test_the_holder_is_asked_by_mail_once_for_each_time(certificate: Certificate) -> None:
    moment = timezone.now()
    assert correction_mails.ask_holders(moment) == 1
    assert correction_mails.ask_holders(moment) == 0
    (mail,) = Mail.objects.all()
    assert mail.to == "khai@khanhhoa.gov.vn"
    assert reverse("certificates:confirm", args=[certificate.public_id]) in mail.text
    correction = ask(certificate)
    assert correction_mails.ask_holders(moment) == 0
    settle(correction, factories.UserFactory(officer=True))
    assert correction_mails.ask_holders(moment) == 1


def test_the_holder_confirms_or_asks_on_a_page(certificate: Certificate) -> None:
    client = Client()
    client.force_login(factories.UserFactory(person=certificate.person))
    address = reverse("certificates:confirm", args=[certificate.public_id])
    assert address in client.get(reverse("certificates:mine")).content.decode()
    page = client.get(address)
    assert "Nguyễn Thị Khai" in page.content.decode()
    own = reverse("certificates:certificate", args=[certificate.public_id])
    confirmed = client.post(address, {"do": "confirm", "seen": page.context["seen"]}, follow=True)
    assert confirmed.redirect_chain == [(own, 302)]
    assert confirmed.context["notice"].live_url, "where it goes on is not told"
    assert own in client.get(address).content.decode()
    certificate.refresh_from_db()
    assert certificate.confirmed_at
    client.post(address, {"do": "correct", "text": "Ngày sinh sai"})
    assert "Ngày sinh sai" in client.get(address).content.decode()
    certificate.refresh_from_db()
    assert certificate.confirmed_at is None


def test_the_focal_point_finds_the_task_on_the_home_page_and_settles_it(
    certificate: Certificate, focal_point: User
) -> None:
    correction = ask(certificate)
    client = at_work(focal_point)
    address = reverse("corrections:inspect", args=[correction.pk])
    assert address in client.get(reverse("wagtailadmin_home")).content.decode()
    assert address in client.get(reverse("corrections:index")).content.decode()
    page = client.get(address)
    assert page.context["form"].initial["full_name"] == "Nguyễn Thị Khai"
    url = reverse("corrections:settle", args=[correction.pk])
    posted = {"full_name": "Nguyễn Thị Khải", "date_of_birth": "02/09/1985"}
    assert "Not done" in said(client.post(url, posted, follow=True))
    other = factories.AgencyFactory(name="Sở Nội vụ")
    gone = factories.AgencyFactory(name="Sở đã giải thể")
    Agency.objects.filter(pk=gone.pk).update(valid_to=date(2010, 1, 1))
    posted |= {"date_of_birth": "1985-09-02", "answer": "Đã sửa"}
    assert "Not done" in said(client.post(url, posted | {"agency": gone.pk}, follow=True))
    client.post(url, posted | {"agency": other.pk})
    assert "→ Sở Nội vụ" in " ".join(client.get(address).text.split())
    certificate.refresh_from_db()
    assert certificate.printed_agency == other
    certificate.person.refresh_from_db()
    assert certificate.person.full_name == "Nguyễn Thị Khải"
    assert address not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_another_agencys_focal_point_sees_nothing_of_it(certificate: Certificate) -> None:
    correction = ask(certificate)
    stranger = at_work(factories.UserFactory(focal_point=True))
    assert stranger.get(reverse("corrections:inspect", args=[correction.pk])).status_code == 404
    url = reverse("corrections:settle", args=[correction.pk])
    assert stranger.post(url, {"full_name": "X", "answer": "Y"}).status_code == 404
    assert "Khai" not in stranger.get(reverse("corrections:index")).content.decode()
