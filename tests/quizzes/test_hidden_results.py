"""A result that its test does not show yet is told on no page and in no answer of the API."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import AssessmentResult
from courses.running import close_run
from quizzes import attempts
from quizzes.models import Attempt, Quiz
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    """Submitted and passed; the result is shown when the test is over for everybody."""
    begun = factories.sitting(at=timezone.now() - timedelta(minutes=9))
    Quiz.objects.filter(pk=begun.quiz_id).update(show_result="closed", show_marks="never")
    factories.answer(begun, {1: True, 2: True, 3: True}, at=begun.started_at)
    graded = attempts.finish(attempt_id=begun.pk, at=timezone.now())
    assert graded.passed
    return graded


@pytest.fixture
def learner(client: Client, attempt: Attempt) -> Client:
    client.force_login(factories.UserFactory(person=attempt.enrolment.person))
    client.cookies["django_language"] = "en"
    return client


def test_the_page_of_the_run_has_the_result_only_when_the_test_shows_it(
    learner: Client, attempt: Attempt
) -> None:
    address = reverse("courses:enrolment", args=[attempt.enrolment_id])
    page = learner.get(address)
    assert list(page.context["results"]) == []
    assert "3/4" not in page.content.decode()
    assert ">Passed<" not in page.content.decode()
    close_run(run_id=attempt.enrolment.run_id, at=timezone.now())
    page = learner.get(address)
    assert list(page.context["results"]) == [AssessmentResult.objects.get()]
    assert "3/4" in page.content.decode()


def test_a_result_on_paper_is_shown_whatever_the_online_test_says(
    learner: Client, attempt: Attempt
) -> None:
    on_paper = factories.pass_on_paper(attempt.enrolment, assessment_id=attempt.quiz.assessment_id)
    page = learner.get(reverse("courses:enrolment", args=[attempt.enrolment_id]))
    assert list(page.context["results"]) == [on_paper]


def test_the_page_of_the_test_does_not_say_that_it_is_passed(
    learner: Client, attempt: Attempt
) -> None:
    page = learner.get(reverse("quizzes:quiz", args=[attempt.enrolment_id, attempt.quiz_id]))
    assert "You have passed" not in page.content.decode()
    assert "not shown yet" in page.content.decode()


def test_the_list_of_tests_does_not_say_that_one_is_passed(
    learner: Client, attempt: Attempt
) -> None:
    def listed() -> tuple[bool, str]:
        (one,) = learner.get(reverse("api:quizzes")).json()["quizzes"]
        return one["passed"], one["refusal"]

    with translation.override("en"):
        passed, refusal = listed()
    assert not passed
    assert refusal
    assert "passed" not in refusal
    Quiz.objects.update(show_result="submitted")
    passed, refusal = listed()
    assert passed
