"""The API around an attempt: which tests there are, result and review."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.running import close_run
from quizzes import attempts, publishing
from quizzes.models import Accommodation, Attempt, Opening, Quiz
from tests import factories

pytestmark = pytest.mark.django_db
HIDDEN = dict.fromkeys(("show_result", "show_marks", "show_answers", "show_feedback"), "never")


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting(at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def learner(client: Client, attempt: Attempt) -> Client:
    client.force_login(factories.UserFactory(person=attempt.enrolment.person))
    return client


def finish(attempt: Attempt) -> None:
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())


def quizzes(client: Client) -> list[dict[str, Any]]:
    answer = client.get(reverse("api:quizzes"))
    assert answer.status_code == 200
    listed: list[dict[str, Any]] = answer.json()["quizzes"]
    return listed


def told(client: Client, name: str, attempt: Attempt) -> Any:
    return client.get(reverse(f"api:{name}", args=[attempt.pk]))


def test_a_test_that_runs_is_listed_with_its_attempt(learner: Client, attempt: Attempt) -> None:
    (one,) = quizzes(learner)
    assert (one["id"], one["enrolment"]) == (attempt.quiz_id, attempt.enrolment_id)
    assert (one["attempt"], one["can_start"], one["passed"]) == (attempt.pk, False, False)
    assert one["questions"] == len(attempt.paper)
    assert one["attempts_left"] == attempt.quiz.attempts_allowed - 1


def test_after_a_failed_attempt_another_can_be_started_and_after_a_passed_one_none(
    learner: Client, attempt: Attempt
) -> None:
    finish(attempt)
    (one,) = quizzes(learner)
    assert (one["can_start"], one["refusal"], one["attempt"]) == (True, "", None)
    enrolment = attempt.enrolment
    second = attempts.start(quiz=attempt.quiz, enrolment=enrolment, at=timezone.now())
    factories.answer_all(second)
    finish(second)
    (one,) = quizzes(learner)
    assert (one["can_start"], one["passed"], one["attempts_left"]) == (False, True, 0)
    assert one["refusal"]


def test_the_opening_and_what_was_given_are_told(learner: Client, attempt: Attempt) -> None:
    finish(attempt)
    closes_at = timezone.now() + timedelta(days=1)
    Opening.objects.create(
        quiz=attempt.quiz, run=attempt.enrolment.run, closes_at=closes_at, class_code="Sen"
    )
    Accommodation.objects.create(
        quiz=attempt.quiz,
        person=attempt.enrolment.person,
        extra_minutes=15,
        extra_attempts=1,
        reason="Khiếm thị",
        given_by=factories.UserFactory(officer=True),
        given_at=timezone.now(),
    )
    (one,) = quizzes(learner)
    assert one["class_code_needed"] is True
    assert "Sen" not in str(one)
    assert one["minutes"] == (attempt.quiz.minutes or 0) + 15
    assert one["attempts_left"] == attempt.quiz.attempts_allowed
    assert one["closes_at"][:10] == timezone.localtime(closes_at).isoformat()[:10]


def test_what_was_given_to_somebody_else_is_not_mine(learner: Client, attempt: Attempt) -> None:
    Accommodation.objects.create(
        quiz=attempt.quiz,
        person=factories.PersonFactory(),
        extra_minutes=15,
        reason="Khiếm thị",
        given_by=factories.UserFactory(officer=True),
        given_at=timezone.now(),
    )
    assert quizzes(learner)[0]["minutes"] == attempt.quiz.minutes


def test_neither_closed_runs_nor_others_tests_are_listed(learner: Client, attempt: Attempt) -> None:
    factories.sitting()
    assert len(quizzes(learner)) == 1
    finish(attempt)
    close_run(run_id=attempt.enrolment.run_id, at=timezone.now())
    assert quizzes(learner) == []


def test_a_withdrawn_test_is_listed_for_who_has_begun_it_and_for_nobody_else(
    learner: Client, attempt: Attempt
) -> None:
    other = factories.EnrolmentFactory(run=attempt.enrolment.run, watched=True)
    publishing.withdraw(quiz_id=attempt.quiz_id, at=timezone.now(), by=None)
    (one,) = quizzes(learner)
    assert (one["attempt"], one["can_start"]) == (attempt.pk, False)
    learner.force_login(factories.UserFactory(person=other.person))
    assert quizzes(learner) == []


def test_the_list_costs_the_same_for_one_run_and_for_ten(
    learner: Client, attempt: Attempt, django_assert_max_num_queries: Any
) -> None:
    quizzes(learner)
    for _number in range(10):
        quiz = factories.QuizFactory()
        run = factories.RunFactory(course=quiz.assessment.course)
        factories.EnrolmentFactory(person=attempt.enrolment.person, run=run)
    with django_assert_max_num_queries(7):
        assert len(quizzes(learner)) == 11


def test_a_running_attempt_has_neither_result_nor_review(learner: Client, attempt: Attempt) -> None:
    for name in ("result", "review"):
        answer = told(learner, name, attempt)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_submitted")


def test_the_result_is_what_submitting_answered(learner: Client, attempt: Attempt) -> None:
    factories.answer_all(attempt)
    submitted = learner.post(reverse("api:submit", args=[attempt.pk])).json()
    assert told(learner, "result", attempt).json() == submitted
    assert (submitted["state"], submitted["passed"]) == ("graded", True)
    assert submitted["score"] == submitted["max_score"]


def test_the_review_shows_what_was_right(learner: Client, attempt: Attempt) -> None:
    factories.answer_all(attempt)
    finish(attempt)
    review = told(learner, "review", attempt).json()
    assert review["shown"] == dict.fromkeys(("result", "marks", "answers", "feedback"), True)
    assert [one["slot"] for one in review["slots"]] == list(range(1, len(attempt.paper) + 1))
    for one in review["slots"]:
        assert (one["verdict"], one["share"], one["voided"]) == ("right", "1", False)
        assert [line["right"] for line in one["lines"] if line["chosen"]] == [True]


def test_a_result_that_is_not_shown_is_told_nowhere(learner: Client, attempt: Attempt) -> None:
    Quiz.objects.filter(pk=attempt.quiz_id).update(**HIDDEN)
    factories.answer_all(attempt)
    submitted = learner.post(reverse("api:submit", args=[attempt.pk])).json()
    assert submitted == told(learner, "result", attempt).json()
    assert (submitted["state"], submitted["score"], submitted["passed"]) == ("hidden", None, None)
    review = told(learner, "review", attempt).json()
    assert review["slots"] == []
    assert not any(review["shown"].values())


def test_each_part_of_the_review_is_shown_by_itself(learner: Client, attempt: Attempt) -> None:
    finish(attempt)
    parts = {
        "show_marks": lambda one: one["verdict"],
        "show_answers": lambda one: one["lines"][0]["right"],
        "show_feedback": lambda one: one["feedback"],
    }
    for shown in parts:
        Quiz.objects.filter(pk=attempt.quiz_id).update(**HIDDEN | {shown: "submitted"})
        one = told(learner, "review", attempt).json()["slots"][0]
        for name, part in parts.items():
            assert (part(one) is not None) == (name == shown)


def test_what_waits_for_the_closing_shows_when_the_run_is_closed(
    learner: Client, attempt: Attempt
) -> None:
    Quiz.objects.filter(pk=attempt.quiz_id).update(show_result="closed")
    finish(attempt)
    assert told(learner, "result", attempt).json()["state"] == "hidden"
    close_run(run_id=attempt.enrolment.run_id, at=timezone.now())
    assert told(learner, "result", attempt).json()["state"] == "graded"


def test_nobody_reads_the_result_of_another(client: Client, attempt: Attempt) -> None:
    finish(attempt)
    for user in (factories.UserFactory(), factories.UserFactory(officer=True)):
        client.force_login(user)
        for name in ("result", "review"):
            assert told(client, name, attempt).status_code == 404
        assert quizzes(client) == []
