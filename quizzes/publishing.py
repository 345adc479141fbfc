"""Publishing a quiz, taking it back, and what can still change once it is taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from quizzes import contradictions, filling
from quizzes.models import Attempt, Quiz

# What was asked, for how long, and what it earned is the same for all who take a quiz.
HELD = (
    "bank",
    "minutes",
    "pass_percent",
    "grade_method",
    "at_closing",
    "shuffle",
    "second_marker",
)


class QuizRefused(Exception):
    """Nothing was changed; carries the reasons, in words for people."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def publish(*, quiz_id: int, at: datetime, by: Any) -> Quiz:
    """Let learners start the quiz. Publishing a published one changes nothing.

    Raises QuizRefused with every reason, and Quiz.DoesNotExist.
    """
    with transaction.atomic():
        quiz = _locked(quiz_id)
        if quiz.published_at:
            return quiz
        if reasons := reasons_against(quiz):
            raise QuizRefused(*reasons)
        quiz.published_at = at
        quiz.save(update_fields=["published_at"])
        log(instance=quiz, action="wagtail.publish", user=by)
    return quiz


def withdraw(*, quiz_id: int, at: datetime, by: Any) -> Quiz:
    """Have nobody start the quiz any more; who has begun finishes, and what was earned stays.

    Withdrawing one that is not published changes nothing. Raises Quiz.DoesNotExist.
    """
    with transaction.atomic():
        quiz = _locked(quiz_id)
        if quiz.published_at is None:
            return quiz
        quiz.published_at = None
        quiz.save(update_fields=["published_at"])
        log(instance=quiz, action="wagtail.unpublish", user=by)
    return quiz


def reasons_against(quiz: Quiz) -> list[str]:
    """Why the quiz cannot be published as it is, each in words; empty if it can."""
    return [*filling.lacks(quiz), *contradictions.contradictions(quiz)]


def is_begun(quiz: Quiz) -> bool:
    """Whether anybody has started an attempt."""
    return Attempt.objects.filter(quiz=quiz.pk).exists()


@contextmanager
def changing(quiz_id: int) -> Iterator[None]:
    """A transaction in which a quiz and its sections are changed, undone where that cannot be.

    Once somebody has begun, only what does not touch the questions, the time and the grading
    changes, and nothing to anybody's disadvantage. A published quiz stays one that can be held.
    Raises QuizRefused at the end of the block, and Quiz.DoesNotExist.
    """
    with transaction.atomic():
        # A start locks the row before it draws: one that comes in at this moment waits for this,
        # or this for it.
        before = _locked(quiz_id)
        asked = _sections(before)
        begun = is_begun(before)
        yield
        after = Quiz.objects.select_related("bank", "assessment").get(pk=quiz_id)
        reasons = _against_change(before, after, same=asked == _sections(after)) if begun else []
        if after.published_at and not reasons:
            reasons = reasons_against(after)
        if reasons:
            raise QuizRefused(*reasons)


def _locked(quiz_id: int) -> Quiz:
    return (
        Quiz.objects.select_for_update(of=("self",))
        .select_related("bank", "assessment")
        .get(pk=quiz_id)
    )


def _sections(quiz: Quiz) -> list[Any]:
    return list(
        quiz.sections.order_by("order", "pk").values_list(
            "question", "category", "difficulty", "clause", "tags", "count", "marks"
        )
    )


def _against_change(before: Quiz, after: Quiz, *, same: bool) -> list[str]:
    held = [name for name in HELD if getattr(before, name) != getattr(after, name)]
    names = [str(Quiz._meta.get_field(name).verbose_name) for name in held]
    if not same:
        names.append(_("sections"))
    reasons = []
    if names:
        reasons.append(
            _("Somebody has begun this test, so that this stays as it is: %(names)s.")
            % {"names": "; ".join(names)}
        )
    if after.attempts_allowed < before.attempts_allowed:
        reasons.append(_("Somebody has begun this test: attempts can be added, not taken away."))
    if after.cool_down_minutes > before.cool_down_minutes:
        reasons.append(_("Somebody has begun this test: the wait can become shorter, not longer."))
    return reasons
