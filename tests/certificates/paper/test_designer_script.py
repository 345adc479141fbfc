"""The sheet in a browser: fields are moved by mouse and keys, and the server draws them anew."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from certificates.models import CertificateTemplate, TemplateVersion
from certificates.paper import designing
from tests.browser import chromium, listen
from tests.factories import UserFactory

__all__ = ["chromium"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def _database_beside_playwright() -> Iterator[None]:
    """Playwright keeps a loop in this thread, and Django takes its database away for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def template() -> CertificateTemplate:
    return designing.create_template(name="Mẫu của Sở", language="vi", at=timezone.now())


@pytest.fixture
def page(live_server: Any, template: CertificateTemplate, chromium: Browser) -> Iterator[Page]:
    client = Client()
    client.force_login(UserFactory(officer=True))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: "en"}
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    page = context.new_page()
    wrong = listen(page)
    page.goto(live_server.url + reverse("certificate_templates:design", args=[template.pk]))
    yield page
    context.close()
    assert wrong == []


def numbers(page: Page) -> list[float]:
    """x, y, width and height of the holder's name."""
    settings_of_name = page.locator("details.field", has_text="Họ và tên").first
    return [
        float(settings_of_name.locator(f"input[name$=-{name}]").input_value())
        for name in ("x", "y", "width", "height")
    ]


def test_a_field_is_moved_by_keys_and_mouse_and_drawn_anew(page: Page) -> None:
    name = page.get_by_role("button", name="Họ và tên:")
    name.focus()
    expect(page.locator(".sheet-said")).to_have_text(
        "Họ và tên: 21 mm from the left, 69 mm from above, 255 × 14 mm"
    )
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+ArrowUp")
    page.keyboard.press("Control+Shift+ArrowLeft")
    assert numbers(page) == [22, 79, 245, 13]
    place = name.bounding_box()
    assert place
    page.mouse.move(place["x"] + 20, place["y"] + 10)
    page.mouse.down()
    page.mouse.move(place["x"] + 20, place["y"] - 10, steps=4)
    page.mouse.up()
    x, y, width, height = numbers(page)
    assert (x, width, height) == (22, 245, 13)
    assert 60 < y < 75
    before = page.locator(".sheet-picture").get_attribute("src")
    page.locator("input[name$='-width']:visible").fill("40")
    expect(page.locator(".sheet-problems li")).to_have_text(
        "This does not fit into its field: Họ và tên."
    )
    assert page.locator(".sheet-picture").get_attribute("src") != before
    page.locator("input[name$='-width']:visible").fill("250")
    expect(page.get_by_text("Everything fits")).to_be_visible()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Kept as version 2.")).to_be_visible()
    kept = TemplateVersion.objects.get(number=2).layout["fields"]
    (field,) = [one for one in kept if one["name"] == "Họ và tên"]
    assert (field["x"], field["y"], field["width"]) == (22, y, 250)
