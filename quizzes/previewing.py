"""Trying a quiz out: a paper drawn, answered and graded in memory; nothing of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from quizzes import drawing, grading, kinds, papers, stock
from quizzes.kinds.contract import FormData
from quizzes.models import Paper, QuestionBank, Quiz
from quizzes.models.paper import read, written

SALT = "quizzes.preview"
LIFETIME = timedelta(hours=12)


class PreviewOver(Exception):
    """The paper that came back was not drawn here, or too long ago; the message is for people."""


@dataclass(frozen=True)
class Judged:
    """Where an answer cannot be read there is no ``grade``, and ``slots`` say why."""

    slots: list[papers.Slot]
    refused: Mapping[int, papers.Refused]
    grade: grading.Grade | None = None
    reviewed: list[papers.Reviewed] | None = None


def may_preview(quiz: Quiz, user: Any) -> bool:
    """Who may see the bank, because a preview shows its questions with the key."""
    return QuestionBank.objects.visible_to(user).filter(pk=quiz.bank_id).exists()


def draw(quiz: Quiz) -> Paper:
    """A paper as a learner would get it. Raises drawing.BankTooSmall."""
    return drawing.draw(quiz=quiz, rng=drawing.fresh_rng())


def sealed(quiz: Quiz, paper: Paper) -> str:
    """The paper as it travels in the form: readable, but not changeable."""
    return signing.dumps([quiz.pk, written(paper)], salt=SALT, compress=True)


def unsealed(quiz: Quiz, seal: str) -> Paper:
    """The paper that was sealed for this quiz. Raises PreviewOver."""
    try:
        quiz_id, text = signing.loads(seal, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature as bad:
        raise PreviewOver(_("This preview is over; a new paper was drawn.")) from bad
    if quiz_id != quiz.pk:
        raise PreviewOver(_("This preview is over; a new paper was drawn."))
    return read(text)


def judge(*, quiz: Quiz, paper: Paper, data: FormData) -> Judged:
    """Grade what was posted against the paper, as an attempt would be."""
    answers, refused = _answers(paper, data)
    slots = papers.laid_out(paper, answers, refused=refused)
    if refused:
        return Judged(slots, refused)
    responses = {slot: answer.response for slot, answer in answers.items()}
    corrections = stock.of(quiz.bank).corrections
    grade = grading.grade(
        paper=paper,
        versions=stock.versions(entry.version for entry in paper),
        corrections=corrections,
        responses=responses,
        pass_percent=quiz.pass_percent,
    )
    reviewed = papers.reviewed(paper, grade.marks, responses, corrections=corrections)
    return Judged(slots, refused, grade, reviewed)


def _answers(
    paper: Paper, data: FormData
) -> tuple[dict[int, papers.Held], dict[int, papers.Refused]]:
    versions = stock.versions(entry.version for entry in paper)
    answers, refused = {}, {}
    for slot, entry in enumerate(paper, start=1):
        version = versions[entry.version]
        kind = kinds.get(version.kind)
        raw = kind.from_form(data, f"slot-{slot}")
        try:
            answers[slot] = papers.Held(kind.clean(version.body, raw))
        except kinds.InvalidResponse as error:
            refused[slot] = papers.Refused(typed=str(raw), reason=str(error))
    return answers, refused
