"""Long answers: which wait for a marker, and what the markers decided.

Graded attempts ask here; how an answer gets its marks stands in ``quizzes.marking_queue``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypedDict

from quizzes import stock
from quizzes.kinds import essay
from quizzes.models import Attempt, MarkingTask

# Two markers who differ by more than this share of the marks disagree.
MOST_DIFFERENCE = Fraction(1, 10)

Round = MarkingTask.Round


@dataclass(frozen=True)
class Given:
    """What an answer earned by one criterion; ``given`` is exact, a mean where two marked."""

    text: str
    given: Decimal
    most: int


@dataclass(frozen=True)
class Marked:
    """How a long answer was marked, as its writer may see it: never by whom."""

    criteria: list[Given]
    comments: list[str]


def open_tasks(*, attempt: Attempt, slots: Sequence[int]) -> None:
    """Have these answers marked, twice where the quiz says so; those that wait already go on."""
    rounds = [Round.FIRST, Round.SECOND] if attempt.quiz.second_marker else [Round.FIRST]
    MarkingTask.objects.bulk_create(
        [
            MarkingTask(attempt=attempt, slot=slot, round=number)
            for slot in slots
            for number in rounds
        ],
        ignore_conflicts=True,
    )


class Decided(TypedDict):
    """What a marker said of an answer, as JSON keeps it: ``marker`` is the user's key."""

    slot: int
    round: int
    marker: int | None
    marked_at: str
    points: dict[str, Any]
    comment: str


def begin_again(*, attempt_id: int, slots: Sequence[int]) -> list[Decided]:
    """Take back what was said of answers that were replaced; ``open_tasks`` has them marked anew.

    Returns what was said, for the caller to keep, who holds the attempt's lock.
    """
    tasks = MarkingTask.objects.filter(attempt=attempt_id, slot__in=slots)
    decided = [
        Decided(
            slot=task.slot,
            round=task.round,
            marker=task.marker_id,
            marked_at=task.marked_at.isoformat(),
            points=task.points or {},
            comment=task.comment,
        )
        for task in tasks.order_by("slot", "round")
        if task.marked_at
    ]
    tasks.delete()
    return decided


def shares_of(attempt_ids: Iterable[int]) -> dict[int, dict[int, Fraction]]:
    """The shares of the marks given, by attempt and slot, where marking is finished."""
    found: dict[int, dict[int, Fraction]] = defaultdict(dict)
    for (attempt_id, slot), tasks in _by_answer(attempt_ids).items():
        decisive = deciding(tasks)
        if decisive:
            found[attempt_id][slot] = share_of(decisive)
    return dict(found)


def told(attempt: Attempt) -> dict[int, Marked]:
    """How the answers of an attempt were marked, by slot, where marking is finished."""
    found = {}
    versions = stock.versions(slot.version for slot in attempt.paper)
    for (_attempt, slot), tasks in _by_answer([attempt.pk]).items():
        decisive = deciding(tasks)
        if decisive:
            body = versions[attempt.paper[slot - 1].version].body
            found[slot] = _marked(essay.criteria(body), decisive)
    return found


def deciding(tasks: Sequence[MarkingTask]) -> list[MarkingTask]:
    """Those tasks of one answer, whose mean is its mark; none while it is not decided."""
    last = [task for task in tasks if task.round == Round.RECONCILED] or list(tasks)
    if any(task.marked_at is None for task in last) or differ(last):
        return []
    return last


def differ(tasks: Sequence[MarkingTask]) -> bool:
    """Whether the markers of one answer disagree."""
    shares = [Fraction(task.share) for task in tasks]
    return max(shares) - min(shares) > MOST_DIFFERENCE


def share_of(tasks: Sequence[MarkingTask]) -> Fraction:
    """The mean of the shares given."""
    return sum((Fraction(task.share) for task in tasks), Fraction(0)) / len(tasks)


def _by_answer(attempt_ids: Iterable[int]) -> Mapping[tuple[int, int], list[MarkingTask]]:
    found = defaultdict(list)
    tasks = MarkingTask.objects.filter(attempt__in=list(attempt_ids))
    for task in tasks.order_by("attempt", "slot", "round"):
        found[task.attempt_id, task.slot].append(task)
    return found


def _marked(criteria: Sequence[essay.Criterion], tasks: Sequence[MarkingTask]) -> Marked:
    given = [points_of(task) for task in tasks]
    return Marked(
        criteria=[
            Given(
                one.text, sum((each[one.id] for each in given), Decimal(0)) / len(given), one.points
            )
            for one in criteria
        ],
        comments=[task.comment for task in tasks if task.comment],
    )


def points_of(task: MarkingTask) -> dict[int, Decimal]:
    """The points that a marker gave, by the criterion's number; empty before."""
    return {int(number): Decimal(given) for number, given in (task.points or {}).items()}
