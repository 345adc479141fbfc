"""The exam page's script in a real browser, against a server that keeps what it is sent."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site.answering import Server

pytestmark = pytest.mark.browser

OFFLINE = "Mất kết nối. Câu trả lời được giữ trên máy này và sẽ tự gửi khi có mạng."

LATE = "Nhận sau giờ nộp bài: được lưu làm bằng chứng, chưa tính điểm."


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


def show(page: Page, state: str) -> None:
    """As if the window went behind another, or came back."""
    page.evaluate(
        """state => {
            const now = { value: state, configurable: true };
            Object.defineProperty(document, "visibilityState", now);
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def kept_on_the_device(page: Page) -> int:
    """How many answers and events the browser keeps."""
    return int(
        page.evaluate(
            """() => new Promise(resolve => {
                const request = indexedDB.open("exam");
                request.onsuccess = () => {
                    const database = request.result;
                    const names = ["answers", "events"];
                    const transaction = database.transaction(names);
                    const counts = names.map(name => transaction.objectStore(name).count());
                    transaction.oncomplete = () => {
                        database.close();
                        resolve(counts[0].result + counts[1].result);
                    };
                };
            })"""
        )
    )


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


def test_nothing_is_called_kept_by_a_device_that_keeps_nothing(page: Page, server: Server) -> None:
    page.add_init_script("IDBDatabase.prototype.transaction = () => { throw new Error(); }")
    server.status = 503
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-connection]")).to_contain_text("Xin giữ trang này mở")
    assert status_of(page, 1) == "Chưa gửi"
    page.check("[name=slot-2][value='21']")
    assert status_of(page, 2) == "Chưa gửi"
    server.status = 200
    expect(page.locator("#slot-2 [data-status]")).to_contain_text("Đã lưu câu 2")


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
    newer = server.milliseconds() + 1
    server.answers[1] = (newer, 11)
    server.page = {"seq_1": str(newer), "saved_1": "2026-11-20T10:31:00+07:00"}
    again = context.new_page()
    open_exam(again, server)
    expect(again.locator("[name=slot-1][value='13']")).not_to_be_checked()
    expect(again.locator("#slot-1 [data-status]")).to_have_text("Đã lưu câu 1 lúc 10:31:00")
    again.check("[name=slot-2][value='21']")
    expect(again.locator("#slot-2 [data-status]")).to_contain_text("Đã lưu câu 2")
    assert server.answers[1] == (newer, 11)
    assert server.answers[2][0] > newer


def test_of_two_devices_the_later_answer_wins_whichever_line_is_back_first(
    page: Page, context: BrowserContext, server: Server
) -> None:
    open_exam(page, server)
    context.set_offline(True)
    page.check("[name=slot-1][value='11']")
    page.check("[name=slot-2][value='21']")
    # Meanwhile another device answers question 1, later than this one.
    server.answers[1] = (server.milliseconds() + 1, 12)
    context.set_offline(False)
    expect(page.locator("#slot-2 [data-status]")).to_contain_text("Đã lưu câu 2")
    assert server.answers[1][1] == 12
    expect(page.locator("[name=slot-1][value='12']")).to_be_checked()
    expect(page.locator("#slot-1 [data-status]")).to_have_text("Đã lưu câu 1 lúc 10:33:00")
    expect(page.locator("[data-announce]")).to_contain_text("trên máy khác")

    # What is answered here now is the latest again.
    page.check("[name=slot-1][value='13']")
    expect(page.locator("#slot-1 [data-status]")).to_have_text("Đã lưu câu 1 lúc 10:32:05")
    assert server.answers[1][1] == 13


def test_an_answer_acknowledged_and_lost_by_the_server_is_sent_again(
    page: Page, context: BrowserContext, server: Server
) -> None:
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")
    page.close()
    server.answers.clear()
    open_exam(context.new_page(), server)
    wait_until(lambda: 1 in server.answers)
    assert server.answers[1][1] == 11


def test_a_change_is_sent_within_three_seconds_though_others_follow(
    page: Page, server: Server
) -> None:
    open_exam(page, server)
    begun = time.monotonic()
    while not server.saves and time.monotonic() - begun < 4:
        page.locator("[name=slot-4]").press_sequentially("1", delay=50)
    assert server.saves
    assert time.monotonic() - begun < 3


def test_what_the_device_notices_goes_with_the_answers_once(
    page: Page, context: BrowserContext, server: Server
) -> None:
    open_exam(page, server)
    context.set_offline(True)
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    show(page, "hidden")
    show(page, "visible")
    page.check("[name=slot-1][value='11']")
    context.set_offline(False)
    wait_until(lambda: server.events == ["offline", "left", "returned", "back"])
    carried = [one for content in server.saves for one in content.get("events", [])]
    assert len(carried) == 4
    assert all(len(content.get("events", ["one"])) > 0 for content in server.saves)


def test_what_the_device_noticed_survives_a_closed_window(
    page: Page, context: BrowserContext, server: Server
) -> None:
    server.status = 503
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    page.close()
    server.status = 200
    open_exam(context.new_page(), server)
    wait_until(lambda: server.events[:1] == ["offline"])


def test_what_comes_too_late_is_said_to_be_evidence_and_nobody_is_sent_away(
    page: Page, context: BrowserContext, server: Server
) -> None:
    server.end_in(6)
    open_exam(page, server)
    context.set_offline(True)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-announce]")).to_contain_text(
        "Bài sẽ được nộp khi có mạng", timeout=10_000
    )
    server.late = True
    context.set_offline(False)
    expect(page.locator("#slot-1 [data-status]")).to_have_text(LATE)
    expect(page.locator("[data-connection]")).to_have_text(LATE)
    assert server.kept_late == {1: 11}
    page.wait_for_timeout(6_000)
    assert server.submitted == []
    page.get_by_role("link", name="Xem kết quả").click()
    page.wait_for_url("**/result")


def test_what_was_kept_when_the_window_was_closed_is_sent_from_the_page_of_the_result(
    page: Page, context: BrowserContext, server: Server
) -> None:
    server.status = 503
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    page.close()

    server.status, server.late = 200, True
    result = context.new_page()
    result.goto(f"{server.url}/result")
    expect(result.get_by_role("status")).to_have_text(LATE)
    assert server.kept_late == {1: 11}
    # Said once, and forgotten by the device.
    result.wait_for_timeout(500)
    result.reload()
    result.wait_for_timeout(500)
    expect(result.get_by_role("status")).to_have_text("")


def test_after_submitting_the_device_keeps_nothing(page: Page, server: Server) -> None:
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    page.get_by_role("button", name="Nộp bài").click()
    page.get_by_role("dialog").get_by_role("button", name="Nộp bài").click()
    page.wait_for_url("**/result")
    wait_until(lambda: kept_on_the_device(page) == 0)


def test_one_refused_answer_does_not_hold_back_the_others(page: Page, server: Server) -> None:
    server.refused = {4}
    open_exam(page, server)
    page.fill("[name=slot-4]", "nhiều")
    page.check("[name=slot-1][value='11']")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("không lưu được")


def test_an_unreadable_answer_of_the_last_second_does_not_hold_back_the_submission(
    page: Page, server: Server
) -> None:
    server.refused = {4}
    server.end_in(6)
    open_exam(page, server)
    expect(page.locator("[data-clock]")).to_have_text("Còn 0:01", timeout=10_000)
    page.fill("[name=slot-4]", "nhiều")
    page.wait_for_url("**/result")
    assert server.submitted == ["by script"]


def test_what_cannot_be_saved_is_named_before_submitting(page: Page, server: Server) -> None:
    server.refused = {4}
    open_exam(page, server)
    page.fill("[name=slot-4]", "nhiều")
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("không lưu được")
    page.get_by_role("button", name="Nộp bài").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Còn 4 câu chưa trả lời. Vẫn nộp bài?")
    dialog.get_by_role("link", name="4 chưa lưu").click()
    page.fill("[name=slot-4]", "")
    server.refused = set()
    page.fill("[name=slot-4]", "78,6")
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("Đã lưu câu 4")
    page.get_by_role("button", name="Nộp bài").click()
    expect(dialog).to_contain_text("Còn 3 câu chưa trả lời. Vẫn nộp bài?")


def test_what_turns_out_unreadable_while_submitting_is_told_first(
    page: Page, server: Server
) -> None:
    server.refused = {4}
    open_exam(page, server)
    page.fill("[name=slot-4]", "nhiều")
    page.get_by_role("button", name="Nộp bài").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Nộp bài").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#slot-4")).to_be_focused()
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("không lưu được")
    assert server.submitted == []

    # Whoever knows it may submit all the same.
    page.get_by_role("button", name="Nộp bài").click()
    dialog.get_by_role("button", name="Nộp bài").click()
    page.wait_for_url("**/result")


def test_a_long_answer_given_just_before_leaving_calls_no_line_lost(
    page: Page, server: Server
) -> None:
    open_exam(page, server)
    # Below sixty thousand letters, above the sixty-four thousand bytes that a browser carries on.
    page.fill("[name=slot-4]", "ữ" * 30_000)
    show(page, "hidden")
    show(page, "visible")
    expect(page.locator("#slot-4 [data-status]")).to_contain_text("Đã lưu câu 4")
    assert "offline" not in server.events


def test_an_older_browser_saves_as_well(page: Page, server: Server) -> None:
    page.add_init_script("delete AbortSignal.timeout")
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")


def test_a_browser_without_dialogs_keeps_the_plain_form(page: Page, server: Server) -> None:
    page.add_init_script("delete window.HTMLDialogElement")
    page.goto(f"{server.url}/exam")
    expect(page.locator("fieldset.question:visible")).to_have_count(4)
    page.check("[name=slot-1][value='11']")
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url("**/result")
    assert "action=save" in server.submitted[0]


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


def test_who_submits_with_an_ended_session_is_led_to_the_log_in(page: Page, server: Server) -> None:
    open_exam(page, server)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("#slot-1 [data-status]")).to_contain_text("Đã lưu câu 1")
    server.status = 403
    page.get_by_role("button", name="Nộp bài").click()
    page.get_by_role("dialog").get_by_role("button", name="Nộp bài").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="Đăng nhập lại").click()


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
    assert server.submitted == ["by script"]


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
    assert server.submitted == ["by script"]


def test_five_minutes_before_the_end_it_is_said(page: Page, server: Server) -> None:
    server.end_in(302)
    open_exam(page, server)
    expect(page.locator("[data-announce]")).to_have_text("Còn 5 phút")
    expect(page.locator("[data-clock]")).to_contain_text("Còn 4:5")


def test_after_more_time_was_given_the_warnings_come_again(page: Page, server: Server) -> None:
    server.end_in(302)
    open_exam(page, server)
    announced = page.locator("[data-announce]")
    expect(announced).to_have_text("Còn 5 phút")
    # Given and used up: the clock is set by the next answers of the server.
    server.end_in(1200)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-clock]")).to_have_text("Còn 20 phút")
    page.evaluate("document.querySelector('[data-announce]').textContent = ''")
    server.end_in(302)
    page.check("[name=slot-1][value='12']")
    expect(announced).to_have_text("Còn 5 phút")


def test_whose_device_slept_is_told_the_time_that_is_left(page: Page, server: Server) -> None:
    server.end_in(302)
    open_exam(page, server)
    server.end_in(150)
    page.check("[name=slot-1][value='11']")
    expect(page.locator("[data-announce]")).to_have_text("Còn 3 phút")


def test_the_page_shows_the_servers_time_of_day(page: Page, server: Server) -> None:
    # The device's own clock is wrong.
    page.clock.install(time=0)
    page.clock.resume()
    open_exam(page, server)
    shown = page.locator("[data-now]")
    expect(shown).to_contain_text("Giờ máy chủ")
    expect(shown).to_contain_text(server.now().strftime("%H:%M"))


def test_an_answer_of_the_last_second_is_sent_though_an_earlier_request_hangs(
    page: Page, server: Server
) -> None:
    server.end_in(5)
    open_exam(page, server)
    server.hang_once = 12
    page.check("[name=slot-1][value='11']")
    page.wait_for_timeout(2_500)
    page.check("[name=slot-2][value='22']")
    wait_until(lambda: {1, 2} <= server.answers.keys(), seconds=6)


def test_more_time_given_by_the_server_is_shown(page: Page, server: Server) -> None:
    server.end_in(4)
    open_exam(page, server)
    server.end_in(1200)
    expect(page.locator("[data-clock]")).to_have_text("Còn 20 phút")
    assert server.submitted == []


def test_more_time_given_at_the_last_moment_takes_the_end_back(page: Page, server: Server) -> None:
    server.end_in(4)
    open_exam(page, server)
    wait_until(lambda: len(server.saves) > 0)  # the last call, three seconds before the end
    server.end_in(1200)
    expect(page.locator("[data-clock]")).to_have_text("Còn 20 phút")
    expect(page.locator("[data-announce]")).to_have_text("Còn 20 phút")
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
