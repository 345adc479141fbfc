"""The exam in the browser without JavaScript: plain forms through the same verbs."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.models import Enrolment
from quizzes import attempts
from quizzes.models import Answer, Attempt, Quiz
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz() -> Quiz:
    quiz: Quiz = factories.QuizFactory()
    return quiz


@pytest.fixture
def enrolment(quiz: Quiz) -> Enrolment:
    run = factories.RunFactory(course=quiz.assessment.course)
    enrolment: Enrolment = factories.EnrolmentFactory(run=run, watched=True)
    return enrolment


@pytest.fixture
def learner(client: Client, enrolment: Enrolment) -> Client:
    client.force_login(factories.UserFactory(person=enrolment.person))
    client.cookies["django_language"] = "en"
    return client


def begin(learner: Client, enrolment: Enrolment, quiz: Quiz) -> Attempt:
    response = learner.post(reverse("quizzes:start", args=[enrolment.pk, quiz.pk]))
    attempt = Attempt.objects.get(submitted_at=None)
    assert response.url == reverse("quizzes:attempt", args=[attempt.pk])
    return attempt


def page(attempt: Attempt) -> str:
    return reverse("quizzes:attempt", args=[attempt.pk])


def result(attempt: Attempt) -> str:
    return reverse("quizzes:result", args=[attempt.pk])


def filled(**more: str) -> dict[str, str]:
    return {f"slot-{slot}": "1" for slot in range(1, 5)} | more


def test_one_starts_answers_and_submits_with_plain_forms(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    assert learner.get(reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])).status_code == 200
    attempt = begin(learner, enrolment, quiz)
    assert learner.get(page(attempt)).status_code == 200
    saved = learner.post(page(attempt), filled())
    assert saved.url == page(attempt)
    assert Answer.objects.filter(attempt=attempt, response=1).count() == 4
    done = learner.post(page(attempt), filled(action="submit"))
    assert done.url == result(attempt)
    assert learner.get(result(attempt)).status_code == 200
    attempt.refresh_from_db()
    assert attempt.passed
    enrolment.refresh_from_db()
    assert enrolment.completed_at


def test_starting_twice_goes_on_with_the_same_paper(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    assert begin(learner, enrolment, quiz) == begin(learner, enrolment, quiz)


def test_submitting_with_empty_questions_is_asked_once_more(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    answers = {"slot-1": "1", "action": "submit"}
    assert learner.post(page(attempt), answers).status_code == 200
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    assert learner.post(f"{page(attempt)}?confirmed", answers).url == result(attempt)
    attempt.refresh_from_db()
    assert attempt.score == 1


def test_one_entry_that_cannot_be_kept_does_not_hold_back_the_others(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    answer = learner.post(page(attempt), filled(**{"slot-2": "maybe", "action": "submit"}))
    assert answer.status_code == 400
    kept = Answer.objects.filter(attempt=attempt).values_list("slot", flat=True)
    assert sorted(kept) == [1, 3, 4]
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_a_form_sent_after_the_deadline_ends_on_the_result_of_what_was_saved_in_time(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    learner.post(page(attempt), filled())
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    wrong = {f"slot-{slot}": "2" for slot in range(1, 5)}
    assert learner.post(page(attempt), wrong | {"action": "submit"}).url == result(attempt)
    attempt.refresh_from_db()
    assert (attempt.score, attempt.passed) == (4, True)


def test_coming_back_after_the_time_is_over_shows_the_result(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    assert learner.get(page(attempt)).url == result(attempt)
    attempt.refresh_from_db()
    assert attempt.submitted_at == attempt.deadline


def test_a_result_is_not_shown_before_the_submission(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    assert learner.get(result(attempt)).url == page(attempt)


def test_who_has_no_attempt_left_is_told_so(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    for _time in range(2):
        attempts.finish(attempt_id=begin(learner, enrolment, quiz).pk, at=timezone.now())
    address = reverse("quizzes:start", args=[enrolment.pk, quiz.pk])
    response = learner.post(address, follow=True)
    assert response.redirect_chain[-1][0] == reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])
    assert "You have no attempts left." in response.text
    assert Attempt.objects.count() == 2


def test_somebody_elses_exam_is_not_there(
    learner: Client, enrolment: Enrolment, quiz: Quiz, client: Client
) -> None:
    attempt = begin(learner, enrolment, quiz)
    client.force_login(factories.UserFactory())
    for address in (
        page(attempt),
        result(attempt),
        reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk]),
    ):
        assert client.get(address).status_code == 404
    assert client.post(page(attempt), filled(action="submit")).status_code == 404
    start = reverse("quizzes:start", args=[enrolment.pk, quiz.pk])
    assert client.post(start).status_code == 404


def test_the_paper_is_not_kept_by_any_cache(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    assert "no-store" in learner.get(page(attempt)).headers["Cache-Control"]
