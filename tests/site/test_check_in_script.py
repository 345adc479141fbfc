"""The check-in page's script in a real browser: with a line, without one, and afterwards."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.site.answering import Server

pytestmark = pytest.mark.browser

KEPT = "localStorage.getItem('check-in-31-7')"


def give(page: Page, server: Server, code: str = "123 456") -> None:
    page.goto(f"{server.url}/check-in")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Sáu chữ số").fill(code)
    page.get_by_role("button", name="Điểm danh").click()


def test_with_a_line_the_code_is_sent_and_nothing_is_kept(page: Page, server: Server) -> None:
    give(page, server)
    page.wait_for_url(f"{server.url}/done")
    assert server.checked_in == [{"code": "123456"}]
    assert page.evaluate(KEPT) is None


def test_without_a_line_the_code_is_kept_and_sent_when_it_is_back(
    page: Page, context: BrowserContext, server: Server
) -> None:
    page.goto(f"{server.url}/check-in")
    page.wait_for_load_state("networkidle")
    context.set_offline(True)
    page.get_by_label("Sáu chữ số").fill("123456")
    page.get_by_role("button", name="Điểm danh").click()
    expect(page.locator("[data-words]")).to_contain_text("Mất kết nối.")
    assert server.checked_in == []
    assert page.evaluate(KEPT) is not None
    context.set_offline(False)
    page.wait_for_url(f"{server.url}/done")
    (sent,) = server.checked_in
    assert sent["code"] == "123456"
    assert server.now() - datetime.fromisoformat(sent["taken_at"]) < timedelta(minutes=1)
    assert page.evaluate(KEPT) is None


def test_the_time_of_the_code_is_the_server_s_whatever_the_device_s_clock_says(
    page: Page, server: Server
) -> None:
    written = server.now() - timedelta(hours=5)
    server.page = {"server_time": written.isoformat()}
    server.status = 503
    give(page, server)
    expect(page.locator("[data-words]")).to_contain_text("Máy chủ chưa trả lời")
    server.status = 200
    page.wait_for_url(f"{server.url}/done")
    taken_at = datetime.fromisoformat(server.checked_in[-1]["taken_at"])
    assert timedelta() <= taken_at - written < timedelta(minutes=1)


def test_a_code_that_came_with_the_address_was_taken_when_the_page_was_written(
    page: Page, server: Server
) -> None:
    written = server.now() - timedelta(minutes=2)
    server.page = {"server_time": written.isoformat(), "hidden": 'type="hidden" value="123456"'}
    server.status = 503
    page.goto(f"{server.url}/check-in")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Điểm danh").click()
    expect(page.locator("[data-words]")).to_contain_text("Máy chủ chưa trả lời")
    server.status = 200
    page.wait_for_url(f"{server.url}/done")
    taken_at = datetime.fromisoformat(server.checked_in[-1]["taken_at"])
    assert abs(taken_at - written) < timedelta(seconds=1)


def test_a_code_kept_by_a_page_that_was_closed_is_sent_by_the_next(
    page: Page, context: BrowserContext, server: Server
) -> None:
    server.status = 503
    give(page, server)
    expect(page.locator("[data-words]")).to_contain_text("Máy chủ chưa trả lời")
    page.close()
    server.status = 200
    again = context.new_page()
    again.goto(f"{server.url}/check-in")
    again.wait_for_url(f"{server.url}/done")
    assert "taken_at" in server.checked_in[-1]


def test_a_session_that_is_over_keeps_the_code_and_offers_to_log_in(
    page: Page, server: Server
) -> None:
    server.status = 403
    give(page, server)
    expect(page.get_by_role("link", name="Đăng nhập lại")).to_be_visible()
    assert page.evaluate(KEPT) is not None


def test_a_wrong_code_is_said_with_its_reason_and_not_kept(page: Page, server: Server) -> None:
    give(page, server, "000000")
    expect(page.locator("[data-words]")).to_have_text(
        "Không thực hiện được: Mã không đúng. Chưa có gì thay đổi."
    )
    assert page.evaluate(KEPT) is None
    page.get_by_label("Sáu chữ số").fill("123456")
    page.get_by_role("button", name="Điểm danh").click()
    page.wait_for_url(f"{server.url}/done")
