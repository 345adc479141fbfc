"""What the API tells of a submitted attempt: never more than its quiz lets the learner see."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from quizzes import papers, seeing
from quizzes.models import Attempt
from quizzes.saving import Saved


def saved(saved: Saved, at: datetime) -> dict[str, Any]:
    """What ``SavedSerializer`` describes, told without it: it would take longer than the saving."""
    times = {one.saved_at: _local(one.saved_at) for one in saved.receipts}
    return {
        "server_time": _local(at),
        "deadline": saved.deadline and _local(saved.deadline),
        "saved": [
            {"slot": one.slot, "seq": one.seq, "saved_at": times[one.saved_at]}
            for one in saved.receipts
        ],
        "late": list(saved.late),
    }


def _local(at: datetime) -> str:
    """As DRF writes times."""
    return timezone.localtime(at).isoformat()


def result(attempt: Attempt, at: datetime) -> dict[str, Any]:
    """What ``ResultSerializer`` describes. ``state`` is ``graded``, ``waiting`` (for a marker) or
    ``hidden``; score and passed are None but in the first. The attempt comes with its quiz."""
    seen = seeing.of(attempt, at)
    state = "graded" if attempt.score is not None else "waiting"
    if not seen.result:
        state = "hidden"
    told = state == "graded"
    return {
        "id": attempt.pk,
        "number": attempt.number,
        "submitted_at": attempt.submitted_at and _local(attempt.submitted_at),
        "state": state,
        "score": f"{attempt.score:.2f}" if told else None,
        "max_score": f"{attempt.max_score:.2f}",
        "passed": attempt.passed if told else None,
        "url": reverse("quizzes:result", args=[attempt.pk]),
    }


def review(attempt: Attempt, at: datetime) -> dict[str, Any]:
    """The paper with what was answered; None stands for what may not be seen.

    The attempt comes with its quiz, bank, enrolment and run.
    """
    seen = seeing.of(attempt, at)
    reviewed = papers.review(attempt) if seen.anything else []
    return {
        "id": attempt.pk,
        "shown": asdict(seen),
        "slots": [_slot(one, seen) for one in reviewed],
    }


def _slot(one: papers.Reviewed, seen: seeing.Seen) -> dict[str, Any]:
    return {
        "slot": one.slot,
        "text": one.text,
        "verdict": one.verdict if seen.marks else None,
        "share": str(one.share) if seen.marks and one.share is not None else None,
        "voided": one.voided,
        "feedback": one.feedback if seen.feedback else None,
        "lines": [
            {
                "text": line["text"],
                "chosen": line["chosen"],
                "answer": line["answer"],
                "expected": line["expected"] if seen.answers else None,
                "right": line["right"] if seen.answers else None,
                "feedback": line["feedback"] if seen.feedback and line["chosen"] else None,
            }
            for line in one.lines
        ],
    }
