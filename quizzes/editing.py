"""Changing a question: a new version, where and under which name it stands, and retiring it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quizzes import kinds, stock
from quizzes.kinds import Body
from quizzes.models import Category, Question, QuestionVersion


class EditRefused(Exception):
    """Carries the reasons, in words for the author."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Wording:
    """What a version says. The kind of a question stays: another kind is another question."""

    text: str
    body: Body
    feedback: str = ""
    tags: Sequence[str] = ()


def edit_question(
    *, question_id: int, name: str, category: Category, wording: Wording, by: Any, at: datetime
) -> QuestionVersion:
    """Keep the name and category, and a new version where what it says is new.

    Attempts keep the version that they were drawn with. Raises EditRefused.
    """
    with transaction.atomic():
        question = Question.objects.select_for_update(of=("self",)).get(pk=question_id)
        assert question.current_id
        current = QuestionVersion.objects.get(pk=question.current_id)
        reasons = list(kinds.get(current.kind).problems(wording.body))
        if not wording.text.strip():
            reasons.append(_("The question has no text."))
        if category.bank_id != question.bank_id:
            reasons.append(_("This category belongs to another bank."))
        if reasons:
            raise EditRefused(reasons)
        version = current if _says(current, wording) else _add(current, wording, by=by, at=at)
        Question.objects.filter(pk=question_id).update(
            name=name, category=category, current=version
        )
        stock.changed(question.bank_id)
    return version


def retire(*, question_id: int, at: datetime) -> None:
    """Draw the question no more; papers that hold it are not touched. Twice changes nothing."""
    _move(question_id, retired_at=at)


def take_up_again(*, question_id: int) -> None:
    """Have the question drawn again."""
    _move(question_id, retired_at=None)


def _move(question_id: int, *, retired_at: datetime | None) -> None:
    with transaction.atomic():
        question = Question.objects.get(pk=question_id)
        concerned = Question.objects.filter(
            pk=question_id, retired_at__isnull=retired_at is not None
        )
        if concerned.update(retired_at=retired_at):
            stock.changed(question.bank_id)


def _says(version: QuestionVersion, wording: Wording) -> bool:
    return (version.text, version.body, version.feedback, version.tags) == (
        wording.text,
        wording.body,
        wording.feedback,
        list(wording.tags),
    )


def _add(current: QuestionVersion, wording: Wording, *, by: Any, at: datetime) -> QuestionVersion:
    return QuestionVersion.objects.create(
        question_id=current.question_id,
        number=QuestionVersion.objects.filter(question=current.question_id).count() + 1,
        kind=current.kind,
        text=wording.text,
        body=wording.body,
        feedback=wording.feedback,
        tags=list(wording.tags),
        created_at=at,
        created_by=by,
    )
