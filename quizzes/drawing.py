"""Drawing a paper: which questions, in which order, with which order of choices."""

import random
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from quizzes import kinds
from quizzes.models import Question, QuestionVersion, Quiz

Paper = list[dict[str, Any]]


class BankTooSmall(Exception):
    """The bank cannot fill the quiz; carries the reason in words for people."""


@dataclass(frozen=True)
class _Candidate:
    version: QuestionVersion
    category_id: int


def draw(*, quiz: Quiz, rng: random.Random) -> Paper:
    """Draw the paper of one attempt, no question twice. Raises BankTooSmall.

    Two statements whatever the size of the bank. ``rng`` is a system source in service and a
    seeded one in tests.
    """
    sections = list(quiz.sections.all())
    questions = (
        Question.objects.in_use()
        .filter(bank=quiz.bank_id, current__isnull=False)
        .select_related("current")
        .order_by("pk")
    )
    pool = [_Candidate(one.current, one.category_id) for one in questions if one.current]
    # Narrow sections choose first: a section over the whole bank must not take their questions.
    chosen: dict[int, list[QuestionVersion]] = {}
    for section in sorted(sections, key=lambda one: one.category_id is None):
        fitting = [one for one in pool if section.category_id in (None, one.category_id)]
        if len(fitting) < section.count:
            raise BankTooSmall(
                _("The question bank has too few questions for this test: %(have)s of %(need)s.")
                % {"have": len(fitting), "need": section.count}
            )
        picked = rng.sample(fitting, section.count)
        pool = [one for one in pool if one not in picked]
        chosen[section.pk] = [one.version for one in picked]
    return [
        _slot(version, marks=section.marks, shuffle=quiz.shuffle, rng=rng)
        for section in sections
        for version in _ordered(chosen[section.pk], shuffle=quiz.shuffle)
    ]


def _ordered(versions: list[QuestionVersion], *, shuffle: bool) -> list[QuestionVersion]:
    return versions if shuffle else sorted(versions, key=lambda version: version.question_id)


def _slot(
    version: QuestionVersion, *, marks: int, shuffle: bool, rng: random.Random
) -> dict[str, Any]:
    order = kinds.get(version.kind).draw(version.body, rng, shuffle=shuffle)
    return {"version": version.pk, "order": order, "marks": marks}
