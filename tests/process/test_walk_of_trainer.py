"""The trainer's part of the walk: a lesson is edited and published, a bank is filled."""

from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from courses.models import LessonPage
from demo.playing import LOGINS
from quizzes import kinds
from quizzes.models import QuestionBank
from tests.factories import GIFT
from tests.process import walking
from tests.process.town import Town
from tests.process.walking import vi

TRAINER = LOGINS[1]
COURSE = "Chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015"
LESSON = "Tiến hành, viết điểm không phù hợp, báo cáo và theo dõi"
NEW_TEXT = "Viết được ba điểm không phù hợp của cơ quan mình."
pytestmark = pytest.mark.browser


@pytest.fixture
def trainer(open_town: Town, visit: Callable[[], Page]) -> Page:
    """Logged in to the admin, by the log-in that everybody uses."""
    page = visit()
    walking.log_in(page, TRAINER, start=f"{open_town.address}/admin/")
    expect(page).to_have_url(f"{open_town.address}/admin/")
    return page


def test_a_trainer_edits_a_lesson_sees_it_as_a_learner_will_and_publishes_it(
    open_town: Town, trainer: Page
) -> None:
    page = trainer
    page.goto(f"{open_town.address}/admin/pages/")
    course = page.get_by_role("row").filter(has=page.get_by_role("link", name=COURSE, exact=True))
    course.locator("td.children a").click()
    page.get_by_role("link", name=LESSON, exact=True).click()
    page.locator("[name=objectives]").fill(NEW_TEXT)

    page.locator("[data-side-panel-toggle=preview]").click()
    preview = page.frame_locator("[data-preview-iframe], iframe[title]").last
    expect(preview.get_by_role("heading", level=1)).to_have_text(LESSON)
    expect(preview.get_by_text(NEW_TEXT)).to_be_visible()
    expect(preview.locator("video")).to_be_visible()
    lesson = LessonPage.objects.get(title=LESSON)
    assert lesson.objectives != NEW_TEXT

    page.locator(".w-dropdown-button [data-w-dropdown-target=toggle]").click()
    page.locator("button[name=action-publish]").click()
    expect(page.locator(".messages .success")).to_contain_text(LESSON)
    page.goto(open_town.address + str(lesson.url))
    expect(page.get_by_text(NEW_TEXT)).to_be_visible()


def test_a_trainer_imports_a_file_of_questions_into_a_new_bank(
    open_town: Town, trainer: Page
) -> None:
    page = trainer
    page.goto(f"{open_town.address}/admin/banks/")
    page.locator("a[href='/admin/banks/new/']").first.click()
    page.locator("[name=name]").fill("Ngân hàng mới")
    page.locator("footer button[type=submit]").click()
    page.get_by_role("link", name="Ngân hàng mới", exact=True).click()
    page.get_by_role("link", name=vi("Import GIFT")).click()
    page.locator("input[type=file]").set_input_files(GIFT)
    page.get_by_role("button", name=vi("Show the questions")).click()
    # First looked at, and nothing is changed by that.
    expect(page.get_by_role("main").locator("tbody tr")).to_have_count(40)
    bank = QuestionBank.objects.get(name="Ngân hàng mới")
    assert not bank.questions.exists()
    page.get_by_role("main").locator("form[method=post] button").click()

    shown = page.get_by_role("main").locator("tbody tr")
    expect(shown).to_have_count(40)
    found = Counter(row.locator("td").nth(1).inner_text() for row in shown.all())
    # Of every kind that needs no marker.
    assert set(found) == {
        vi(str(kind.label)) for kind in kinds.KINDS.values() if not kind.marked_by_people
    }
    assert bank.questions.count() == 40
