"""A test on a bad line, in a real browser against a real server: nothing that was typed is lost."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from demo.playing import Login
from quizzes.models import Answer, Attempt, Quiz
from tests.browser import listen
from tests.process import studying, walking
from tests.process.town import Town
from tests.process.visitor import Visitor

pytestmark = pytest.mark.browser
OFFLINE = "Mất kết nối. Câu trả lời được giữ trên máy này và sẽ tự gửi khi có mạng."


@pytest.fixture
def device(chromium: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Opens a browser in which nothing goes wrong but the line."""
    contexts: list[BrowserContext] = []
    heard: list[list[str]] = []

    def take() -> BrowserContext:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(15_000)
        context.on("page", lambda page: heard.append(listen(page)))
        contexts.append(context)
        return context

    yield take
    for context in contexts:
        context.close()
    errors = [error for page in heard for error in page]
    assert [error for error in errors if "net::ERR_INTERNET_DISCONNECTED" not in error] == []


def ready(town: Town) -> tuple[Login, str]:
    """Somebody who may take the test, and the address of the page before it."""
    login = studying.open_account_for_another()
    visitor = Visitor(town.address)
    enrolment = studying.enrol(visitor, login=login)
    studying.watch_all(visitor, enrolment)
    quiz = Quiz.objects.get(assessment__in=enrolment.run.rules["assessments"])
    return login, town.address + reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])


def begin(page: Page, login: Login, start: str) -> Attempt:
    walking.log_in(page, login, start=start)
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    expect(page.locator("#exam[data-enhanced]")).to_be_visible()
    return Attempt.objects.get(pk=int(re.findall(r"/lan-thi/(\d+)/", page.url)[0]))


def some(responses: dict[int, Any], slots: range) -> dict[int, Any]:
    return {slot: responses[slot] for slot in slots}


def saved(page: Page) -> Locator:
    return page.locator("[data-status][data-state=saved]")


def test_a_test_survives_a_cut_line_and_a_closed_window(
    open_town: Town, device: Callable[[], BrowserContext]
) -> None:
    login, start = ready(open_town)
    context = device()
    page = context.new_page()
    attempt = begin(page, login, start)
    responses = studying.right_answers(attempt)
    walking.answer_all(page, some(responses, range(1, 11)))
    expect(saved(page)).to_have_count(10)

    context.set_offline(True)
    expect(page.locator("[data-connection]")).to_have_text(OFFLINE)
    walking.answer_all(page, some(responses, range(11, 25)))
    kept = page.locator("[data-status][data-state=kept]")
    expect(kept).to_have_count(14)
    address = page.url
    page.close()
    assert Answer.objects.filter(attempt=attempt).count() == 10

    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(saved(page)).to_have_count(24)
    walking.answer_all(page, some(responses, range(25, 31)))
    expect(saved(page)).to_have_count(30)
    page.get_by_role("button", name="Nộp bài").click()
    page.get_by_role("dialog").get_by_role("button", name="Nộp bài").click()
    expect(page.locator(".verdict")).to_have_text(re.compile(r"Đạt\s+30/30 \(100 %\)"))
    held = dict(Answer.objects.filter(attempt=attempt).values_list("slot", "response"))
    assert held.keys() == responses.keys()


def test_of_two_devices_the_later_answer_counts_and_both_show_it(
    open_town: Town, device: Callable[[], BrowserContext]
) -> None:
    login, start = ready(open_town)
    telephone, office = device(), device()
    page = telephone.new_page()
    attempt = begin(page, login, start)
    versions = studying.right_answers(attempt)
    slot = next(number for number, response in versions.items() if isinstance(response, int))

    telephone.set_offline(True)
    choices = page.locator(f"fieldset[data-slot='{slot}'] input[type=radio]")
    choices.nth(0).check()
    expect(page.locator(f"#slot-{slot} [data-status]")).to_have_attribute("data-state", "kept")

    other = office.new_page()
    walking.log_in(other, login, start=page.url)
    expect(other.locator("#exam[data-enhanced]")).to_be_visible()
    same = other.locator(f"fieldset[data-slot='{slot}'] input[type=radio]")
    expect(same.nth(0)).not_to_be_checked()
    same.nth(1).check()
    expect(saved(other)).to_have_count(1)
    newest = Answer.objects.get(attempt=attempt, slot=slot)

    telephone.set_offline(False)
    expect(choices.nth(1)).to_be_checked()
    assert Answer.objects.get(attempt=attempt, slot=slot).seq == newest.seq
    page.reload()
    expect(choices.nth(1)).to_be_checked()
    # What is chosen on the telephone now is the latest again, and the office shows it.
    choices.nth(0).check()
    expect(saved(page)).to_have_count(1)
    other.reload()
    expect(same.nth(0)).to_be_checked()
