"""A QR opened in a place without a network, in a real browser that has opened one before."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from certificates.issue import filing
from certificates.models import RegisterEntry
from certificates.proof import keys
from tests.browser import listen
from tests.process.town import Town

pytestmark = pytest.mark.browser
# Ten seconds for the page, then the device's own files; not one wait after the other.
SOON_ENOUGH = 20


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


class PoorLine:
    """Stands between device and town: passes on what is asked, or answers ill, or not at all."""

    def __init__(self, town: Town) -> None:
        self.answers: int | None = None
        self.hangs = False
        self._over = threading.Event()
        line = self

        class Passing(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if line.hangs:
                    line._over.wait()
                    return
                if line.answers:
                    self.send_error(line.answers)
                    return
                answer = town.visitor().get(self.path)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def end(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def poor_line(open_town: Town) -> Iterator[PoorLine]:
    line = PoorLine(open_town)
    yield line
    line.end()


def open_first(page: Page, line: PoorLine, path: str) -> None:
    page.goto(line.address + path)
    expect(page.locator("[data-verdict=genuine]")).to_contain_text("chữ ký")
    wait_for_worker(page)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_is_ill_leaves_the_proof_to_the_device(
    open_town: Town,
    poor_line: PoorLine,
    device: BrowserContext,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    first, second = (
        address(open_town, one, monkeypatch).removeprefix(open_town.address)
        for one in two_entries()
    )
    page = device.new_page()
    open_first(page, poor_line, first)
    poor_line.answers = status
    page.goto(poor_line.address + second)
    genuine = page.locator("[data-verdict=genuine]")
    expect(genuine).to_contain_text("chưa hỏi được")
    name = two_entries()[1].content["full_name"]
    expect(genuine.locator("[data-field=full_name]")).to_have_text(name)
    poor_line.answers = None
    page.goto(poor_line.address + second)
    expect(page.get_by_text("Giấy chứng nhận hợp lệ.")).to_be_visible()


def test_a_server_that_does_not_answer_soon_leaves_the_proof_to_the_device(
    open_town: Town,
    poor_line: PoorLine,
    device: BrowserContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (
        address(open_town, one, monkeypatch).removeprefix(open_town.address)
        for one in two_entries()
    )
    page = device.new_page()
    open_first(page, poor_line, first)
    # As on another day, when nothing but what the worker keeps is there.
    device.new_cdp_session(page).send("Network.clearBrowserCache")
    poor_line.hangs = True
    begun = time.monotonic()
    page.goto(poor_line.address + second, timeout=60_000)
    genuine = page.locator("[data-verdict=genuine]")
    expect(genuine).to_contain_text("chưa hỏi được", timeout=60_000)
    assert time.monotonic() - begun < SOON_ENOUGH


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
