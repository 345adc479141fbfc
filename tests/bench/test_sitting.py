"""The generator does what a browser does: it reads the page, answers everything, and submits."""

import json
from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from bench import hall, in_process, recording
from bench.limit_ids import FIRST_ID, new_ids, replaced
from bench.recording import Step
from bench.sitting import REQUESTS, NotAnExam, Sitting
from people.models import User
from quizzes.models import Attempt, AttemptEvent, Quiz
from tests import factories


@pytest.fixture(autouse=True)
def _same_connection() -> Iterator[None]:
    """A request through WSGI would give the test's connection back."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


def _sitting(quiz: Quiz) -> Sitting:
    run = factories.RunFactory(course=quiz.assessment.course)
    user: User = factories.UserFactory(person=factories.PersonFactory())
    enrolment = factories.EnrolmentFactory(person=user.person, run=run, watched=True)
    return hall.place_at(quiz=quiz, user=user, enrolment=enrolment)


@pytest.mark.django_db
def test_the_five_requests_end_in_full_marks() -> None:
    quiz = factories.QuizFactory(bank=factories.BankFactory(demo=True), sections=[(None, 40)])
    answers = in_process.sit(_sitting(quiz), hall.key())
    assert tuple(answers) == REQUESTS
    assert answers["page"].headers["content-encoding"] == "gzip"
    attempt = Attempt.objects.get()
    assert attempt.passed
    assert attempt.score == attempt.max_score == 40
    assert AttemptEvent.objects.get().attempt == attempt


@pytest.mark.django_db
def test_saving_one_by_one_numbers_every_change_anew() -> None:
    sitting = _sitting(factories.QuizFactory())
    in_process.follow(sitting, sitting.open(hall.key()))
    in_process.follow(sitting, sitting.save_one({}))
    in_process.follow(sitting, sitting.save_all({}))
    attempt = Attempt.objects.get()
    held = attempt.answers.values_list("slot", "seq")
    assert sorted(slot for slot, _seq in held) == [1, 2, 3, 4]
    assert max(seq for _slot, seq in held) == sitting.seq
    batch = json.loads(sitting.batch(3))["answers"]
    assert [one["slot"] for one in batch] == [3]
    assert batch[0]["seq"] > max(seq for _slot, seq in held)


@pytest.mark.django_db
def test_a_question_that_the_key_does_not_know_is_an_error() -> None:
    sitting = _sitting(factories.QuizFactory())
    with pytest.raises(NotAnExam, match="No answer is known"):
        in_process.follow(sitting, sitting.open({}))
    with pytest.raises(NotAnExam):
        sitting.read("<h1>Đăng nhập</h1>", {})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the limit is that of PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_what_an_exam_asks_of_the_database_is_written_down_with_its_transactions() -> None:
    sitting, asked = _sitting(factories.QuizFactory()), dict[str, list[Step]]()
    in_process.sit(
        sitting, hall.key(), lambda request: recording.into(asked.setdefault(request.name, []))
    )
    submitted = asked["submit"]
    begun = submitted.index("BEGIN")
    assert "COMMIT" in submitted[begun:]
    assert any(step[0].startswith("UPDATE") for step in submitted[begun:])


def test_ids_of_the_recorded_exam_give_way_to_those_given_now() -> None:
    recorded, now = FIRST_ID + 5, FIRST_ID + 9
    assert new_ids([(recorded, 5, "x"), (None, True)]) == [recorded]
    parameters = [recorded, (recorded, 5), {"attempt": recorded, "json": '{"a": 1}'}, True]
    assert replaced(parameters, {recorded: now}) == [
        now,
        (now, 5),
        {"attempt": now, "json": '{"a": 1}'},
        True,
    ]
