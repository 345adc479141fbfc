"""A learner's way over HTTP, without a browser: enrol, watch, sit the test."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from courses.models import CourseRun, Enrolment
from demo.answering import right
from demo.playing import LOGINS
from people.models import User
from quizzes import attempts
from quizzes.models import Attempt, Quiz
from tests.process.visitor import Answer, Visitor

LEARNER = LOGINS[0]


def open_run() -> CourseRun:
    """The demo's one run that can be joined today."""
    return CourseRun.objects.open_for_enrolment(on=timezone.localdate()).get()


def enrol(visitor: Visitor, *, username: str = LEARNER.username) -> Enrolment:
    """Log in and join the open run."""
    visitor.log_in(username, LEARNER.password)
    run = open_run()
    visitor.post(reverse("courses:enrol", args=[run.pk]))
    return Enrolment.objects.get(run=run, person=User.objects.get(username=username).person)


def watch_all(visitor: Visitor, enrolment: Enrolment) -> None:
    """Report every lesson as watched, as its player does."""
    for lesson in enrolment.run.lessons.all():
        address = reverse("api:watching", args=[enrolment.pk, lesson.page_id])
        report = {"spans": [[0, lesson.seconds]], "position": lesson.seconds}
        answer = visitor.send("POST", address, report)
        assert answer.json["complete"], answer.text


def start(visitor: Visitor, enrolment: Enrolment) -> Attempt:
    """Start the run's only test."""
    quiz = Quiz.objects.get(assessment__in=enrolment.run.rules["assessments"])
    answer = visitor.send(
        "POST", reverse("api:start", args=[quiz.pk]), {"enrolment": enrolment.pk}
    )
    assert answer.status == 200, answer.text
    return Attempt.objects.get(pk=answer.json["id"])


def right_answers(attempt: Attempt) -> dict[int, Any]:
    """By slot, a response that earns all marks."""
    versions = attempts.versions_of(attempt)
    return {
        slot: right(versions[entry["version"]]) for slot, entry in enumerate(attempt.paper, start=1)
    }


def answer(visitor: Visitor, attempt: Attempt, responses: dict[int, Any], *, seq: int = 1) -> Answer:
    """Save a batch of answers by the API."""
    batch = [{"slot": slot, "seq": seq, "response": value} for slot, value in responses.items()]
    return visitor.send("PUT", reverse("api:answers", args=[attempt.pk]), {"answers": batch})


def submit(visitor: Visitor, attempt: Attempt) -> Answer:
    return visitor.send("POST", reverse("api:submit", args=[attempt.pk]))


def ready_to_submit(visitor: Visitor, *, username: str = LEARNER.username) -> Attempt:
    """Everything is done and answered rightly but the last click."""
    enrolment = enrol(visitor, username=username)
    watch_all(visitor, enrolment)
    attempt = start(visitor, enrolment)
    assert answer(visitor, attempt, right_answers(attempt)).status == 200
    return attempt


def complete(visitor: Visitor, *, username: str = LEARNER.username) -> Certificate:
    """Complete the course; the certificate is pending, or further if a worker runs."""
    attempt = ready_to_submit(visitor, username=username)
    result = submit(visitor, attempt)
    assert result.json["passed"], result.text
    return Certificate.objects.get(enrolment=attempt.enrolment_id)
