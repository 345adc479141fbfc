"""How people go through the pages with a browser: each step as they see and click it."""

from typing import Any

from django.utils.translation import gettext, override
from playwright.sync_api import Locator, Page, expect

from demo.playing import Login

SECONDS_OF_A_CLIP = 8


def vi(message: str) -> str:
    """What the Vietnamese interface says for a message of ours."""
    with override("vi"):
        return gettext(message)


def log_in(page: Page, login: Login, *, start: str) -> None:
    """Go to an address that asks who is there, and answer."""
    page.goto(start)
    page.locator("[name=login]").fill(login.username)
    page.locator("[name=password]").fill(login.password)
    page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()


def watch(page: Page) -> None:
    """Play the lesson's video from beginning to end, until the page says that it counts."""
    page.locator("video").evaluate("video => video.play()")
    following = page.locator("[data-next-link]")
    expect(following).to_be_visible(timeout=1000 * (3 * SECONDS_OF_A_CLIP))
    expect(page.locator("[data-announce]")).to_have_text(vi("You have finished this lesson."))


def answer_all(page: Page, responses: dict[int, Any]) -> None:
    """Give each answer by the controls of its question."""
    for slot, response in responses.items():
        give(page.locator(f"fieldset[data-slot='{slot}']"), response)


def give(question: Locator, response: Any) -> None:
    """Answer one question; the shape of the response tells the kind of its controls."""
    if isinstance(response, dict):
        for prompt, option in response.items():
            question.locator(f"select[name$='-{prompt}']").select_option(str(option))
    elif isinstance(response, list):
        for choice in response:
            question.locator(f"input[value='{choice}']").check()
    elif isinstance(response, int):
        question.locator(f"input[value='{response}']").check()
    else:
        question.locator("input[type=text]").fill(response.replace(".", ","))
