"""What holds on every page that people see: accessible, narrow, light, and free of errors."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from certificates.holder import sharing
from certificates.issue import filing
from certificates.models import Certificate, IssuingRule, RegisterEntry
from courses.models import CoursePage, Enrolment
from quizzes.models import Attempt, Quiz
from tests.process import studying, walking
from tests.process.town import Town

FIRST_VIEW_BYTES = 100_000
# The second screen is dark too: colours are judged in both schemes.
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}
Visit = Callable[..., Page]


def problems(page: Page) -> Iterator[str]:
    """What is wrong with the page as it stands in the browser."""
    if (headings := page.locator("h1").count()) != 1:
        yield f"{headings} h1"
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    for rule in found:
        if rule["impact"] in ("serious", "critical"):
            yield f"{rule['id']}: {[node['html'][:200] for node in rule['nodes'][:3]]}"
    width, visible = page.evaluate(
        "[document.scrollingElement.scrollWidth, document.scrollingElement.clientWidth]"
    )
    if width > visible:
        yield f"{width} px wide on a screen of {visible}"
    text = page.locator("body").inner_text()
    if "{{" in text or "{%" in text:
        yield "a template shows"


def look_at(page: Page, addresses: dict[str, str], *, status: int = 200) -> dict[str, list[str]]:
    """The problems of each page, by its name; pages without problems are left out."""
    found = {}
    for name, address in addresses.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == status, name
        if wrong := list(problems(page)):
            found[name] = wrong
    return found


def public_pages(town: Town, certificate: Certificate) -> dict[str, str]:
    course = CoursePage.objects.get(course__code="ISO9001-ĐGNB")
    entry = certificate.entries.get(kind=RegisterEntry.Kind.ISSUE)
    number = f"{reverse('certificates:look_up')}?number={entry.number}"
    link = sharing.share(certificate=certificate, at=timezone.now())
    with override_settings(DATA_DIR=town.folder):  # where the key of the town lies
        text = filing.qr_address(entry).rsplit("/T/")[1]
    paths = {
        "home": "/",
        "catalogue": reverse("courses:catalogue"),
        "course": str(course.url),
        "look-up": reverse("certificates:look_up"),
        "QR": f"/T/{text}",
        "QR without a network": reverse("certificates:offline"),
        "published keys": reverse("certificates:public_keys"),
        "shared": reverse("certificates:shared", args=[link.token]),
        "looked up": f"{number}&full_name={certificate.person.full_name}",
        "log-in": reverse("account_login"),
    }
    return {name: town.address + path for name, path in paths.items()}


def pages_on_the_way(town: Town, enrolment: Enrolment, attempt: Attempt) -> dict[str, str]:
    lesson = enrolment.run.lessons.order_by("order")[0].page
    quiz = Quiz.objects.get(pk=attempt.quiz_id)
    paths = {
        "home, logged in": "/",
        "my courses": reverse("courses:mine"),
        "enrolment": reverse("courses:enrolment", args=[enrolment.pk]),
        "lesson": str(lesson.url),
        "before the exam": reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk]),
        "exam": reverse("quizzes:attempt", args=[attempt.pk]),
    }
    return {name: town.address + path for name, path in paths.items()}


def pages_at_the_end(town: Town, attempt: Attempt, certificate: Certificate) -> dict[str, str]:
    paths = {
        "result": reverse("quizzes:result", args=[attempt.pk]),
        "my certificates": reverse("certificates:mine"),
        "certificate": reverse("certificates:certificate", args=[certificate.public_id]),
    }
    return {name: town.address + path for name, path in paths.items()}


# Over 30 s: sixteen pages are opened and examined, on two screens.
@pytest.mark.long_browser
def test_every_page_is_accessible_and_fits_on_a_phone(town: Town, visit: Visit) -> None:
    town.start_web()
    learner = town.visitor()
    enrolment = studying.enrol(learner)
    attempt = studying.start(learner, enrolment)
    older = Certificate.objects.filter(state=Certificate.State.FILED).earliest("pk")
    screens = {name: visit(**options) for name, options in SCREENS.items()}
    wrong = {}
    for name, page in screens.items():
        wrong[f"{name}, public"] = look_at(page, public_pages(town, older))
        walking.log_in(page, studying.LEARNER, start=f"{town.address}/hoc-tap/")
        wrong[f"{name}, on the way"] = look_at(page, pages_on_the_way(town, enrolment, attempt))

    studying.watch_all(learner, enrolment)
    studying.answer(learner, attempt, studying.right_answers(attempt))
    studying.submit(learner, attempt)
    own = Certificate.objects.get(enrolment=enrolment)
    for name, page in screens.items():
        # Once while it is being issued; what is not there yet does not move the page.
        wrong[f"{name}, pending"] = look_at(page, pages_at_the_end(town, attempt, own))
    town.start_worker()
    town.wait_until_filed(own)
    for name, page in screens.items():
        wrong[f"{name}, filed"] = look_at(page, pages_at_the_end(town, attempt, own))
    assert {name: found for name, found in wrong.items() if found} == {}


def test_what_will_be_printed_is_confirmed_on_a_phone(town: Town, visit: Visit) -> None:
    IssuingRule.objects.update(confirm_within=7)
    town.start_web()
    own = studying.complete(town.visitor())
    page = visit(**SCREENS["narrow"])
    walking.log_in(page, studying.LEARNER, start=f"{town.address}/hoc-tap/")
    address = f"{town.address}{reverse('certificates:confirm', args=[own.public_id])}"
    assert look_at(page, {"to be confirmed": address}) == {}
    page.get_by_role("button", name=walking.vi("Ask for a correction")).scroll_into_view_if_needed()
    page.get_by_role("button", name=walking.vi("All of this is right")).click()
    expect(page.locator("main")).to_contain_text(walking.vi("Your certificate is being issued"))
    assert look_at(page, {"confirmed": address, "on its way": page.url}) == {}


def test_a_page_that_is_not_there_helps_and_is_accessible(
    open_town: Town, chromium: Browser
) -> None:
    nowhere = {
        "no page": f"{open_town.address}/khong-co/",
        "no certificate": f"{open_town.address}/tra-cuu/?number=9999/1999/X&full_name=Ai",
        "no QR": f"{open_town.address}/T/AAAA",
    }
    for options in SCREENS.values():
        page = chromium.new_context(**options).new_page()
        assert look_at(page, nowhere, status=404) == {}
        page.context.close()


def test_a_public_page_is_light_at_first_sight(open_town: Town, chromium: Browser) -> None:
    older = Certificate.objects.filter(state=Certificate.State.FILED).earliest("pk")
    weights = {}
    for name, address in public_pages(open_town, older).items():
        page = chromium.new_context().new_page()  # nothing is in its cache
        page.goto(address, wait_until="networkidle")
        weights[name] = page.evaluate(
            "performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)"
        )
        page.context.close()
    assert all(weights.values())
    assert {name: weight for name, weight in weights.items() if weight > FIRST_VIEW_BYTES} == {}
