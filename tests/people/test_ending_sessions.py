"""The pages of a test trust the session alone, so it ends with the account's right to it."""

from collections.abc import Iterator
from importlib import reload
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from people import session_store
from people.models import User
from quizzes.models import Attempt
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["in the database", "with a copy in the cache"], autouse=True)
def kept(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """Where sessions are kept: without and with a shared cache."""
    before = settings.SESSIONS_CACHED
    settings.SESSIONS_CACHED = request.param == "with a copy in the cache"
    reload(session_store)
    yield
    settings.SESSIONS_CACHED = before
    reload(session_store)


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting()


@pytest.fixture
def learner(attempt: Attempt) -> User:
    user: User = factories.UserFactory(person=attempt.enrolment.person)
    return user


@pytest.fixture
def browser(learner: User) -> Client:
    browser = Client()
    browser.force_login(learner)
    return browser


def page(attempt: Attempt) -> str:
    return reverse("quizzes:attempt", args=[attempt.pk])


def in_bulk(action: str, *users: User, **values: object) -> None:
    """What an administrator does with the accounts ticked in the list."""
    staff = Client()
    staff.force_login(factories.superuser())
    address = reverse("wagtail_bulk_action", args=["people", "user", action])
    query = "&".join(f"id={user.pk}" for user in users)
    assert staff.post(f"{address}?{query}", values).status_code == 302


def test_who_is_deactivated_in_the_list_is_logged_out(
    browser: Client, learner: User, attempt: Attempt
) -> None:
    assert browser.get(page(attempt)).status_code == 200
    in_bulk("set_active_state", learner, mark_as_active=False)
    assert not User.objects.get(pk=learner.pk).is_active
    assert browser.get(page(attempt)).status_code == 302


def test_who_is_marked_active_in_the_list_goes_on_with_the_test(
    browser: Client, learner: User, attempt: Attempt
) -> None:
    in_bulk("set_active_state", learner, mark_as_active=True)
    assert browser.get(page(attempt)).status_code == 200


def test_who_is_deactivated_alone_is_logged_out(
    browser: Client, learner: User, attempt: Attempt
) -> None:
    account = User.objects.get(pk=learner.pk)
    account.is_active = False
    account.save()
    assert browser.get(page(attempt)).status_code == 302


def test_the_sessions_of_a_deleted_account_end_with_it(
    browser: Client, learner: User, attempt: Attempt
) -> None:
    assert browser.get(page(attempt)).status_code == 200
    in_bulk("delete", learner)
    assert not User.objects.filter(pk=learner.pk).exists()
    assert browser.get(page(attempt)).status_code == 302
