"""What a regrade would do, said before anybody does it. Nothing is written here."""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from courses import asking
from courses.models import Enrolment
from quizzes import drawn, grading, regrading, standing
from quizzes.models import Attempt

# So many attempts are held in memory at once, with their papers and answers.
CHUNK = 500
MOST_SHOWN = 100


@dataclass(frozen=True)
class Change:
    """An attempt that would be graded otherwise.

    ``resting`` is what rests on a pass that the learner's result would lose by it.
    """

    attempt: Attempt
    grade: grading.Grade
    resting: Sequence[str] = ()

    @property
    def passes(self) -> bool:
        return bool(self.grade.passed) and not self.attempt.passed

    @property
    def fails(self) -> bool:
        return bool(self.attempt.passed) and not self.grade.passed


@dataclass
class Sort:
    """So many changes of one sort; at most a hundred are ``shown``."""

    number: int = 0
    shown: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.number += 1
        if self.number <= MOST_SHOWN:
            self.shown.append(change)


@dataclass
class Preview:
    """``looked_at`` attempts: who would fail, who would pass, whose mark alone would change.

    ``touched`` counts what rests on the results that would be lost.
    """

    looked_at: int = 0
    failing: Sort = field(default_factory=Sort)
    passing: Sort = field(default_factory=Sort)
    others: Sort = field(default_factory=Sort)
    touched: int = 0

    @property
    def changed(self) -> int:
        return self.failing.number + self.passing.number + self.others.number

    @property
    def shown(self) -> list[Change]:
        return [*self.failing.shown, *self.passing.shown, *self.others.shown]

    @property
    def hidden(self) -> int:
        return self.changed - len(self.shown)


def preview(*, version_id: int, user: Any) -> Preview:
    """What a regrade by this user would do; it reaches the courses that the user manages.

    At most eight statements for each 500 attempts, besides what rests on the passes lost.
    """
    found = Preview()
    for attempts in _chunks(version_id, user):
        found.looked_at += len(attempts)
        for change in _changes(attempts):
            sort = found.others
            if change.fails:
                sort = found.failing
            elif change.passes:
                sort = found.passing
            sort.add(change)
            found.touched += len(change.resting)
    return found


def changes(*, version_id: int, user: Any) -> Iterator[Change]:
    """Each attempt that would be graded otherwise, by learner."""
    for attempts in _chunks(version_id, user):
        yield from _changes(attempts)


def _chunks(version_id: int, user: Any) -> Iterator[list[Attempt]]:
    """The submitted attempts, some hundreds at a time; all of an enrolment together."""
    attempts = (
        drawn.attempts_with(version_id)
        .visible_to(user)
        .filter(submitted_at__isnull=False)
        .select_related("quiz__assessment", "enrolment__person", "enrolment__agency")
        .select_related("enrolment__run")
        .order_by("enrolment_id", "quiz_id", "number")
    )
    chunk: list[Attempt] = []
    together = groupby(attempts.iterator(chunk_size=CHUNK), key=lambda one: one.enrolment_id)
    for _enrolment, several in together:
        chunk += several
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _changes(attempts: Sequence[Attempt]) -> Iterator[Change]:
    grades = regrading.grades_now(attempts)
    changed = [one for one in attempts if regrading.differs(one, grades[one.pk])]
    if not changed:
        return
    resting = _resting(_losing(changed, grades))
    for attempt in changed:
        yield Change(attempt, grades[attempt.pk], resting.get(attempt.enrolment_id, ()))


def _losing(changed: Sequence[Attempt], grades: dict[int, grading.Grade]) -> dict[int, Enrolment]:
    """The enrolments, by key, whose passed test would stand as not passed."""
    of_both: dict[tuple[int, int], list[Attempt]] = defaultdict(list)
    concerned = Attempt.objects.graded().filter(
        enrolment__in={one.enrolment_id for one in changed},
        quiz__in={one.quiz_id for one in changed},
    )
    for one in concerned:
        of_both[one.enrolment_id, one.quiz_id].append(one)
    losing = {}
    for attempt in changed:
        before = of_both[attempt.enrolment_id, attempt.quiz_id]
        stood = standing.standing(attempt.quiz, before)
        stands = standing.standing(attempt.quiz, [_graded(one, grades) for one in before])
        if stood and stood.passed and not (stands and stands.passed):
            losing[attempt.enrolment_id] = attempt.enrolment
    return losing


def _graded(attempt: Attempt, grades: dict[int, grading.Grade]) -> Attempt:
    """The attempt as it would be; one that is not regraded is as it is."""
    grade = grades.get(attempt.pk)
    if grade is None:
        return attempt
    anew = copy.copy(attempt)
    anew.marks, anew.score, anew.passed = grade.marks, grade.score, grade.passed
    return anew


def _resting(enrolments: dict[int, Enrolment]) -> dict[int, list[str]]:
    # Mostly nothing rests on any of them; only then is one question enough.
    if not asking.consequences(list(enrolments.values())):
        return {}
    return {key: asking.consequences([one]) for key, one in enrolments.items()}
