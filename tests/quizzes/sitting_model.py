"""What a test should come to, in plain Python: no database, and nothing of the product but GRACE.

Every question is a statement that is true or false and worth one mark. Slots count from 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from quizzes.saving import GRACE

Response = bool | None


@dataclass(frozen=True)
class Change:
    slot: int
    seq: int
    response: Response


@dataclass(frozen=True)
class Given:
    """An accommodation that fits the learner."""

    minutes: int = 0
    attempts: int = 0
    closes_at: datetime | None = None


@dataclass(frozen=True)
class Result:
    score: Decimal
    passed: bool
    decided_at: datetime


@dataclass
class Sat:
    """An attempt; ``late`` by slot and number is evidence, ``revisions`` counts grades replaced."""

    started_at: datetime
    deadline: datetime | None
    paper: tuple[int, ...]
    answers: dict[int, Change] = field(default_factory=dict)
    late: dict[tuple[int, int], tuple[Change, datetime]] = field(default_factory=dict)
    submitted_at: datetime | None = None
    rights: tuple[bool, ...] = ()
    revisions: int = 0
    moves: int = 0
    restorings: int = 0

    @property
    def score(self) -> int:
        return sum(self.rights)

    def is_over(self, at: datetime) -> bool:
        return self.deadline is not None and at > self.deadline + GRACE

    def save(self, batch: Iterable[Change], at: datetime) -> bool:
        """Whether it is acknowledged; else it is kept as evidence."""
        in_time = self.submitted_at is None and not self.is_over(at)
        for change in newest(batch):
            if in_time:
                self._hold(change)
            else:
                self.late.setdefault((change.slot, change.seq), (change, at))
        return in_time

    def count_late(self, until: datetime | None = None) -> list[int]:
        """Have late answers count that are newer than what is held; the slots."""
        received = [change for change, at in self.late.values() if until is None or at <= until]
        return sorted(change.slot for change in newest(received) if self._hold(change))

    def _hold(self, change: Change) -> bool:
        held = self.answers.get(change.slot)
        if held and held.seq >= change.seq:
            return False
        self.answers[change.slot] = change
        return True


def newest(batch: Iterable[Change]) -> list[Change]:
    """Of each slot the change with the highest number, of equals the first."""
    found: dict[int, Change] = {}
    for change in batch:
        if change.slot not in found or change.seq > found[change.slot].seq:
            found[change.slot] = change
    return list(found.values())


@dataclass
class Exam:
    """A test as one learner meets it. ``keys`` by version: the right response, None if voided."""

    keys: dict[int, Response]
    minutes: int | None
    attempts: int
    pass_percent: int
    grade_method: str
    cut_short: bool
    cool_down: int
    closes_at: datetime | None = None
    given: list[Given] = field(default_factory=list)
    sat: list[Sat] = field(default_factory=list)

    @property
    def running(self) -> Sat | None:
        return next((one for one in self.sat if one.submitted_at is None), None)

    @property
    def closing(self) -> datetime | None:
        if self.closes_at is None:
            return None
        return max([self.closes_at, *(one.closes_at for one in self.given if one.closes_at)])

    def deadline(self, started_at: datetime) -> datetime | None:
        if self.minutes is None:
            return self.closing
        minutes = self.minutes + max((one.minutes for one in self.given), default=0)
        full = started_at + timedelta(minutes=minutes)
        return min(full, self.closing) if self.cut_short and self.closing else full

    def may_start(self, at: datetime) -> bool:
        """Whether a new attempt may; no attempt runs."""
        result = self.result()
        submitted = [one.submitted_at for one in self.sat if one.submitted_at]
        allowed = self.attempts + max((one.attempts for one in self.given), default=0)
        rested = not submitted or at >= max(submitted) + timedelta(minutes=self.cool_down)
        is_open = self.closing is None or at < self.closing
        return not (result and result.passed) and len(self.sat) < allowed and rested and is_open

    def finish(self, sat: Sat, at: datetime) -> None:
        if sat.submitted_at is None:
            sat.submitted_at = min(at, sat.deadline) if sat.deadline else at
            sat.rights = self._rights(sat)

    def regrade(self, sat: Sat) -> None:
        rights = self._rights(sat)
        sat.revisions += rights != sat.rights
        sat.rights = rights

    def restore(self, sat: Sat) -> list[int]:
        slots = sat.count_late()
        if slots:
            sat.restorings += 1
            self.regrade(sat)
        return slots

    def follow_terms(self) -> None:
        """The running attempt gets the time that its terms give, never less than it has."""
        sat = self.running
        if sat is None or sat.deadline is None:
            return
        deadline = self.deadline(sat.started_at)
        if deadline is None or deadline > sat.deadline:
            sat.deadline = deadline
            sat.moves += 1
            sat.count_late(until=deadline and deadline + GRACE)

    def _rights(self, sat: Sat) -> tuple[bool, ...]:
        return tuple(
            self.keys[version] is None
            or (slot in sat.answers and sat.answers[slot].response is self.keys[version])
            for slot, version in enumerate(sat.paper, start=1)
        )

    def passes(self, share: Fraction) -> bool:
        return share * 100 >= self.pass_percent

    def result(self) -> Result | None:
        """What stands after the attempts submitted."""
        done = [(one, one.submitted_at) for one in self.sat if one.submitted_at]
        if not done:
            return None
        shares = [Fraction(one.score, len(one.paper)) for one, _time in done]
        if self.grade_method == "average":
            share, decided_at = sum(shares) / len(shares), max(time for _one, time in done)
        else:
            # The best one is the first of several that are as good.
            place = {
                "first": 0,
                "last": len(done) - 1,
                "highest": shares.index(max(shares)),
            }[self.grade_method]
            share, decided_at = shares[place], done[place][1]
        exact = share * len(done[-1][0].paper)
        score = Decimal(exact.numerator) / Decimal(exact.denominator)
        cents = score.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        return Result(cents, self.passes(Fraction(share)), decided_at)
