from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.running import close_run
from quizzes import attempts
from quizzes.models import Answer, Attempt, Quiz
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt() -> Attempt:
    return factories.sitting(at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def learner(client: Client, attempt: Attempt) -> Client:
    client.force_login(factories.UserFactory(person=attempt.enrolment.person))
    return client


@pytest.fixture
def other(client: Client) -> Client:
    client.force_login(factories.UserFactory())
    return client


def url(name: str, number: int) -> str:
    return reverse(f"api:{name}", args=[number])


def put(client: Client, attempt: Attempt, answers: Any) -> Any:
    data = answers if isinstance(answers, str) else {"answers": answers}
    return client.put(url("answers", attempt.pk), data, content_type="application/json")


def post(client: Client, address: str, data: Any = None) -> Any:
    return client.post(address, data or {}, content_type="application/json")


def is_a_problem(response: Any, status: int, code: str) -> bool:
    assert response.status_code == status, response.text
    assert set(response.json()) - {"fields"} == {"code", "detail"}
    assert response.json()["code"] == code
    assert response.json()["detail"]
    return True


def test_starting_gives_the_attempt_and_starting_again_the_same_one(
    learner: Client, attempt: Attempt
) -> None:
    data = {"enrolment": attempt.enrolment_id}
    answer = post(learner, url("start", attempt.quiz_id), data)
    assert answer.status_code == 200
    assert answer.json()["id"] == attempt.pk
    assert set(answer.json()) == {"id", "number", "started_at", "deadline"}
    assert Attempt.objects.count() == 1


def test_the_paper_tells_no_key(client: Client) -> None:
    quiz = factories.QuizFactory(bank=factories.BankFactory(demo=True), sections=[(None, 40)])
    attempt = factories.sitting(quiz=quiz)
    client.force_login(factories.UserFactory(person=attempt.enrolment.person))
    answer = client.get(url("attempt", attempt.pk))
    assert answer.status_code == 200
    paper = answer.json()
    assert [slot["slot"] for slot in paper["slots"]] == list(range(1, 41))
    assert {slot["response"] for slot in paper["slots"]} == {None}
    for word in ("weight", "feedback", 'answer"', "tolerance", "TCVN-0"):
        assert word not in answer.text


def test_saved_answers_are_acknowledged_and_come_back_with_the_paper(
    learner: Client, attempt: Attempt
) -> None:
    answer = put(learner, attempt, [{"slot": 2, "seq": 7, "response": True}])
    assert answer.status_code == 200
    assert [(one["slot"], one["seq"]) for one in answer.json()["saved"]] == [(2, 7)]
    assert {"server_time", "deadline", "saved", "late"} == set(answer.json())
    assert answer.json()["late"] == []
    slots = learner.get(url("attempt", attempt.pk)).json()["slots"]
    assert [(slot["seq"], slot["response"]) for slot in slots] == [
        (0, None),
        (7, 1),
        (0, None),
        (0, None),
    ]


def test_submitting_twice_gives_the_same_result(learner: Client, attempt: Attempt) -> None:
    factories.answer_all(attempt)
    first, second = (post(learner, url("submit", attempt.pk)) for _time in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert (first.json()["score"], first.json()["passed"]) == ("4.00", True)
    assert first.json()["url"] == reverse("quizzes:result", args=[attempt.pk])


def test_an_answer_for_a_slot_that_is_not_in_the_paper_is_a_400(
    learner: Client, attempt: Attempt
) -> None:
    answers = [{"slot": 1, "seq": 1, "response": True}, {"slot": 5, "seq": 1, "response": True}]
    answer = put(learner, attempt, answers)
    assert is_a_problem(answer, 400, "invalid")
    assert "5" in answer.json()["fields"]["answers"][0]
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        '{"answers": null}',
        '{"answers": [{"slot": 1, "seq": 1}]}',
        '{"answers": [{"slot": 0, "seq": 1, "response": true}]}',
        '{"answers": [{"slot": "one", "seq": 1, "response": true}]}',
        '{"answers": [{"slot": 1, "seq": 0, "response": true}]}',
        '{"answers": [{"slot": 1, "seq": 99999999999999999999, "response": true}]}',
        '{"answers": [{"slot": 1, "seq": 1, "response": "maybe"}]}',
        '{"answers": [{"slot": 1, "seq": 1, "response": {"deep": [[[]]]}}]}',
        '{"answers": [{"slot": 1, "seq": 1, "response": NaN}]}',
        '{"answers": [{"slot": 1, "seq": 1, "response": "\\u0000"}]}',
        '{"answers": [{"slot": 1, "seq": 1, "response": "\\ud800"}]}',
        '{"answers": [' + ",".join(['{"slot": 1, "seq": 1, "response": true}'] * 201) + "]}",
    ],
)
def test_what_is_no_batch_of_answers_is_a_400_and_changes_nothing(
    learner: Client, attempt: Attempt, data: str
) -> None:
    assert put(learner, attempt, data).status_code == 400
    assert not Answer.objects.exists()


def test_somebody_elses_attempt_is_a_404_however_it_is_touched(
    other: Client, attempt: Attempt
) -> None:
    answers = [{"slot": 1, "seq": 1, "response": True}]
    assert is_a_problem(other.get(url("attempt", attempt.pk)), 404, "not_found")
    assert is_a_problem(put(other, attempt, answers), 404, "not_found")
    assert is_a_problem(post(other, url("submit", attempt.pk)), 404, "not_found")
    data = {"enrolment": attempt.enrolment_id}
    assert is_a_problem(post(other, url("start", attempt.quiz_id), data), 404, "not_found")
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    assert not Answer.objects.exists()


def test_staff_too_touch_no_attempt_but_their_own(client: Client, attempt: Attempt) -> None:
    for user in (factories.UserFactory(officer=True), factories.superuser()):
        client.force_login(user)
        assert client.get(url("attempt", attempt.pk)).status_code == 404


def test_a_visitor_is_told_to_log_in(client: Client, attempt: Attempt) -> None:
    assert is_a_problem(client.get(url("attempt", attempt.pk)), 403, "not_authenticated")


def is_evidence_only(response: Any, attempt: Attempt, *, slot: int, seq: int) -> bool:
    """Nothing was saved: the answer came late, was named so, and is kept beside the others."""
    assert response.status_code == 200, response.text
    assert (response.json()["saved"], response.json()["late"]) == ([], [slot])
    assert attempt.late_answers.filter(slot=slot, seq=seq).count() == 1
    assert not Answer.objects.filter(attempt=attempt, slot=slot, seq=seq).exists()
    return True


def test_an_answer_after_the_submission_is_kept_as_evidence_and_changes_no_grade(
    learner: Client, attempt: Attempt
) -> None:
    submitted = post(learner, url("submit", attempt.pk)).json()
    answers = [{"slot": 1, "seq": 1, "response": True}]
    assert is_evidence_only(put(learner, attempt, answers), attempt, slot=1, seq=1)
    assert post(learner, url("submit", attempt.pk)).json() == submitted
    assert submitted["score"] == "0.00"


def test_an_answer_after_the_deadline_is_kept_as_evidence_and_what_was_saved_in_time_counts(
    learner: Client, attempt: Attempt
) -> None:
    factories.answer_all(attempt)
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    answers = [{"slot": 1, "seq": 9, "response": False}]
    assert is_evidence_only(put(learner, attempt, answers), attempt, slot=1, seq=9)
    assert post(learner, url("submit", attempt.pk)).json()["score"] == "4.00"


def test_who_may_not_start_is_told_why(learner: Client, attempt: Attempt) -> None:
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    close_run(run_id=attempt.enrolment.run_id, at=timezone.now())
    data = {"enrolment": attempt.enrolment_id}
    assert is_a_problem(post(learner, url("start", attempt.quiz_id), data), 409, "refused")


@pytest.mark.parametrize("data", [{}, {"enrolment": "x"}, {"enrolment": 0}, {"enrolment": 10**30}])
def test_a_start_without_a_usable_enrolment_is_refused(
    learner: Client, attempt: Attempt, data: Any
) -> None:
    assert post(learner, url("start", attempt.quiz_id), data).status_code in (400, 404)


def test_a_quiz_or_attempt_that_never_was_is_a_404(learner: Client, attempt: Attempt) -> None:
    data = {"enrolment": attempt.enrolment_id}
    assert is_a_problem(post(learner, url("start", 0), data), 404, "not_found")
    assert is_a_problem(learner.get(url("attempt", 10**18)), 404, "not_found")


@pytest.mark.parametrize("published", [True, False])
def test_a_quiz_that_the_run_does_not_offer_is_a_404(
    learner: Client, attempt: Attempt, published: bool
) -> None:
    foreign = factories.QuizFactory()
    if not published:
        Quiz.objects.filter(pk=foreign.pk).update(published_at=None)
    data = {"enrolment": attempt.enrolment_id}
    assert is_a_problem(post(learner, url("start", foreign.pk), data), 404, "not_found")
    close_run(run_id=attempt.enrolment.run_id, at=timezone.now())
    assert is_a_problem(post(learner, url("start", foreign.pk), data), 404, "not_found")


def test_a_quiz_of_the_run_that_was_withdrawn_is_refused_with_the_reason(
    learner: Client, attempt: Attempt
) -> None:
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    Quiz.objects.filter(pk=attempt.quiz_id).update(published_at=None)
    data = {"enrolment": attempt.enrolment_id}
    assert is_a_problem(post(learner, url("start", attempt.quiz_id), data), 409, "refused")


def test_other_methods_are_not_allowed(learner: Client, attempt: Attempt) -> None:
    assert is_a_problem(learner.delete(url("attempt", attempt.pk)), 405, "method_not_allowed")


def test_a_form_is_no_json(learner: Client, attempt: Attempt) -> None:
    form = "application/x-www-form-urlencoded"
    answer = learner.put(url("answers", attempt.pk), "answers=1", content_type=form)
    assert is_a_problem(answer, 415, "unsupported_media_type")


def test_a_foreign_site_cannot_answer_for_the_learner(attempt: Attempt) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(factories.UserFactory(person=attempt.enrolment.person))
    answers = [{"slot": 1, "seq": 1, "response": True}]
    assert is_a_problem(put(browser, attempt, answers), 403, "permission_denied")
    assert not Answer.objects.exists()
