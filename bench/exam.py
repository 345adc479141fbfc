"""One exam of 20 questions, in the five requests that a browser makes."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench import town
from bench.rows import Row
from courses.models import Enrolment
from demo.answering import right
from people.models import User
from quizzes import attempts
from quizzes.models import Attempt, Quiz

EXAMS = 40
TRANSACTION_WORDS = ("BEGIN", "COMMIT")


def measure() -> Iterator[Row]:
    """CPU seconds of the application and statements per exam, one after the other."""
    quiz = Quiz.objects.get(assessment__course__code="ISO9001-NT")
    people = town.learners(EXAMS + 2, quiz_course_code="ISO9001-NT")
    _sit(quiz, *people[0])  # loads templates and opens the connection
    statements = _statements(quiz, *people[1])
    spent = dict.fromkeys(("start", "page", "save", "submit", "review"), 0.0)
    for user, enrolment in people[2:]:
        for name, seconds in _sit(quiz, user, enrolment).items():
            spent[name] += seconds
    graded = Attempt.objects.filter(enrolment__run__name="Bench", submitted_at__isnull=False)
    assert [one.score for one in graded] == [20] * (EXAMS + 2)
    parts = ", ".join(f"{name} {seconds / EXAMS:.4f}" for name, seconds in spent.items())
    how = f"{EXAMS} exams of 20 questions in 5 requests, in process, all graded 20/20: {parts}"
    yield Row("exam.one", sum(spent.values()) / EXAMS, "CPU s", how)
    yield Row("exam.one_save", spent["save"] / EXAMS, "CPU s", "20 answers in one request")
    yield Row(
        "exam.one_statements", statements, "statements", "five requests, without BEGIN and COMMIT"
    )


def _statements(quiz: Quiz, user: User, enrolment: Enrolment) -> int:
    """Statements of the five requests; those of the benchmark itself fall between them."""
    counted = 0

    @contextmanager
    def count() -> Iterator[None]:
        nonlocal counted
        with CaptureQueriesContext(connection) as captured:
            yield
        counted += sum(
            not query["sql"].startswith(TRANSACTION_WORDS) for query in captured.captured_queries
        )

    _sit(quiz, user, enrolment, around=count)
    return counted


def _sit(
    quiz: Quiz,
    user: User,
    enrolment: Enrolment,
    around: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> dict[str, float]:
    """Take the exam with all answers right; CPU seconds per request."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    spent: dict[str, float] = {}

    def ask(name: str, method: str, path: str, expect: int, **kwargs: Any) -> None:
        with around():
            began = time.process_time()
            response = getattr(client, method)(path, **kwargs)
            response.getvalue()
            spent[name] = time.process_time() - began
        assert response.status_code == expect, (name, response.status_code, response.content)

    ask("start", "post", reverse("quizzes:start", args=[enrolment.pk, quiz.pk]), 302)
    attempt = Attempt.objects.get(enrolment=enrolment)
    versions = attempts.versions_of(attempt)
    answers = [
        {"slot": slot, "seq": 1, "response": right(versions[entry["version"]])}
        for slot, entry in enumerate(attempt.paper, start=1)
    ]
    ask("page", "get", reverse("quizzes:attempt", args=[attempt.pk]), 200)
    ask(
        "save",
        "put",
        reverse("api:answers", args=[attempt.pk]),
        200,
        data={"answers": answers},
        content_type="application/json",
    )
    ask("submit", "post", reverse("api:submit", args=[attempt.pk]), 200)
    ask("review", "get", reverse("quizzes:result", args=[attempt.pk]), 200)
    return spent
