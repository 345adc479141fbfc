"""Putting a mistake in a key right, and voiding a question that cannot be saved.

Versions never change: the latest correction stands beside them, and what is graded from then on
is graded by it. Grades given before change only by a regrade.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quizzes import kinds, stock
from quizzes.kinds import Body
from quizzes.models import KeyCorrection, Question, QuestionVersion


class CorrectionRefused(Exception):
    """Carries the reason, in words for the person who corrects."""


def correct(*, version_id: int, body: Body, reason: str, by: Any, at: datetime) -> KeyCorrection:
    """Have ``body`` take the place of the version's: another key for the same question.

    What learners see of it must stay as it was. Raises CorrectionRefused.
    """
    with transaction.atomic():
        version, last = _locked(version_id)
        kind = kinds.get(version.kind)
        if kind.marked_by_people:
            raise CorrectionRefused(_("People mark this question: there is no key to correct."))
        problems = kind.problems(body)
        if problems:
            raise CorrectionRefused(" ".join(problems))
        if kind.present(body, []) != kind.present(version.body, []):
            raise CorrectionRefused(
                _("Only the key can be corrected; other words are a new version of the question.")
            )
        if body == (version.body if last is None else last.body):
            raise CorrectionRefused(_("This is the key that counts already."))
        return _kept(version, body, reason=reason, by=by, at=at)


def void(
    *, version_id: int, reason: str, by: Any, at: datetime, retire: bool = False
) -> KeyCorrection:
    """Give everybody the marks of this question; ``retire``: and draw it no more.

    Raises CorrectionRefused.
    """
    with transaction.atomic():
        version, last = _locked(version_id)
        if last and last.voids:
            raise CorrectionRefused(_("This question is voided already."))
        if retire:
            Question.objects.in_use().filter(pk=version.question_id).update(retired_at=at)
        return _kept(version, None, reason=reason, by=by, at=at)


def latest(version: QuestionVersion) -> KeyCorrection | None:
    """The correction that counts, where there is one."""
    return version.corrections.order_by("at", "pk").last()


def standing_body(version: QuestionVersion) -> Body | None:
    """By what answers are graded now; None where the question is voided."""
    last = latest(version)
    body: Body | None = last.body if last else version.body
    return body


def _locked(version_id: int) -> tuple[QuestionVersion, KeyCorrection | None]:
    # The question's lock has two corrections come one after the other.
    Question.objects.select_for_update(of=("self",)).get(versions=version_id)
    version = QuestionVersion.objects.select_related("question").get(pk=version_id)
    return version, latest(version)


def _kept(
    version: QuestionVersion, body: Body | None, *, reason: str, by: Any, at: datetime
) -> KeyCorrection:
    if not reason.strip():
        raise CorrectionRefused(_("Say why."))
    stock.changed(version.question.bank_id)
    return KeyCorrection.objects.create(
        version=version, body=body, reason=reason.strip(), by=by, at=at
    )
