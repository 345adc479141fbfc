"""A paper as the learner sees it, while it runs and afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from quizzes import attempts, kinds
from quizzes.models import Answer, Attempt


@dataclass(frozen=True)
class Refused:
    """What was typed and cannot be an answer, and why, in words."""

    typed: str
    reason: str


@dataclass(frozen=True)
class Slot:
    """A question on the paper: nothing in here tells the key."""

    slot: int
    name: str
    kind: str
    template: str
    text: str
    marks: int
    presented: dict[str, Any]
    response: Any
    seq: int
    saved_at: Any
    refused: Refused | None = None


def slots(attempt: Attempt, *, refused: Mapping[int, Refused] | None = None) -> list[Slot]:
    """The paper with the answers held so far, and those just refused. Two statements."""
    versions = attempts.versions_of(attempt)
    answers = {answer.slot: answer for answer in Answer.objects.filter(attempt=attempt)}
    found = []
    for number, entry in enumerate(attempt.paper, start=1):
        version, answer = versions[entry["version"]], answers.get(number)
        kind = kinds.get(version.kind)
        found.append(
            Slot(
                slot=number,
                name=f"slot-{number}",
                kind=version.kind,
                template=kind.template,
                text=version.text,
                marks=entry["marks"],
                presented=kind.present(version.body, entry["order"]),
                response=answer.response if answer else None,
                seq=answer.seq if answer else 0,
                saved_at=answer.saved_at if answer else None,
                refused=(refused or {}).get(number),
            )
        )
    return found


@dataclass(frozen=True)
class Reviewed:
    """A question after grading: what was answered, what was right, and why."""

    slot: int
    text: str
    share: Fraction
    lines: list[kinds.Line]
    feedback: str

    @property
    def verdict(self) -> str:
        """``right``, ``partly``, ``wrong`` or ``empty``."""
        if self.share == 1:
            return "right"
        if self.share > 0:
            return "partly"
        return "wrong" if any(line["chosen"] for line in self.lines) else "empty"


def review(attempt: Attempt) -> list[Reviewed]:
    """The graded paper, or nothing where the quiz does not show its answers. Two statements."""
    if attempt.submitted_at is None or not attempt.quiz.show_answers:
        return []
    marks: list[str] = attempt.marks or []
    versions = attempts.versions_of(attempt)
    answers = dict(Answer.objects.filter(attempt=attempt).values_list("slot", "response"))
    return [
        Reviewed(
            slot=number,
            text=versions[entry["version"]].text,
            share=Fraction(marks[number - 1]),
            lines=kinds.get(versions[entry["version"]].kind).explain(
                versions[entry["version"]].body, entry["order"], answers.get(number)
            ),
            feedback=versions[entry["version"]].feedback,
        )
        for number, entry in enumerate(attempt.paper, start=1)
    ]
