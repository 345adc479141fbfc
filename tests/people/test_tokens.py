"""Personal tokens: made, shown once, used instead of a session, ended."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people import tokens
from people.models import AccountSession, PersonalToken, User
from quizzes.models import Attempt
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/tai-khoan/ma-truy-cap/"


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting(at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def user(attempt: Attempt) -> User:
    found: User = factories.UserFactory(person=attempt.enrolment.person)
    return found


def a_token(user: Any, *, at: datetime | None = None, days: int = 30) -> tokens.Made:
    return tokens.make(user=user, name="Ứng dụng", days=days, at=at or timezone.now())


def ask(secret: str, attempt: Attempt, client: Client | None = None) -> Any:
    address = reverse("api:attempt", args=[attempt.pk])
    return (client or Client()).get(address, headers={"Authorization": f"Bearer {secret}"})


def test_a_programme_with_a_token_acts_for_the_person(user: User, attempt: Attempt) -> None:
    secret = a_token(user).secret
    assert ask(secret, attempt).json()["id"] == attempt.pk
    answers = {"answers": [{"slot": 1, "seq": 1, "response": True}]}
    saved = Client(enforce_csrf_checks=True).put(
        reverse("api:answers", args=[attempt.pk]),
        answers,
        content_type="application/json",
        headers={"Authorization": f"bearer {secret}"},
    )
    assert saved.json()["saved"][0]["seq"] == 1


def test_a_token_opens_nothing_of_anybody_else(attempt: Attempt) -> None:
    secret = a_token(factories.UserFactory()).secret
    assert ask(secret, attempt).status_code == 404


def test_the_token_says_who_acts_whatever_session_comes_with_it(
    client: Client, user: User, attempt: Attempt
) -> None:
    stranger = factories.UserFactory()
    client.force_login(user)
    assert ask(a_token(stranger).secret, attempt, client).status_code == 404
    client.force_login(stranger)
    assert ask(a_token(user).secret, attempt, client).status_code == 200


def test_a_request_by_token_leaves_no_session(user: User, attempt: Attempt) -> None:
    answer = ask(a_token(user).secret, attempt)
    assert not answer.cookies
    assert not AccountSession.objects.exists()


def test_only_the_digest_is_kept(user: User) -> None:
    made = a_token(user)
    assert made.secret.startswith("iso_")
    kept = PersonalToken.objects.values().get()
    assert made.secret not in str(kept)
    assert made.secret.removeprefix("iso_") not in str(kept)


@pytest.mark.parametrize("end", ["revoke", "expire", "deactivate", "mistype"])
def test_a_dead_token_is_a_401_in_the_shape_of_all_errors(
    end: str, user: User, attempt: Attempt
) -> None:
    now = timezone.now()
    made = a_token(user, at=now - timedelta(days=30) if end == "expire" else now)
    secret = made.secret
    if end == "revoke":
        tokens.revoke(user=user, token_id=made.token.pk, at=now)
    elif end == "deactivate":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif end == "mistype":
        secret += "x"
    answer = ask(secret, attempt)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "dead_token"


def test_nothing_but_tests_listens_to_a_token(user: User, attempt: Attempt) -> None:
    bearer = {"Authorization": f"Bearer {a_token(user).secret}"}
    for address in ("/hoc-tap/", PAGE, f"/lan-thi/{attempt.pk}/", "/admin/", "/api/schema/"):
        assert Client().get(address, headers=bearer).status_code in (302, 403), address
    meeting = reverse("api:check_in", args=[attempt.enrolment_id, 1])
    assert Client().post(meeting, headers=bearer).status_code == 403


def test_the_last_use_is_noted_once_an_hour(user: User, django_assert_num_queries: Any) -> None:
    now = timezone.now()
    made = a_token(user, at=now)
    for minutes, statements, noted in ((0, 2, 0), (59, 1, 0), (61, 2, 61)):
        at = now + timedelta(minutes=minutes)
        with django_assert_num_queries(statements):
            tokens.find(secret=made.secret, at=at)
        made.token.refresh_from_db()
        assert made.token.last_used_at == now + timedelta(minutes=noted)


def test_one_has_at_most_ten_living_tokens(user: User) -> None:
    first, *_others = [a_token(user) for _number in range(tokens.MOST)]
    with pytest.raises(tokens.TokenRefused, match="10"):
        a_token(user)
    tokens.revoke(user=user, token_id=first.token.pk, at=timezone.now())
    a_token(user)


@pytest.mark.parametrize(("name", "days"), [("", 30), ("  ", 30), ("Ứng dụng", 0), ("x", 10**9)])
def test_a_token_needs_a_name_and_an_end(user: User, name: str, days: int) -> None:
    with pytest.raises(tokens.TokenRefused):
        tokens.make(user=user, name=name, days=days, at=timezone.now())


def test_the_page_shows_a_new_token_once(client: Client, user: User) -> None:
    client.force_login(user)
    page = client.post(PAGE, {"name": "Máy của tôi", "days": "90"})
    secret = page.context["made"].secret
    assert secret in page.text
    assert "no-store" in page.headers["Cache-Control"]
    again = client.get(PAGE)
    assert "Máy của tôi" in again.text
    assert secret not in again.text


@pytest.mark.parametrize(
    "data", [{}, {"name": "x"}, {"name": "x", "days": "7"}, {"name": "x" * 61, "days": "30"}]
)
def test_what_is_no_token_is_said_and_not_made(
    client: Client, user: User, data: dict[str, str]
) -> None:
    client.force_login(user)
    page = client.post(PAGE, data or {"days": ""})
    assert "errorlist" in page.text
    assert not PersonalToken.objects.exists()


def test_revoking_ends_it_and_a_second_time_changes_nothing(
    client: Client, user: User, attempt: Attempt
) -> None:
    made = a_token(user)
    client.force_login(user)
    address = reverse("people:revoke_token", args=[made.token.pk])
    assert client.get(address).status_code == 405
    assert client.post(address).headers["Location"] == PAGE
    assert ask(made.secret, attempt).status_code == 401
    made.token.refresh_from_db()
    ended = made.token.revoked_at
    client.post(address)
    made.token.refresh_from_db()
    assert made.token.revoked_at == ended


def test_somebody_elses_token_is_a_404_and_not_in_the_list(client: Client, user: User) -> None:
    made = a_token(user)
    client.force_login(factories.superuser())
    assert client.post(reverse("people:revoke_token", args=[made.token.pk])).status_code == 404
    assert made.token.name not in client.get(PAGE).text
    made.token.refresh_from_db()
    assert made.token.revoked_at is None


def test_the_page_is_for_who_is_logged_in(client: Client) -> None:
    assert "/login/" in client.get(PAGE).headers["Location"]
