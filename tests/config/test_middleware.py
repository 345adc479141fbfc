from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def test_the_site_speaks_vietnamese_whatever_the_browser_prefers(client: Client) -> None:
    answer = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "vi"
    assert '<html lang="vi"' in answer.text


def test_english_is_one_click_away_and_the_choice_is_kept(client: Client) -> None:
    chosen = client.post(reverse("set_language"), {"language": "en", "next": "/"})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, "/")
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    answer = client.get("/")
    assert answer.headers["Content-Language"] == "en"
    assert '<html lang="en"' in answer.text


@pytest.mark.parametrize("chosen", ["fr", "", "../../etc/passwd", "v" * 1000])
def test_a_language_that_is_not_there_is_vietnamese(client: Client, chosen: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
    assert client.get("/").headers["Content-Language"] == "vi"


def test_choosing_a_language_leads_to_no_foreign_site(client: Client) -> None:
    data = {"language": "en", "next": "https://example.org/"}
    assert "example.org" not in client.post(reverse("set_language"), data).headers["Location"]


def policy(answer: Any) -> dict[str, list[str]]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for part in parts if (words := part.split())}


def test_public_pages_allow_no_inline_scripts_and_no_foreign_ones_but_the_player(
    client: Client,
) -> None:
    for address in ("/", reverse("certificates:look_up"), reverse("account_login"), "/no-such/"):
        allowed = policy(client.get(address))
        assert allowed["default-src"] == ["'self'"]
        assert allowed["script-src"] == ["'self'", "https://www.youtube.com"]
        assert allowed["object-src"] == ["'none'"]
        assert allowed["frame-ancestors"] == ["'self'"]
        assert "'unsafe-inline'" not in str(allowed)


def test_only_the_admin_may_use_inline_scripts(client: Client) -> None:
    client.force_login(factories.superuser())
    allowed = policy(client.get(reverse("wagtailadmin_home")))
    assert "'unsafe-inline'" in allowed["script-src"]
    assert "'unsafe-inline'" not in str(policy(client.get("/")))


def test_browsers_are_told_to_guess_nothing_and_to_use_no_camera(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_admin_is_entered_by_the_log_in_page_that_asks_for_the_second_factor(
    client: Client,
) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.request["PATH_INFO"] == reverse("account_login")
    assert answer.request["QUERY_STRING"] == "next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code in (
        302,
        405,
    )


def test_who_is_no_staff_does_not_enter_the_admin(client: Client) -> None:
    client.force_login(factories.UserFactory())
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == reverse("courses:mine")


def test_an_address_that_is_not_there_has_a_page_in_the_sites_clothes(client: Client) -> None:
    answer = client.get("/khong-co/")
    assert answer.status_code == 404
    assert "<h1" in answer.text


def test_a_form_without_its_token_is_refused_with_a_page_that_helps() -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(reverse("account_login"), {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "<h1" in answer.text
