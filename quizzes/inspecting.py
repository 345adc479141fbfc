"""An attempt as the staff sees it: what was answered, what came late, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from quizzes import attempts, grading, kinds, restoring, trail
from quizzes.models import Answer, Attempt, KeyCorrection, PaperSlot, QuestionBank, QuestionVersion


@dataclass(frozen=True)
class Asked:
    """A question of the paper. Wording, answer and key are only for who may see the bank.

    ``hidden``: a person marks this answer without knowing whose it is, so it is not shown here.
    ``earned`` is None where it is not known yet.
    """

    slot: int
    marks: int
    saved_at: datetime | None
    answered: bool
    hidden: bool
    voided: bool
    earned: Decimal | None
    text: str = ""
    given: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Late:
    """An answer that was received too late, and whether it counts by now."""

    slot: int
    received_at: datetime
    counts: bool
    newer: bool
    hidden: bool
    given: tuple[str, ...] = ()


def view(attempt: Attempt, *, user: Any) -> dict[str, Any]:
    """Context of the page: ``state``, ``asked`` questions and how many are ``answered``, ``late``
    answers, the ``trail``, the ``revisions`` of the grade, ``may_read`` (whether wording, answers
    and key are in it), ``restorable``. A fixed number of statements.
    """
    may_read = QuestionBank.objects.visible_to(user).filter(pk=attempt.quiz.bank_id).exists()
    versions = attempts.versions_of(attempt.paper)
    answers = {one.slot: one for one in Answer.objects.filter(attempt=attempt)}
    late = _late(attempt, versions, answers, may_read=may_read)
    return {
        "state": state_in_words(attempt),
        "answered": sum(one.response is not None for one in answers.values()),
        "asked": _asked(attempt, versions, answers, may_read=may_read),
        "late": late,
        "trail": trail.of(attempt),
        "revisions": attempt.grade_revisions.select_related("by__person"),
        "may_read": may_read,
        "restorable": any(one.newer for one in late),
    }


def is_restorable(attempt: Attempt) -> bool:
    """Whether there are late answers that would count if time were restored."""
    return restoring.uncounted().filter(attempt=attempt).exists()


def _asked(
    attempt: Attempt,
    versions: Mapping[int, QuestionVersion],
    answers: Mapping[int, Answer],
    *,
    may_read: bool,
) -> list[Asked]:
    corrections = grading.corrections_of(versions)
    shares = attempt.marks or [None] * len(attempt.paper)
    found = []
    for slot, (entry, share) in enumerate(zip(attempt.paper, shares, strict=True), start=1):
        version, answer = versions[entry.version], answers.get(slot)
        correction = corrections.get(entry.version)
        response = answer.response if answer else None
        hidden = share is None and _is_marked_by_people(version, response)
        shown: dict[str, Any] = {}
        if may_read:
            shown = {
                "text": version.text,
                "given": () if hidden else in_words(version, entry, response),
                "key": _key(version, correction),
            }
        found.append(
            Asked(
                slot=slot,
                marks=entry.marks,
                saved_at=answer.saved_at if answer else None,
                answered=response is not None,
                hidden=hidden,
                voided=bool(correction and correction.voids),
                earned=grading.rounded(Fraction(share) * entry.marks) if share else None,
                **shown,
            )
        )
    return found


def _late(
    attempt: Attempt,
    versions: Mapping[int, QuestionVersion],
    answers: Mapping[int, Answer],
    *,
    may_read: bool,
) -> list[Late]:
    found = []
    for one in attempt.late_answers.order_by("received_at", "slot", "seq"):
        entry = attempt.paper[one.slot - 1]
        version, held = versions[entry.version], answers.get(one.slot)
        hidden = _is_marked_by_people(version, one.response)
        found.append(
            Late(
                slot=one.slot,
                received_at=one.received_at,
                counts=held is not None and held.seq == one.seq,
                newer=held is None or held.seq < one.seq,
                hidden=hidden,
                given=in_words(version, entry, one.response) if may_read and not hidden else (),
            )
        )
    return found


def _is_marked_by_people(version: QuestionVersion, response: Any) -> bool:
    return kinds.get(version.kind).score(version.body, response) is None


def in_words(version: QuestionVersion, entry: PaperSlot, response: Any) -> tuple[str, ...]:
    """A stored answer as people read it; empty where there is none."""
    lines = kinds.get(version.kind).explain(version.body, entry.order, response)
    return tuple(
        ": ".join(part for part in (line["text"], line["answer"]) if part)
        for line in lines
        if line["chosen"]
    )


def _key(version: QuestionVersion, correction: KeyCorrection | None) -> tuple[str, ...]:
    if correction and correction.voids:
        return (_("voided: everybody has the marks"),)
    body = correction.body if correction and correction.body else version.body
    return tuple(kinds.get(version.kind).key(body))


def state_in_words(attempt: Attempt) -> str:
    """Running, waiting for marking, passed or not."""
    if attempt.submitted_at is None:
        return _("Running")
    if attempt.passed is None:
        return _("Waits for marking")
    return _("Passed") if attempt.passed else _("Not passed")
