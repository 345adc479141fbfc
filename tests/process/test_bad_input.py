"""What people and programmes send that they should not: a clear answer, and nothing is changed."""

from functools import partial
from http import HTTPStatus
from typing import NamedTuple

import pytest
from django.urls import reverse

from certificates.models import Certificate
from courses.models import AssessmentResult, Enrolment, LessonPage
from demo.playing import LOGINS, Login
from people.models import User
from quizzes.models import Answer, Attempt, LateAnswer, QuestionBank
from quizzes.setting import open_bank
from tests.process import studying
from tests.process.town import Town
from tests.process.visitor import Upload, Visitor
from tests.process.walking import vi
from tests.together import together

_LEARNER, TRAINER, _FOCAL_POINT, OFFICER = LOGINS
MEGABYTE = 1024 * 1024


class Sitting(NamedTuple):
    """Somebody in the middle of a test."""

    visitor: Visitor
    attempt: Attempt


@pytest.fixture
def sitting(open_town: Town) -> Sitting:
    return sit_down(open_town)


def sit_down(town: Town) -> Sitting:
    """Somebody new begins the test."""
    visitor = town.visitor()
    enrolment = studying.enrol(visitor, login=studying.open_account_for_another())
    return Sitting(visitor, studying.start(visitor, enrolment))


def logged_in(town: Town, login: Login) -> Visitor:
    visitor = town.visitor()
    visitor.log_in(login)
    return visitor


# --- Files and sizes ------------------------------------------------------------------------------


@pytest.fixture
def bank(open_town: Town) -> QuestionBank:
    """An empty one, of the trainer's."""
    trainer = User.objects.get(username=TRAINER.username)
    number = QuestionBank.objects.count()
    return open_bank(name=f"Ngân hàng {number}", members=[trainer])


def test_a_file_of_30_mb_is_refused_in_words(open_town: Town, bank: QuestionBank) -> None:
    file = Upload("questions.gift", b"// x\n" * (30 * MEGABYTE // 5))
    address = reverse("banks:import", args=[bank.pk])
    answer = logged_in(open_town, TRAINER).upload(address, {}, {"file": file})
    assert answer.status == HTTPStatus.OK
    words = vi("The file has %(size)s MB; %(limit)s MB are possible. Nothing was changed.")
    assert words % {"size": 30, "limit": 2} in answer.text
    assert not bank.imports.exists()


def test_a_broken_question_is_named_by_its_line_and_the_others_are_offered(
    open_town: Town, bank: QuestionBank
) -> None:
    gift = "::Good::Right? {TRUE}\n\n::Broken::What is {=a ~b\n\n::Fine::Wrong? {FALSE}\n"
    visitor = logged_in(open_town, TRAINER)
    file = Upload("broken.gift", gift.encode())
    answer = visitor.upload(reverse("banks:import", args=[bank.pk]), {}, {"file": file})
    preview = reverse("banks:import_preview", args=[bank.imports.get().pk])
    assert answer.address.endswith(preview)
    problem = answer.text[answer.text.index(vi("What cannot be taken over")) :]
    assert "<td>3</td>" in problem
    assert not bank.questions.exists()
    visitor.post(preview)
    assert set(bank.questions.values_list("name", flat=True)) == {"Good", "Fine"}


def test_a_body_that_is_too_large_is_refused_by_the_api(sitting: Sitting) -> None:
    answer = studying.answer(*sitting, {1: "x" * 3 * MEGABYTE})
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert answer.json["code"] == "too_large"
    assert not Answer.objects.filter(attempt=sitting.attempt).exists()


# --- At the same moment ---------------------------------------------------------------------------


def test_a_double_click_on_enrol_enrols_once_and_shows_the_same_page(open_town: Town) -> None:
    login = studying.open_account_for_another()
    visitor = logged_in(open_town, login)
    run = studying.open_run()
    click = partial(visitor.post, reverse("courses:enrol", args=[run.pk]))
    seen = [(one.status, one.address) for one in together([click, click])]  # type: ignore[union-attr]
    enrolment = Enrolment.objects.get(run=run, person__user__username=login.username)
    page = open_town.address + reverse("courses:enrolment", args=[enrolment.pk])
    assert seen == [(HTTPStatus.OK, page)] * 2


def test_two_submissions_at_once_are_graded_once_and_get_the_same_answer(
    open_town: Town,
) -> None:
    visitor = open_town.visitor()
    attempt = studying.ready_to_submit(visitor, login=studying.open_account_for_another())
    submit = partial(studying.submit, visitor, attempt)
    first, second = [one.json for one in together([submit, submit])]  # type: ignore[union-attr]
    assert first == second
    assert first["passed"] is True
    assert AssessmentResult.objects.filter(enrolment=attempt.enrolment_id).count() == 1
    assert Certificate.objects.filter(enrolment=attempt.enrolment_id).count() == 1


def test_people_who_save_at_once_are_all_acknowledged(open_town: Town) -> None:
    """As on an exam day: nobody sees an error, and every answer is there."""
    sittings = [sit_down(open_town) for _number in range(6)]

    def save_one_by_one(sitting: Sitting, right: dict[int, object]) -> set[int]:
        return {
            studying.answer(*sitting, {slot: response}).status for slot, response in right.items()
        }

    calls = [
        partial(save_one_by_one, sitting, studying.right_answers(sitting.attempt))
        for sitting in sittings
    ]
    assert together(calls) == [{HTTPStatus.OK}] * 6
    attempts = [sitting.attempt for sitting in sittings]
    assert Answer.objects.filter(attempt__in=attempts).count() == 6 * 30


# --- Too late, not there, not yours ---------------------------------------------------------------


def test_after_the_deadline_what_was_saved_in_time_counts(sitting: Sitting) -> None:
    visitor, attempt = sitting
    right = studying.right_answers(attempt)
    studying.answer(*sitting, {slot: right[slot] for slot in range(1, 25)})
    studying.end_time_of(attempt)

    late = studying.answer(*sitting, {slot: right[slot] for slot in range(25, 31)})
    assert (late.status, late.json["late"]) == (HTTPStatus.OK, list(range(25, 31)))
    assert LateAnswer.objects.filter(attempt=attempt).count() == 6
    answer = visitor.post(reverse("quizzes:attempt", args=[attempt.pk]), {"action": "submit"})
    assert answer.address.endswith(reverse("quizzes:result", args=[attempt.pk]))
    assert vi("The time was over: what was saved until then has been graded.") in answer.text
    attempt.refresh_from_db()
    assert (attempt.score, attempt.submitted_at) == (24, attempt.deadline)


@pytest.mark.parametrize("slot", [0, 31, -1])
def test_an_answer_for_a_slot_that_is_not_in_the_paper_is_refused(
    sitting: Sitting, slot: int
) -> None:
    assert studying.answer(*sitting, {slot: 1}).status == HTTPStatus.BAD_REQUEST
    assert not Answer.objects.filter(attempt=sitting.attempt).exists()


def test_an_attempt_of_somebody_else_is_not_there(open_town: Town, sitting: Sitting) -> None:
    attempt = sitting.attempt
    stranger = logged_in(open_town, studying.open_account_for_another())
    answers = [
        *(
            stranger.get(reverse(name, args=[attempt.pk]))
            for name in ("quizzes:attempt", "quizzes:result", "api:attempt")
        ),
        studying.answer(stranger, attempt, {1: 1}),
        studying.submit(stranger, attempt),
    ]
    assert {answer.status for answer in answers} == {HTTPStatus.NOT_FOUND}


def test_an_unknown_certificate_number_is_answered_by_a_page_that_helps(open_town: Town) -> None:
    address = reverse("certificates:look_up") + "?number=9999/2026/X&full_name=Ai"
    answer = open_town.visitor().get(address)
    assert answer.status == HTTPStatus.NOT_FOUND
    assert vi("No certificate has this number together with this name.") in answer.text
    assert 'name="number"' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


# --- What evidence rests on -----------------------------------------------------------------------


@pytest.mark.parametrize("login", [TRAINER, OFFICER], ids=lambda login: login.username)
def test_a_lesson_on_which_progress_rests_is_not_deleted_and_a_way_out_is_shown(
    open_town: Town, login: Login
) -> None:
    lesson = LessonPage.objects.filter(run_lessons__progress__isnull=False).first()
    assert lesson is not None
    visitor = logged_in(open_town, login)
    deleting = reverse("wagtailadmin_pages:delete", args=[lesson.pk])
    for answer in (visitor.get(deleting), visitor.post(deleting)):
        assert answer.status == HTTPStatus.OK
        assert reverse("wagtailadmin_pages:unpublish", args=[lesson.pk]) in answer.text

    course = lesson.get_parent()
    listing = reverse("wagtailadmin_explore", args=[course.pk])
    deleting = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    answer = visitor.post(f"{deleting}?id={lesson.pk}&next={listing}")
    assert answer.address.endswith(listing)
    assert reverse("wagtail_bulk_action", args=["wagtailcore", "page", "unpublish"]) in answer.text
    visitor.post(f"{deleting}?id={course.pk}&next={listing}")
    assert LessonPage.objects.filter(pk=lesson.pk, live=True).exists()
