"""The exam page's script in a real browser, against a server that keeps what it is sent."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site.answering import Server

pytestmark = pytest.mark.browser

OFFLINE = "Mất kết nối. Câu trả lời được giữ trên máy này và sẽ tự gửi khi có mạng."


def open_exam(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/exam")
    page.wait_for_selector("#exam[data-enhanced]")


def status_of(page: Page, slot: int) -> str:
    return page.locator(f"#slot-{slot} [data-status]").inner_text()


def test_each_kind_of_answer_is_saved_and_its_receipt_is_shown(page: Page, server: Server) -> None:
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    page.check("[name=slot-2][value='21']")
    page.check("[name=slot-2][value='22']")
    page.select_option("[name=slot-3-31]", "301")
    page.fill("[name=slot-4]", " 78,6 ")

    for slot in (1, 2, 3, 4):
        expect(page.locator(f"#slot-{slot} [data-status]")).to_have_text(
            f"Đã lưu câu {slot} lúc 10:32:05"
        )
    assert {slot: response for slot, (_seq, response) in server.answers.items()} == {
        1: 11,
        2: [21, 22],
        3: {"31": 301},
        4: "78,6",
    }
    assert len(server.saves) <= 2, "answers given together travel together"
    expect(page.locator("[data-strip]")).to_contain_text("1 đã lưu")


def test_nothing_is_called_saved_before_the_receipt(page: Page, server: Server) -> None:
    server.status = 503
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    assert status_of(page, 1) == "Đang giữ trên máy này"
    assert "đã lưu" not in page.locator("[data-strip]").inner_text()


def test_answers_given_without_a_line_are_sent_when_it_is_back(
    page: Page, context: BrowserContext, server: Server
) -> None:
    open_exam(page, server)
    context.set_offline(True)
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    page.check("[name=slot-1][value='12']")
    page.check("[name=slot-2][value='23']")
    page.wait_for_timeout(2_500)
    assert server.answers == {}

    context.set_offline(False)
    expect(page.locator("[data-connection]")).to_have_text("Đã kết nối lại. Đã gửi 2 câu.")
    assert {slot: held[1] for slot, held in server.answers.items()} == {1: 12, 2: [23]}


def test_unsent_answers_survive_a_closed_window(
    page: Page, context: BrowserContext, server: Server
) -> None:
    server.status = 503
    open_exam(page, server)
    page.check("[name=slot-1][value='13']")
    page.fill("[name=slot-4]", "42")
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    page.close()

    server.status = 200
    again = context.new_page()
    open_exam(again, server)
    expect(again.locator("[name=slot-1][value='13']")).to_be_checked()
    expect(again.locator("#slot-4 [data-status]")).to_have_text("Đã lưu câu 4 lúc 10:32:05")
    assert {slot: held[1] for slot, held in server.answers.items()} == {1: 13, 4: "42"}


def test_a_newer_answer_on_the_server_wins_over_an_unsent_one(
    page: Page, context: BrowserContext, server: Server
) -> None:
    server.status = 503
    open_exam(page, server)
    page.check("[name=slot-1][value='13']")
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    page.close()

    server.status = 200
    server.answers[1] = (9, 11)
    server.page = {"seq_1": "9", "saved_1": "2026-11-20T10:31:00+07:00"}
    again = context.new_page()
    open_exam(again, server)
    expect(again.locator("[name=slot-1][value='13']")).not_to_be_checked()
    expect(again.locator("#slot-1 [data-status]")).to_have_text("Đã lưu câu 1 lúc 10:31:00")
    again.check("[name=slot-2][value='21']")
    expect(again.locator("#slot-2 [data-status]")).to_contain_text("Đã lưu câu 2")
    assert server.answers[1] == (9, 11)
    assert server.answers[2][0] > 9


def test_a_number_used_by_another_window_does_not_lose_the_later_answer(
    page: Page, server: Server
) -> None:
    open_exam(page, server)
    server.answers[1] = (5, 12)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")
    assert server.answers[1] == (6, 11)


def test_one_refused_answer_does_not_hold_back_the_others(page: Page, server: Server) -> None:
    server.refused = {4}
    open_exam(page, server)
    page.fill("[name=slot-4]", "nhiều")
    page.check("[name=slot-1][value='11']")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("không lưu được")


def test_an_answer_given_just_before_leaving_is_sent(page: Page, server: Server) -> None:
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    page.goto(f"{server.url}/elsewhere")
    page.wait_for_timeout(300)
    assert server.answers[1][1] == 11


def test_an_ended_session_is_said_and_the_answer_kept(page: Page, server: Server) -> None:
    server.status = 403
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.get_by_role("link", name="Đăng nhập lại")).to_be_visible()
    server.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")
    expect(page.get_by_role("link", name="Đăng nhập lại")).to_be_hidden()


def test_a_closed_attempt_leads_to_the_result(page: Page, server: Server) -> None:
    server.status = 409
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    page.wait_for_url("**/result")


def test_submitting_first_says_what_is_empty_and_sends_what_waits(
    page: Page, server: Server
) -> None:
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    page.get_by_role("button", name="Nộp bài").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Còn 3 câu chưa trả lời. Vẫn nộp bài?")
    dialog.get_by_role("link", name="4 trống").click()
    expect(page.locator("#slot-4")).to_be_focused()
    page.get_by_role("button", name="Nộp bài").click()
    dialog.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url("**/result")
    assert server.answers[1][1] == 11
    assert "action=submit" in server.submitted[0]


def test_enter_in_a_field_does_not_submit_the_test(page: Page, server: Server) -> None:
    open_exam(page, server)
    page.fill("[name=slot-4]", "78,6")
    page.press("[name=slot-4]", "Enter")
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("Đã lưu câu 4")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert server.submitted == []


def test_submitting_without_a_line_keeps_the_page_and_the_answers(
    page: Page, context: BrowserContext, server: Server
) -> None:
    open_exam(page, server)
    context.set_offline(True)
    page.check("[name=slot-1][value='11']")
    page.get_by_role("button", name="Nộp bài").click()
    page.get_by_role("dialog").get_by_role("button", name="Nộp bài").click()
    expect(page.get_by_role("dialog")).to_contain_text("Chưa nộp được: mất kết nối.")
    assert server.submitted == []


def test_the_time_left_comes_from_the_server_and_ends_in_a_submission(
    page: Page, server: Server
) -> None:
    server.end_in(63)
    open_exam(page, server)
    expect(page.locator("[data-announce]")).to_have_text("Còn 1 phút")
    expect(page.locator("[data-clock]")).to_contain_text("Còn 0:5")
    server.end_in(4)
    page.check("[name=slot-1][value='11']")
    page.wait_for_url("**/result")
    assert server.answers[1][1] == 11
    assert "action=submit" in server.submitted[0]


def test_more_time_given_by_the_server_is_shown(page: Page, server: Server) -> None:
    server.end_in(4)
    open_exam(page, server)
    server.end_in(1200)
    expect(page.locator("[data-clock]")).to_have_text("Còn 20 phút")
    assert server.submitted == []


def test_a_phone_shows_one_question_at_a_time(page: Page, server: Server) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    open_exam(page, server)
    expect(page.locator("fieldset.question:visible")).to_have_count(1)
    page.get_by_role("button", name="Câu sau").click()
    expect(page.locator("#slot-2")).to_be_visible()
    expect(page.locator("#slot-1")).to_be_hidden()
    page.locator("#slot-2").get_by_label("Đánh dấu xem lại").check()
    expect(page.get_by_role("link", name="2: trống, xem lại")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_without_scripts_the_form_saves_and_submits(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/exam")
    expect(page.locator("fieldset.question:visible")).to_have_count(4)
    page.check("[name=slot-1][value='11']")
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url("**/result")
    assert "slot-1=11" in server.submitted[0]
    assert "action=save" in server.submitted[0]
    context.close()
