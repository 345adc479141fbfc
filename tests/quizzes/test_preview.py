"""A preview draws, grades and reviews like a sitting, and leaves no trace."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from courses.models import Course
from people.models import User
from quizzes import previewing
from quizzes.models import KeyCorrection, QuestionBank, Quiz
from quizzes.models.paper import written
from tests.factories import BankFactory, CourseFactory, QuizFactory, UserFactory
from tests.staff import at_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def bank(trainer: User) -> QuestionBank:
    found: QuestionBank = BankFactory(members=[trainer])
    return found


@pytest.fixture
def quiz(trainer: User, bank: QuestionBank) -> Quiz:
    course: Course = CourseFactory(trainers=[trainer])
    found: Quiz = QuizFactory(course=course, bank=bank, published=False)
    return found


def rows() -> dict[str, int]:
    """How many rows every table has; sessions are not the quiz's."""
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.managed and "ession" not in model.__name__
    }


def sealed(page: Any) -> str:
    (found,) = re.findall(r'name="paper" value="([^"]+)"', page.content.decode())
    return str(found)


def address(quiz: Quiz) -> str:
    return reverse("tests:preview", args=[quiz.pk])


def test_a_preview_is_graded_like_a_sitting_and_stores_nothing(trainer: User, quiz: Quiz) -> None:
    client = at_work(trainer)
    before = rows()
    page = client.get(address(quiz))
    assert len(page.context["questions"]) == 4
    answers = {f"slot-{slot}": "true" for slot in (1, 2, 3)} | {"slot-4": "false"}
    page = client.post(address(quiz), {"paper": sealed(page)} | answers)
    grade = page.context["grade"]
    assert (grade.score, grade.max_score, grade.passed) == (3, 4, True)
    assert [one.verdict for one in page.context["reviewed"]] == ["right"] * 3 + ["wrong"]
    empty = client.post(address(quiz), {"paper": sealed(client.get(address(quiz)))})
    assert (empty.context["grade"].score, empty.context["grade"].passed) == (0, False)
    assert rows() == before


def test_a_preview_follows_corrected_keys(trainer: User, quiz: Quiz, bank: QuestionBank) -> None:
    for question in bank.questions.filter(current__isnull=False):
        assert question.current
        KeyCorrection.objects.create(
            version=question.current, body=None, reason="Sai đề", by=trainer, at=timezone.now()
        )
    QuestionBank.objects.filter(pk=bank.pk).update(revision=1000)
    client = at_work(trainer)
    page = client.post(address(quiz), {"paper": sealed(client.get(address(quiz)))})
    assert page.context["grade"].score == 4


@pytest.fixture
def seals(quiz: Quiz, bank: QuestionBank) -> Iterator[str]:
    """What nobody has drawn for this quiz."""
    other = QuizFactory(bank=bank, published=False)
    paper = previewing.draw(quiz)
    good = previewing.sealed(quiz, paper)
    return iter(
        [
            "",
            "x",
            good[:-2],
            good.replace(good[0], "A", 1),
            previewing.sealed(other, previewing.draw(other)),
            signing.dumps([quiz.pk, written(paper)], salt="another"),
        ]
    )


def test_a_paper_that_was_not_drawn_here_is_drawn_anew(
    trainer: User, quiz: Quiz, seals: Iterator[str]
) -> None:
    client = at_work(trainer)
    for seal in seals:
        response = client.post(address(quiz), {"paper": seal, "slot-1": "true"})
        assert (response.status_code, response.headers["Location"]) == (302, address(quiz))


def test_an_answer_that_cannot_be_read_is_named(trainer: User, quiz: Quiz) -> None:
    client = at_work(trainer)
    page = client.get(address(quiz))
    page = client.post(address(quiz), {"paper": sealed(page), "slot-1": "vielleicht"})
    assert page.status_code == 400
    assert list(page.context["refused"]) == [1]
    assert sealed(page)


def test_a_quiz_that_cannot_be_drawn_says_why(trainer: User, quiz: Quiz) -> None:
    quiz.sections.update(count=7)
    page = at_work(trainer).get(address(quiz))
    assert page.status_code == 200
    assert "has 6 of the 7 questions" in page.content.decode()


def test_every_kind_of_question_can_be_tried_out(trainer: User) -> None:
    bank = BankFactory(members=[trainer], demo=True)
    quiz = QuizFactory(
        course=CourseFactory(trainers=[trainer]), bank=bank, sections=[(None, 40)], published=False
    )
    client = at_work(trainer)
    page = client.get(address(quiz))
    assert "data-seq" in page.content.decode()
    page = client.post(address(quiz), {"paper": sealed(page)})
    assert (page.status_code, len(page.context["reviewed"])) == (200, 40)


def test_the_paper_in_the_form_does_not_tell_the_key(quiz: Quiz) -> None:
    paper = previewing.draw(quiz)
    kept = signing.loads(previewing.sealed(quiz, paper), salt=previewing.SALT)
    assert kept == [quiz.pk, written(paper)]


def test_a_trainer_of_the_course_who_may_not_see_the_bank_gets_no_preview(quiz: Quiz) -> None:
    colleague = UserFactory(trainer=True)
    quiz.assessment.course.trainers.create(user=colleague)
    client = at_work(colleague)
    assert client.get(reverse("tests:inspect", args=[quiz.pk])).status_code == 200
    assert client.get(address(quiz)).status_code == 404
    assert client.post(address(quiz), {"paper": "x"}).status_code == 404
