from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses import learning
from courses.models import Enrolment
from courses.running import close_run
from quizzes import attempts
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment() -> Enrolment:
    quiz = factories.QuizFactory()
    enrolment: Enrolment = factories.EnrolmentFactory(
        run=factories.RunFactory(course=quiz.assessment.course)
    )
    return enrolment


def test_the_next_thing_is_a_lesson_then_the_test_then_nothing(enrolment: Enrolment) -> None:
    first, second = factories.lessons_of(enrolment.run.course)
    assert learning.next_url(enrolment=enrolment) == first.url
    factories.watch(enrolment, second)
    assert learning.next_url(enrolment=enrolment) == first.url
    factories.watch(enrolment, first)
    quiz = factories.assessment_of(enrolment.run.course).quiz
    test = reverse("quizzes:quiz", args=[enrolment.pk, quiz.pk])
    assert learning.next_url(enrolment=enrolment) == test
    attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=timezone.now())
    factories.answer_all(attempt)
    attempts.finish(attempt_id=attempt.pk, at=timezone.now())
    overview = reverse("courses:enrolment", args=[enrolment.pk])
    assert learning.next_url(enrolment=enrolment) == overview


def test_going_on_leads_there(client: Client, enrolment: Enrolment) -> None:
    client.force_login(factories.UserFactory(person=enrolment.person))
    answer = client.get(reverse("courses:next", args=[enrolment.pk]))
    assert answer.headers["Location"] == learning.next_url(enrolment=enrolment)


def test_what_is_unfinished_comes_first_in_the_list_of_ones_courses() -> None:
    person = factories.PersonFactory()
    now = timezone.now()
    done, old, young = (
        factories.EnrolmentFactory(
            person=person,
            run=factories.RunFactory(),
            at=now - timedelta(days=days),
            completed=days == 1,
        )
        for days in (1, 9, 5)
    )
    factories.EnrolmentFactory(run=old.run)
    cards = learning.cards(person_id=person.pk)
    assert [card.enrolment for card in cards] == [young, old, done]
    assert [(card.done, card.wanted, card.step) for card in cards] == [
        (0, 2, "lessons"),
        (0, 2, "lessons"),
        (2, 2, "completed"),
    ]
    assert learning.cards(person_id=None) == []


def test_a_closed_run_offers_no_next_step(enrolment: Enrolment) -> None:
    close_run(run_id=enrolment.run_id, at=timezone.now())
    (card,) = learning.cards(person_id=enrolment.person_id)
    assert (card.step, card.url) == (
        "closed",
        reverse("courses:enrolment", args=[enrolment.pk]),
    )
