"""A learner's way over HTTP, without a browser: enrol, watch, sit the test."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from courses.models import CourseRun, Enrolment
from demo.answering import right
from demo.playing import LOGINS, Login
from people.models import User
from people.registering import open_account, register_person
from quizzes import attempts
from quizzes.models import Attempt, Quiz
from tests.process.visitor import Answer, Visitor

LEARNER = LOGINS[0]


def open_run() -> CourseRun:
    """The demo's one run that can be joined today."""
    return CourseRun.objects.open_for_enrolment(on=timezone.localdate()).get()


def open_account_for_another() -> Login:
    """Somebody new who has completed what the open run asks for; the password is the learner's."""
    asked = open_run().course.prerequisites.all()
    known = Enrolment.objects.filter(run__course__in=asked, completed_at__isnull=False).earliest(
        "pk"
    )
    person = register_person(
        full_name="Nguyễn Thị Mới",
        agency=known.agency,
        joined_on=timezone.localdate(known.enrolled_at),
    )
    # A place in the same class, with the same evidence behind it.
    known.pk, known.person = None, person
    known.save(force_insert=True)
    user = open_account(username=f"learner-{person.pk}", person=person)
    # The tests' own hasher is a fast one that the web server does not know.
    hashed = make_password(LEARNER.password, hasher=Argon2PasswordHasher())
    User.objects.filter(pk=user.pk).update(password=hashed)
    return LEARNER._replace(username=user.username)


def enrol(visitor: Visitor, *, login: Login = LEARNER) -> Enrolment:
    """Log in and join the open run."""
    visitor.log_in(login)
    run = open_run()
    visitor.post(reverse("courses:enrol", args=[run.pk]))
    return Enrolment.objects.get(run=run, person=User.objects.get(username=login.username).person)


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
    answer = visitor.send("POST", reverse("api:start", args=[quiz.pk]), {"enrolment": enrolment.pk})
    assert answer.status == 200, answer.text
    return Attempt.objects.get(pk=answer.json["id"])


def right_answers(attempt: Attempt) -> dict[int, Any]:
    """By slot, a response that earns all marks."""
    versions = attempts.versions_of(attempt.paper)
    return {
        slot: right(versions[entry.version]) for slot, entry in enumerate(attempt.paper, start=1)
    }


def answer(
    visitor: Visitor, attempt: Attempt, responses: dict[int, Any], *, seq: int = 1
) -> Answer:
    """Save a batch of answers by the API."""
    batch = [{"slot": slot, "seq": seq, "response": value} for slot, value in responses.items()]
    return visitor.send("PUT", reverse("api:answers", args=[attempt.pk]), {"answers": batch})


def submit(visitor: Visitor, attempt: Attempt) -> Answer:
    return visitor.send("POST", reverse("api:submit", args=[attempt.pk]))


def end_time_of(attempt: Attempt) -> None:
    """Make it an attempt that began an hour earlier, and whose time is over."""
    hour = timedelta(hours=1)
    attempt.started_at -= hour
    attempt.deadline = attempt.started_at + timedelta(minutes=45)
    attempt.save(update_fields=["started_at", "deadline"])


def ready_to_submit(visitor: Visitor, *, login: Login = LEARNER) -> Attempt:
    """Everything is done and answered rightly but the last click."""
    enrolment = enrol(visitor, login=login)
    watch_all(visitor, enrolment)
    attempt = start(visitor, enrolment)
    assert answer(visitor, attempt, right_answers(attempt)).status == 200
    return attempt


def complete(visitor: Visitor, *, login: Login = LEARNER) -> Certificate:
    """Complete the course; the certificate is pending, or further if a worker runs."""
    attempt = ready_to_submit(visitor, login=login)
    result = submit(visitor, attempt)
    assert result.json["passed"], result.text
    return Certificate.objects.get(enrolment=attempt.enrolment_id)
