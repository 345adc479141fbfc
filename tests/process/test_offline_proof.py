"""A QR opened in a place without a network, in a real browser that has opened one before."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from certificates.issue import filing
from certificates.models import RegisterEntry
from certificates.proof import keys
from tests.browser import listen
from tests.process.town import Town

pytestmark = pytest.mark.browser


@pytest.fixture
def device(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    context.set_default_timeout(15_000)
    yield context
    context.close()


def two_entries() -> list[RegisterEntry]:
    issued = RegisterEntry.objects.filter(kind=RegisterEntry.Kind.ISSUE).select_related("register")
    return list(issued.order_by("pk")[:2])


def address(town: Town, entry: RegisterEntry, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is printed: signed with the key of the town, not with that of this process."""
    monkeypatch.setattr("django.conf.settings.DATA_DIR", town.folder)
    return f"{town.address}/T/{filing.qr_address(entry).rsplit('/T/')[1]}"


def wait_for_worker(page: Page) -> None:
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def test_once_opened_the_next_qr_is_proved_without_a_network(
    open_town: Town, device: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (address(open_town, one, monkeypatch) for one in two_entries())
    page = device.new_page()
    wrong = listen(page)
    page.goto(first)
    expect(page.locator("[data-verdict=genuine]")).to_contain_text("chữ ký")
    wait_for_worker(page)
    assert wrong == []

    device.set_offline(True)
    page.goto(second)
    content = two_entries()[1].content
    genuine = page.locator("[data-verdict=genuine]")
    expect(genuine).to_be_visible()
    expect(genuine).to_contain_text("chưa hỏi được")
    expect(genuine.locator("[data-field=full_name]")).to_have_text(content["full_name"])
    expect(genuine.locator("[data-field=number]")).to_have_text(content["number"])
    expect(genuine.locator("[data-field=course_code]")).to_have_text(content["course_code"])
    day = "/".join(reversed(content["issued_on"].split("-")))
    expect(genuine.locator("[data-field=issued_on]")).to_have_text(day)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= 360

    letter = second[-20]
    page.goto(second[:-20] + ("A" if letter != "A" else "B") + second[-19:])
    expect(page.locator("[data-verdict=forged]")).to_be_visible()

    device.set_offline(False)
    page.goto(second)
    expect(page.get_by_text("Giấy chứng nhận hợp lệ.")).to_be_visible()
    assert keys.signing_key()[0] == 1
