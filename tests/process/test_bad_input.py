"""What people and programmes send that they should not: a clear answer, and nothing is changed."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from courses.models import AssessmentResult, Enrolment, LessonPage
from demo.playing import LOGINS, Login
from quizzes.models import Answer, Attempt, QuestionBank, QuestionImport
from tests.process import studying
from tests.process.town import Town, wait_for
from tests.process.visitor import Upload, Visitor
from tests.process.walking import vi
from tests.together import together

_LEARNER, TRAINER, _FOCAL_POINT, OFFICER = LOGINS
MEGABYTE = 1024 * 1024


def logged_in(town: Town, login: Login) -> Visitor:
    visitor = town.visitor()
    visitor.log_in(login)
    return visitor


@pytest.fixture
def attempt(open_town: Town, learner: Visitor) -> Attempt:
    """Begun by the learner, nothing answered yet."""


# --- Files and sizes ------------------------------------------------------------------------------


def test_a_file_of_30_mb_is_refused_in_words(town: Town) -> None:
    address = reverse("banks:import", args=[QuestionBank.objects.get().pk])
    file = Upload("questions.gift", b"// x\n" * (30 * MEGABYTE // 5))
    answer = staff(town, TRAINER).upload(address, {}, {"file": file})
    assert answer.status == HTTPStatus.OK
    assert vi("The file is larger than %(limit)s MB.") % {"limit": 2} in answer.text
    assert QuestionImport.objects.filter(applied_at=None).count() == 0


def test_a_broken_question_is_named_by_its_line_and_the_others_are_offered(town: Town) -> None:
    bank = QuestionBank.objects.get()
    before = bank.questions.count()
    gift = "::Good::Right? {TRUE}\n\n::Broken::What is {=a ~b\n\n::Fine::Wrong? {FALSE}\n"
    visitor = staff(town, TRAINER)
    answer = visitor.upload(
        reverse("banks:import", args=[bank.pk]),
        {},
        {"file": Upload("broken.gift", gift.encode())},
    )
    upload = QuestionImport.objects.get(file_name="broken.gift")
    assert answer.address.endswith(reverse("banks:import_preview", args=[upload.pk]))
    assert "<td>3</td>" in answer.text
    assert bank.questions.count() == before
    visitor.post(reverse("banks:import_preview", args=[upload.pk]))
    assert bank.questions.count() == before + 2


def test_a_body_of_30_mb_is_refused_by_the_api(town: Town) -> None:
    visitor = town.visitor()
    attempt = studying.ready_to_submit(visitor)
    held = dict(Answer.objects.filter(attempt=attempt).values_list("slot", "response"))
    answer = studying.answer(visitor, attempt, {1: "x" * 30 * MEGABYTE}, seq=9)
    assert answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    assert dict(Answer.objects.filter(attempt=attempt).values_list("slot", "response")) == held


# --- At the same moment ---------------------------------------------------------------------------


def test_a_double_click_on_enrol_enrols_once_and_shows_the_same_page(town: Town) -> None:
    visitor = staff(town, studying.LEARNER)
    run = studying.open_run()
    address = reverse("courses:enrol", args=[run.pk])
    answers = together([lambda: visitor.post(address)] * 2)
    enrolment = Enrolment.objects.get(run=run)
    expected = town.address + reverse("courses:enrolment", args=[enrolment.pk])
    assert [(one.status, one.address) for one in answers] == [(200, expected)] * 2  # type: ignore[union-attr]


def test_two_submissions_at_once_are_graded_once_and_get_the_same_answer(town: Town) -> None:
    visitor = town.visitor()
    attempt = studying.ready_to_submit(visitor)
    answers = together([lambda: studying.submit(visitor, attempt)] * 2)
    first, second = [one.json for one in answers]  # type: ignore[union-attr]
    assert first == second
    assert first["passed"] is True
    assert AssessmentResult.objects.filter(enrolment=attempt.enrolment_id).count() == 1
    assert Certificate.objects.filter(enrolment=attempt.enrolment_id).count() == 1


def test_people_who_save_at_once_are_all_acknowledged(town: Town) -> None:
    """As on an exam day: no line of the database is lost, and nobody sees an error."""
    names = studying.open_accounts(6)
    visitors = [town.visitor() for _name in names]
    sittings = [
        (visitor, studying.start(visitor, studying.enrol(visitor, username=name)))
        for visitor, name in zip(visitors, names, strict=True)
    ]
    responses = {attempt.pk: studying.right_answers(attempt) for _visitor, attempt in sittings}

    def save_one_by_one(visitor: Visitor, attempt: Attempt) -> set[int]:
        return {
            studying.answer(visitor, attempt, {slot: response}).status
            for slot, response in responses[attempt.pk].items()
        }

    seen = together([lambda one=one: save_one_by_one(*one) for one in sittings])  # type: ignore[misc]
    assert seen == [{HTTPStatus.OK}] * 6
    assert Answer.objects.filter(attempt__in=responses).count() == 6 * 30


# --- Too late, not there, not yours ---------------------------------------------------------------


def test_after_the_deadline_what_was_saved_in_time_counts(town: Town) -> None:
    visitor = town.visitor()
    attempt = studying.start(visitor, studying.enrol(visitor))
    right = studying.right_answers(attempt)
    studying.answer(visitor, attempt, {slot: right[slot] for slot in range(1, 25)})
    end_time_of(attempt)

    late = studying.answer(visitor, attempt, {slot: right[slot] for slot in range(25, 31)})
    assert (late.status, late.json["code"]) == (HTTPStatus.CONFLICT, "closed")
    answer = visitor.post(reverse("quizzes:attempt", args=[attempt.pk]), {"action": "submit"})
    assert answer.address.endswith(reverse("quizzes:result", args=[attempt.pk]))
    attempt.refresh_from_db()
    assert (attempt.score, attempt.submitted_at) == (24, attempt.deadline)


def test_an_answer_for_a_slot_that_is_not_in_the_paper_is_refused(town: Town) -> None:
    visitor = town.visitor()
    attempt = studying.start(visitor, studying.enrol(visitor))
    for slot in (0, 31, -1):
        assert studying.answer(visitor, attempt, {slot: 1}).status == HTTPStatus.BAD_REQUEST
    assert not Answer.objects.filter(attempt=attempt).exists()


def test_an_attempt_of_somebody_else_is_not_there(town: Town) -> None:
    attempt = studying.start(visitor := town.visitor(), studying.enrol(visitor))
    (other,) = studying.open_accounts(1)
    stranger = town.visitor()
    stranger.log_in(other, studying.LEARNER.password)
    for name in ("quizzes:attempt", "quizzes:result", "api:attempt"):
        assert stranger.get(reverse(name, args=[attempt.pk])).status == HTTPStatus.NOT_FOUND
    assert studying.submit(stranger, attempt).status == HTTPStatus.NOT_FOUND
    assert studying.answer(stranger, attempt, {1: 1}).status == HTTPStatus.NOT_FOUND


def test_an_unknown_certificate_number_is_answered_by_a_page_that_helps(town: Town) -> None:
    address = reverse("certificates:look_up") + "?number=9999/2026/X&full_name=Ai"
    answer = town.visitor().get(address)
    assert answer.status == HTTPStatus.NOT_FOUND
    assert vi("No certificate has this number together with this name.") in answer.text
    assert 'name="number"' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


# --- What evidence rests on -----------------------------------------------------------------------


@pytest.mark.parametrize("login", [TRAINER, OFFICER], ids=lambda login: login.role)
def test_a_lesson_on_which_progress_rests_is_not_deleted_and_a_way_out_is_shown(
    town: Town, login: Login
) -> None:
    lesson = LessonPage.objects.filter(run_lessons__progress__isnull=False).first()
    assert lesson is not None
    visitor = staff(town, login)
    deleting = reverse("wagtailadmin_pages:delete", args=[lesson.pk])
    for answer in (visitor.get(deleting), visitor.post(deleting)):
        assert answer.status == HTTPStatus.OK
        assert reverse("wagtailadmin_pages:unpublish", args=[lesson.pk]) in answer.text
    course = lesson.get_parent()
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    for page in (lesson, course):
        assert visitor.post(f"{bulk}?id={page.pk}").status == HTTPStatus.OK
    assert LessonPage.objects.filter(pk=lesson.pk, live=True).exists()
