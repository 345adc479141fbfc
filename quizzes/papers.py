"""A paper as the learner sees it, while it runs and afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.safestring import mark_safe

from jobs.compiled import Compiled, Given
from quizzes import grading, kinds, marking, stock
from quizzes.models import (
    Answer,
    Attempt,
    KeyCorrection,
    Paper,
    PaperSlot,
    QuestionVersion,
)


@dataclass(frozen=True)
class Refused:
    """What was typed and cannot be an answer, and why, in words."""

    typed: str
    reason: str


class Held(NamedTuple):
    """An answer as the server holds it."""

    response: Any = None
    seq: int = 0
    saved_at: datetime | None = None


NOT_ANSWERED = Held()


@dataclass(frozen=True)
class Slot:
    """A question on the paper: nothing in here tells the key."""

    slot: int
    entry: PaperSlot
    version: QuestionVersion
    held: Held = NOT_ANSWERED
    refused: Refused | None = None

    @property
    def name(self) -> str:
        return mark_safe(f"slot-{self.slot}")  # noqa: S308 - a number, or the mark for one

    @property
    def kind(self) -> str:
        return self.version.kind

    @property
    def template(self) -> str:
        return kinds.get(self.version.kind).template

    @property
    def text(self) -> str:
        return self.version.text

    @property
    def marks(self) -> int:
        return self.entry.marks

    @property
    def presented(self) -> dict[str, Any]:
        return kinds.get(self.version.kind).present(self.version.body, self.entry.order)

    @property
    def response(self) -> Any:
        return self.held.response

    @property
    def seq(self) -> int:
        return self.held.seq

    @property
    def saved_at(self) -> datetime | None:
        return self.held.saved_at


def slots(attempt: Attempt, *, refused: Mapping[int, Refused] | None = None) -> list[Slot]:
    """The paper with the answers held so far, and those just refused. One statement."""
    return laid_out(attempt.paper, held(attempt), refused=refused)


_HELD = Compiled(
    lambda: Answer.objects.filter(attempt=Given("attempt")).values_list(
        "slot", "response", "seq", "saved_at"
    )
)


def held(attempt: Attempt) -> dict[int, Held]:
    """The answers of an attempt by slot. One statement."""
    rows = _HELD.ask(attempt=attempt.pk)
    return {slot: Held(response, seq, saved_at) for slot, response, seq, saved_at in rows}


def responses(attempt: Attempt) -> dict[int, Any]:
    """What was answered, by slot. One statement."""
    return {slot: answer.response for slot, answer in held(attempt).items()}


def laid_out(
    paper: Paper,
    answers: Mapping[int, Held],
    *,
    refused: Mapping[int, Refused] | None = None,
) -> list[Slot]:
    """A paper with these answers."""
    versions = stock.versions(entry.version for entry in paper)
    return [
        Slot(
            slot=number,
            entry=entry,
            version=versions[entry.version],
            held=answers.get(number, NOT_ANSWERED),
            refused=(refused or {}).get(number),
        )
        for number, entry in enumerate(paper, start=1)
    ]


@dataclass(frozen=True)
class Reviewed:
    """A question after grading: what was answered, what was right, and why.

    ``share`` is None while a person has to mark the answer; a voided question counts for everybody.
    """

    slot: int
    entry: PaperSlot
    version: QuestionVersion
    share: Fraction | None
    response: Any
    correction: KeyCorrection | None = None
    marked: marking.Marked | None = None

    @property
    def text(self) -> str:
        return self.version.text

    @property
    def feedback(self) -> str:
        return self.version.feedback

    @property
    def voided(self) -> bool:
        return self.correction is not None and self.correction.voids

    @cached_property
    def lines(self) -> list[kinds.Line]:
        corrected = self.correction.body if self.correction else None
        body = corrected or self.version.body
        return kinds.get(self.version.kind).explain(body, self.entry.order, self.response)

    @property
    def verdict(self) -> str:
        """``right``, ``partly``, ``wrong``, ``empty`` or ``waiting``."""
        if self.share is None:
            return "waiting"
        if self.share == 1:
            return "right"
        if self.share > 0:
            return "partly"
        return "wrong" if any(line["chosen"] for line in self.lines) else "empty"


def review(attempt: Attempt) -> list[Reviewed]:
    """The graded paper, whatever the learner may see of it. At most two statements."""
    drawn = stock.versions(entry.version for entry in attempt.paper).values()
    by_people = any(kinds.get(version.kind).marked_by_people for version in drawn)
    return reviewed(
        attempt.paper,
        attempt.marks or [None] * len(attempt.paper),
        responses(attempt),
        corrections=stock.corrections(attempt.quiz.bank, drawn=drawn),
        told=marking.told(attempt) if by_people else {},
    )


def reviewed(
    paper: Paper,
    marks: Sequence[str | None],
    responses: Mapping[int, Any],
    *,
    corrections: Mapping[int, KeyCorrection] | None = None,
    told: Mapping[int, marking.Marked] | None = None,
) -> list[Reviewed]:
    """The paper with what was answered, what it earned, and the key by which it earned it."""
    versions = stock.versions(entry.version for entry in paper)
    found = []
    for number, (entry, held) in enumerate(zip(paper, marks, strict=True), start=1):
        version, response = versions[entry.version], responses.get(number)
        share = None if held is None else Fraction(held)
        correction = (corrections or {}).get(entry.version)
        if correction and share is not None:
            correction = grading.by_which(version, correction, response=response, share=share)
        found.append(
            Reviewed(
                slot=number,
                entry=entry,
                version=version,
                share=share,
                response=response,
                correction=correction,
                marked=(told or {}).get(number),
            )
        )
    return found
