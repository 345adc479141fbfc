"""The listing of mails in the admin."""

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs import mailing
from jobs.models import Mail
from people.models import User
from tests.factories import UserFactory, failed_mail
from tests.staff import at_work, said, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def test_what_was_not_sent_comes_first_with_its_reason(officer: User) -> None:
    bad, good = failed_mail(), failed_mail()
    mailing.retry_mail(mail_id=good.pk, at=timezone.now())
    page = at_work(officer).get(reverse("mails:index"))
    assert list(page.context["object_list"]) == [bad, good]
    assert "550 no such mailbox" in page.content.decode()
    page = at_work(officer).get(reverse("mails:index"), {"state": "queued"})
    assert list(page.context["object_list"]) == [good]
    page = at_work(officer).get(reverse("mails:index"), {"export": "xlsx"})
    assert [row[3] for row in sheet(page)] == ["State", "Not sent", "Waiting"]


def test_mails_are_found_by_their_address_and_without_diacritics(officer: User) -> None:
    mail = failed_mail()
    for words, found in [("khai@", [mail]), ("nhac han", [mail]), ("nothing", [])]:
        page = at_work(officer).get(reverse("mails:index"), {"q": words})
        assert list(page.context["object_list"]) == found


def test_a_mail_that_failed_is_sent_again_at_one_press(officer: User) -> None:
    mail = failed_mail()
    page = at_work(officer).get(reverse("mails:inspect", args=[mail.pk]))
    assert "Send again" in page.content.decode()
    assert "Còn 3 ngày." in page.content.decode()
    address = reverse("mails:retry", args=[mail.pk])
    page = at_work(officer).post(address, follow=True)
    assert "in the queue again" in said(page)
    assert "Send again" not in page.content.decode()
    assert said(at_work(officer).post(address, follow=True)) == ""
    mail.refresh_from_db()
    assert (mail.state, mail.problem) == (Mail.State.QUEUED, "")


def test_the_home_page_names_mails_only_where_one_must_decide(officer: User) -> None:
    home = reverse("wagtailadmin_home")
    assert "1 mail was not sent" not in at_work(officer).get(home).content.decode()
    failed_mail()
    assert "1 mail was not sent" in at_work(officer).get(home).content.decode()
    trainer = UserFactory(trainer=True)
    assert "1 mail was not sent" not in at_work(trainer).get(home).content.decode()


def test_what_a_security_mail_says_is_shown_to_nobody(officer: User) -> None:
    mail = failed_mail(security=True)
    page = at_work(officer).get(reverse("mails:inspect", args=[mail.pk]))
    assert "Còn 3 ngày." not in page.content.decode()


def test_nobody_else_has_anything_to_do_with_mails() -> None:
    mail = failed_mail()
    for user in (UserFactory(trainer=True), UserFactory(focal_point=True), UserFactory()):
        at_work(user).post(reverse("mails:retry", args=[mail.pk]))
        mail.refresh_from_db()
        assert mail.state == Mail.State.FAILED
