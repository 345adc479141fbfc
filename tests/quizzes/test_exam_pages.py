"""The exam in the browser without JavaScript: plain forms through the same verbs."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from courses.models import Enrolment
from quizzes import attempts, publishing, sitting
from quizzes.models import Answer, Attempt, LateAnswer, Quiz
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


def test_a_test_that_the_run_does_not_offer_is_not_there(
    learner: Client, enrolment: Enrolment
) -> None:
    foreign = factories.QuizFactory()
    for name, ask in (("quiz", learner.get), ("start", learner.post)):
        address = reverse(f"quizzes:{name}", args=[enrolment.pk, foreign.pk])
        assert ask(address).status_code == 404
    assert not Attempt.objects.exists()


def test_the_paper_is_not_kept_by_any_cache(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    assert "no-store" in learner.get(page(attempt)).headers["Cache-Control"]


def test_who_sits_a_test_that_is_withdrawn_goes_on_and_finishes(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    publishing.withdraw(quiz_id=quiz.pk, at=timezone.now(), by=None)
    before = learner.get(reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk]))
    assert before.context["open"] == attempt
    assert begin(learner, enrolment, quiz) == attempt
    with translation.override("en"):
        action = sitting.action(quiz.assessment, enrolment)
    assert action
    assert action.text == "Go on with the test"
    assert learner.post(page(attempt), filled(action="submit")).url == result(attempt)
    again = learner.post(reverse("quizzes:start", args=[enrolment.pk, quiz.pk]), follow=True)
    assert again.status_code == 200
    assert Attempt.objects.count() == 1


def test_a_withdrawn_test_is_not_there_for_who_has_not_begun(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    other = factories.EnrolmentFactory(run=enrolment.run, watched=True)
    attempts.start(quiz=quiz, enrolment=other, at=timezone.now())
    publishing.withdraw(quiz_id=quiz.pk, at=timezone.now(), by=None)
    assert learner.get(reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])).status_code == 404
    assert learner.post(reverse("quizzes:start", args=[enrolment.pk, quiz.pk])).status_code == 404
    assert sitting.action(quiz.assessment, enrolment) is None
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("button", ["save", "submit"])
def test_a_form_sent_again_after_the_submission_leads_to_the_result(
    learner: Client, enrolment: Enrolment, quiz: Quiz, button: str
) -> None:
    attempt = begin(learner, enrolment, quiz)
    answers = {"slot-1": "1", "action": "submit"}
    learner.post(f"{page(attempt)}?confirmed", answers)
    again = learner.post(page(attempt), answers | {"action": button}, follow=True)
    assert again.redirect_chain == [(result(attempt), 302)]
    assert "Your answers are saved." not in again.text
    assert not LateAnswer.objects.exists()


@pytest.mark.parametrize("button", ["save", "submit"])
def test_an_unchanged_form_sent_after_the_time_leads_to_the_result(
    learner: Client, enrolment: Enrolment, quiz: Quiz, button: str
) -> None:
    attempt = begin(learner, enrolment, quiz)
    learner.post(page(attempt), {"slot-1": "1"})
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    sent = learner.post(page(attempt), {"slot-1": "1", "action": button}, follow=True)
    assert sent.redirect_chain == [(result(attempt), 302)]
    attempt.refresh_from_db()
    assert attempt.submitted_at == attempt.deadline


def test_what_a_form_brings_after_the_submission_is_kept_as_evidence(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    learner.post(page(attempt), filled(action="submit"))
    sent = learner.post(page(attempt), filled(**{"slot-2": "2"}), follow=True)
    assert sent.redirect_chain == [(result(attempt), 302)]
    assert "Received after the deadline: kept as evidence, not graded." in sent.text
    assert list(LateAnswer.objects.values_list("slot", "response")) == [(2, 2)]


def written(learner: Client, attempt: Attempt) -> dict[str, str]:
    """The hidden fields of the page as it is written now."""
    shown = learner.get(page(attempt)).text
    found = re.findall(r'<input type="hidden" name="(slot-[0-9]+-seq)" value="([0-9]+)">', shown)
    assert len(found) == len(attempt.paper)
    return dict(found)


def answer_on_a_phone(attempt: Attempt, *slots: int) -> None:
    now = timezone.now()
    attempts.save_answers(
        attempt_id=attempt.pk,
        person_id=attempt.enrolment.person_id,
        changes=[attempts.RawChange(slot, int(now.timestamp() * 1000), 1) for slot in slots],
        at=now,
    )


def held(attempt: Attempt) -> dict[int, object]:
    return dict(Answer.objects.filter(attempt=attempt).values_list("slot", "response"))


@pytest.mark.parametrize("button", ["save", "submit"])
def test_a_blank_form_does_not_empty_what_was_answered_on_a_phone_meanwhile(
    learner: Client, enrolment: Enrolment, quiz: Quiz, button: str
) -> None:
    attempt = begin(learner, enrolment, quiz)
    blank = written(learner, attempt)
    answer_on_a_phone(attempt, 1, 2)
    sent = learner.post(f"{page(attempt)}?confirmed", blank | {"slot-3": "2", "action": button})
    assert sent.status_code == 409
    assert sent.context["elsewhere"] == [1, 2]
    assert "answered elsewhere" in sent.text
    assert held(attempt) == {1: 1, 2: 1, 3: 2}
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


def test_an_answer_from_elsewhere_can_be_changed_once_the_page_shows_it(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    answer_on_a_phone(attempt, 1)
    sent = learner.post(page(attempt), written(learner, attempt) | {"slot-1": "2"})
    assert sent.status_code == 302
    assert held(attempt) == {1: 2}


def test_the_same_form_sent_twice_is_no_conflict(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    form = written(learner, attempt) | filled()
    assert learner.post(page(attempt), form).status_code == 302
    assert learner.post(page(attempt), form).status_code == 302
    assert held(attempt) == dict.fromkeys(range(1, 5), 1)


def test_a_blank_form_sent_too_late_is_no_evidence_against_what_was_answered_on_a_phone(
    learner: Client, enrolment: Enrolment, quiz: Quiz
) -> None:
    attempt = begin(learner, enrolment, quiz)
    blank = written(learner, attempt)
    answer_on_a_phone(attempt, 1, 2)
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    assert learner.post(page(attempt), blank).url == result(attempt)
    assert not LateAnswer.objects.exists()
