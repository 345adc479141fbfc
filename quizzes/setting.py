"""Setting a quiz: from which bank, how many questions of which category, for how long."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from courses.models import Assessment
from quizzes.models import BankMember, Category, QuestionBank, Quiz, QuizSection


def open_bank(*, name: str, members: Sequence[Any] = ()) -> QuestionBank:
    """An empty bank. Raises IntegrityError if the name is taken."""
    with transaction.atomic():
        bank = QuestionBank.objects.create(name=name)
        for member in members:
            BankMember.objects.create(bank=bank, user=member)
    return bank


def set_quiz(
    *,
    assessment: Assessment,
    bank: QuestionBank,
    sections: Sequence[tuple[Category | None, int]],
    minutes: int | None = 45,
    pass_percent: int = 70,
    attempts_allowed: int = 2,
) -> Quiz:
    """The online test of an assessment, not published yet.

    A section is (category or the whole bank, count).
    """
    with transaction.atomic():
        quiz: Quiz = Quiz.objects.create(
            assessment=assessment,
            bank=bank,
            minutes=minutes,
            pass_percent=pass_percent,
            attempts_allowed=attempts_allowed,
        )
        for order, (category, count) in enumerate(sections, start=1):
            QuizSection.objects.create(quiz=quiz, order=order, category=category, count=count)
    return quiz
