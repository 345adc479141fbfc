"""The whole test by plain forms: a browser without JavaScript, the same rules."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from quizzes.models import Answer, Attempt
from tests.process import studying, walking
from tests.process.test_exam_offline import ready, some
from tests.process.town import Town

pytestmark = pytest.mark.browser
Visit = Callable[..., Page]


def test_the_whole_test_is_taken_without_scripts(open_town: Town, visit: Visit) -> None:
    login, _start = ready(open_town)
    page = visit(java_script_enabled=False)
    walking.log_in(page, login, start=f"{open_town.address}/hoc-tap/")
    page.get_by_role("link", name=walking.vi("Go to the test")).click()
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    expect(page.locator("fieldset.question:visible")).to_have_count(30)
    attempt = Attempt.objects.get(pk=int(re.findall(r"/lan-thi/(\d+)/", page.url)[0]))
    responses = studying.right_answers(attempt)

    walking.answer_all(page, some(responses, range(1, 21)))
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text(walking.vi("Your answers are saved."))).to_be_visible()
    assert Answer.objects.filter(attempt=attempt, response__isnull=False).count() == 20

    # The page comes back with what is held; the rest is added to it.
    walking.answer_all(page, some(responses, range(21, 29)))
    page.get_by_role("button", name="Nộp bài", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Còn 2 câu chưa trả lời. Vẫn nộp bài?")
    attempt.refresh_from_db()
    assert attempt.submitted_at is None

    walking.answer_all(page, some(responses, range(29, 31)))
    page.get_by_role("button", name="Nộp bài", exact=True).click()
    expect(page.locator(".verdict")).to_have_text(re.compile(r"Đạt\s+30/30 \(100 %\)"))
