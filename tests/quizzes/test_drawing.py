from collections import Counter
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from quizzes import drawing, kinds
from quizzes.models import Category, Paper, Question, QuestionBank, QuestionVersion, Quiz
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> QuestionBank:
    """Ten statements: four on clause 9, six on all sorts of things."""
    bank: QuestionBank = factories.BankFactory(gift=factories.statements(6))
    factories.fill(bank, factories.statements(4, category="Điều 9"))
    return bank


@pytest.fixture
def clause_9(bank: QuestionBank) -> Category:
    return bank.categories.get(path="Điều 9")


def questions(paper: Paper) -> list[int]:
    versions = QuestionVersion.objects.in_bulk([slot.version for slot in paper])
    return [versions[slot.version].question_id for slot in paper]


@pytest.mark.parametrize("seed", range(20))
def test_no_question_comes_twice_and_narrow_sections_get_their_questions(
    bank: QuestionBank, clause_9: Category, seed: int
) -> None:
    quiz = factories.QuizFactory(bank=bank, sections=[(None, 6), (clause_9, 4)])
    drawn = questions(drawing.draw(quiz=quiz, rng=Random(seed)))
    assert max(Counter(drawn).values()) == 1
    assert len(drawn) == 10
    of_clause_9 = set(clause_9.questions.values_list("pk", flat=True))
    assert set(drawn[6:]) == of_clause_9


def test_sections_keep_their_order_and_their_marks(bank: QuestionBank, clause_9: Category) -> None:
    quiz = factories.QuizFactory(bank=bank, sections=[(clause_9, 2), (None, 3)])
    quiz.sections.filter(category=clause_9).update(marks=3)
    paper = drawing.draw(quiz=quiz, rng=Random(1))
    assert [slot.marks for slot in paper] == [3, 3, 1, 1, 1]


def test_every_question_has_its_chance(bank: QuestionBank) -> None:
    quiz = factories.QuizFactory(bank=bank, sections=[(None, 3)])
    dice = Random(9001)
    seen = {one for _time in range(60) for one in questions(drawing.draw(quiz=quiz, rng=dice))}
    assert seen == set(bank.questions.values_list("pk", flat=True))


def test_a_bank_that_is_too_small_says_what_it_has_and_what_is_needed(
    bank: QuestionBank, clause_9: Category
) -> None:
    for sections, figures in (
        ([(None, 11)], ("10", "11")),
        ([(clause_9, 5)], ("4", "5")),
        ([(clause_9, 3), (None, 8)], ("7", "8")),
    ):
        quiz = factories.QuizFactory(bank=bank, sections=sections)
        with pytest.raises(drawing.BankTooSmall) as refused:
            drawing.draw(quiz=quiz, rng=Random(1))
        assert all(figure in str(refused.value) for figure in figures)


def test_neither_retired_questions_nor_those_of_other_banks_are_drawn(bank: QuestionBank) -> None:
    factories.BankFactory()
    retired = list(bank.questions.values_list("pk", flat=True)[:3])
    Question.objects.filter(pk__in=retired).update(retired_at=timezone.now())
    kept = set(Question.objects.in_use().filter(bank=bank).values_list("pk", flat=True))
    quiz = factories.QuizFactory(bank=bank, sections=[(None, 7)])
    assert set(questions(drawing.draw(quiz=quiz, rng=Random(1)))) == kept


def test_the_version_in_force_is_drawn(bank: QuestionBank) -> None:
    factories.fill(bank, factories.statements(6).replace("là đúng", "luôn luôn đúng"))
    quiz = factories.QuizFactory(bank=bank, sections=[(None, 10)])
    versions = [slot.version for slot in drawing.draw(quiz=quiz, rng=Random(1))]
    numbers = QuestionVersion.objects.filter(pk__in=versions).values_list("number", flat=True)
    assert sorted(numbers) == [1] * 4 + [2] * 6


def test_a_question_seen_before_its_wording_was_edited_counts_as_seen(bank: QuestionBank) -> None:
    quiz = factories.QuizFactory(bank=bank, sections=[(None, 6)])
    edited = bank.questions.exclude(category__path="Điều 9")
    old, seen = (set(edited.values_list(name, flat=True)) for name in ("pk", "current"))
    factories.fill(bank, factories.statements(6).replace("là đúng", "luôn luôn đúng"))
    factories.fill(bank, factories.statements(2, category="Thêm"))
    quiz = Quiz.objects.select_related("bank").get(pk=quiz.pk)
    for seed in range(10):
        drawn = questions(drawing.draw(quiz=quiz, rng=Random(seed), seen=seen))
        assert not old & set(drawn)


@pytest.fixture
def demo_quiz() -> Quiz:
    quiz: Quiz = factories.QuizFactory(bank=factories.BankFactory(demo=True), sections=[(None, 40)])
    return quiz


def test_the_order_of_choices_is_drawn_and_keeps_every_choice(demo_quiz: Quiz) -> None:
    paper = drawing.draw(quiz=demo_quiz, rng=Random(1))
    versions = QuestionVersion.objects.in_bulk([slot.version for slot in paper])
    for slot in paper:
        version = versions[slot.version]
        in_the_body = kinds.get(version.kind).draw(version.body, Random(1), shuffle=False)
        assert sorted(slot.order) == sorted(in_the_body)
    again = drawing.draw(quiz=demo_quiz, rng=Random(2))
    orders = {slot.version: slot.order for slot in again}
    assert any(orders[slot.version] != slot.order for slot in paper)


def test_without_shuffling_everything_stands_as_in_the_bank(demo_quiz: Quiz) -> None:
    Quiz.objects.filter(pk=demo_quiz.pk).update(shuffle=False)
    demo_quiz.refresh_from_db()
    first, second = (drawing.draw(quiz=demo_quiz, rng=Random(seed)) for seed in (1, 2))
    assert first == second
    assert questions(first) == sorted(questions(first))


def test_drawing_takes_four_statements_from_a_bank_of_any_size_and_one_when_it_is_known(
    django_assert_num_queries: Any, bank: QuestionBank
) -> None:
    quiz = factories.QuizFactory(bank=bank, sections=[(None, 5)])
    with django_assert_num_queries(4):
        drawing.draw(quiz=quiz, rng=Random(1))
    with django_assert_num_queries(1):
        drawing.draw(quiz=quiz, rng=Random(1))
    factories.fill(bank, factories.statements(60, category="Thêm"))
    grown = Quiz.objects.select_related("bank").get(pk=quiz.pk)
    with django_assert_num_queries(4):
        drawing.draw(quiz=grown, rng=Random(1))
