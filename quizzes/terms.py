"""Under which terms a learner takes a quiz: the quiz itself, the run's opening, what was given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from courses.models import Enrolment
from jobs.compiled import Compiled, Given
from quizzes.models import Accommodation, Opening, Quiz


@dataclass(frozen=True)
class Terms:
    """``minutes`` None: no limit. Without ``closes_at`` the run's end closes it."""

    minutes: int | None
    attempts: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    cut_short: bool = True
    class_code: str = ""

    def deadline(self, started_at: datetime) -> datetime | None:
        """Until when an attempt started then runs. Without a time limit the closing ends it."""
        if self.minutes is None:
            return self.closes_at
        full = started_at + timedelta(minutes=self.minutes)
        return min(full, self.closes_at) if self.cut_short and self.closes_at else full

    def is_cut_short(self, started_at: datetime) -> bool:
        """Whether the closing takes minutes away from an attempt started then."""
        full = self.minutes is not None and started_at + timedelta(minutes=self.minutes)
        return bool(full and self.cut_short and self.closes_at and self.closes_at < full)

    def is_over(self, at: datetime) -> bool:
        return self.closes_at is not None and at >= self.closes_at


def fits(enrolment: Enrolment) -> Q:
    """Which accommodations are given to this learner."""
    return _fits(enrolment.person_id, enrolment.run_id, enrolment.agency_id)


def _fits(person: Any, run: Any, agency: Any) -> Q:
    # Who is in no agency is not in the none of the others.
    return Q(person=person) | Q(run=run) | Q(agency=agency, agency__isnull=False)


_OPENING = Compiled(lambda: Opening.objects.filter(quiz=Given("quiz"), run=Given("run")))
_GIVEN = Compiled(
    lambda: Accommodation.objects.standing().filter(
        _fits(Given("person"), Given("run"), Given("agency")), quiz=Given("quiz")
    )
)


def of(quiz: Quiz, enrolment: Enrolment) -> Terms:
    """The terms of one learner. Two statements."""
    run = enrolment.run_id
    given = _GIVEN.ask(
        quiz=quiz.pk, run=run, person=enrolment.person_id, agency=enrolment.agency_id
    )
    return combine(quiz, opening=_OPENING.first(quiz=quiz.pk, run=run), given=given)


def combine(quiz: Quiz, *, opening: Opening | None, given: Iterable[Accommodation]) -> Terms:
    """Of several accommodations the most favourable wins, each field by itself."""
    several = list(given)
    more = max((one.extra_minutes for one in several), default=0)
    closes_at = opening.closes_at if opening else None
    later = [one.closes_at for one in several if one.closes_at]
    return Terms(
        minutes=None if quiz.minutes is None else quiz.minutes + more,
        attempts=quiz.attempts_allowed + max((one.extra_attempts for one in several), default=0),
        opens_at=opening.opens_at if opening else None,
        closes_at=max([closes_at, *later]) if closes_at else None,
        cut_short=quiz.at_closing == Quiz.AtClosing.CUT_SHORT,
        class_code=opening.class_code if opening else "",
    )
