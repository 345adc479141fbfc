from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail as outgoing
from django.test import Client, RequestFactory
from django.urls import reverse

from jobs import mailing
from jobs.models import Mail
from people.models import User
from people.sessions import PERSON_KEY, person_id
from tests import factories

pytestmark = pytest.mark.django_db


def log_in(client: Client, login: str, password: str = factories.PASSWORD) -> int:
    values = {"login": login, "password": password}
    return client.post(reverse("account_login"), values).status_code


def test_one_logs_in_by_user_name_or_by_e_mail(client: Client) -> None:
    user = factories.UserFactory(person__email="khai@khanhhoa.gov.vn")
    for login in (user.username, "khai@khanhhoa.gov.vn"):
        assert log_in(client, login) == 302
        assert client.session["_auth_user_id"] == str(user.pk)
        client.logout()


def test_a_wrong_password_lets_nobody_in(client: Client) -> None:
    user = factories.UserFactory()
    assert log_in(client, user.username, "9001") == 200
    assert "_auth_user_id" not in client.session


def test_logging_in_writes_the_persons_id_into_the_session(client: Client) -> None:
    user = factories.UserFactory()
    log_in(client, user.username)
    assert client.session[PERSON_KEY] == user.person_id


def test_the_next_account_in_the_same_browser_is_another_person(client: Client) -> None:
    first, second = factories.UserFactory(), factories.UserFactory()
    for user in (first, second):
        client.force_login(user)
        assert client.session[PERSON_KEY] == user.person_id
    client.logout()
    assert PERSON_KEY not in client.session


def test_a_session_from_before_learns_the_persons_id() -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.user = factories.UserFactory()
    assert person_id(request) == request.user.person_id == request.session[PERSON_KEY]


def test_neither_a_visitor_nor_an_account_without_person_is_a_person() -> None:
    for user in (AnonymousUser(), factories.UserFactory(person=None)):
        request = RequestFactory().get("/")
        request.session = SessionStore()
        request.user = user
        assert person_id(request) is None


def test_nobody_signs_up_by_oneself(client: Client) -> None:
    address = reverse("account_signup")
    assert client.get(address).status_code == 200
    values = {"username": "eve", "password1": factories.PASSWORD, "password2": factories.PASSWORD}
    assert client.post(address, values).status_code in (200, 403)
    assert not User.objects.filter(username="eve").exists()


def test_the_link_for_a_new_password_goes_out_at_any_hour_and_is_forgotten(client: Client) -> None:
    factories.UserFactory(person__email="khai@khanhhoa.gov.vn")
    data = {"email": "khai@khanhhoa.gov.vn"}
    assert client.post(reverse("account_reset_password"), data).status_code == 302
    mail = Mail.objects.get()
    assert (mail.to, mail.security, mail.not_before) == (data["email"], True, mail.created_at)
    assert "/accounts/password/reset/key/" in mail.text
    midnight = mail.created_at.replace(hour=17)
    mailing.send_mail(mail_id=mail.pk, at=midnight + timedelta(days=1))
    mail.refresh_from_db()
    assert (mail.state, mail.text) == (Mail.State.SENT, "")
    assert "/accounts/password/reset/key/" in outgoing.outbox[0].body
