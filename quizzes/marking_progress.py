"""How far the marking of long answers is, test by test."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from quizzes import marking_queue
from quizzes.models import MarkingTask, Quiz


@dataclass(frozen=True)
class Progress:
    """Counts of looks, not of answers: an answer that is marked twice is looked at twice.

    ``open`` can be taken by this person, ``held`` are with a marker now, ``disagreed`` wait for
    a third look; ``since`` is when the first of those that wait was handed in.
    """

    quiz: Quiz
    open: int
    waiting: int
    held: int
    disagreed: int
    marked: int
    since: datetime


def of_tests(user: Any, *, at: datetime) -> list[Progress]:
    """Of every test in which something waits; longest first. Three statements."""
    seen = MarkingTask.objects.visible_to(user)
    waits = Q(marked_at__isnull=True, attempt__score__isnull=True)
    fresh = Q(claimed_at__gte=at - marking_queue.HELD_FOR)
    counts = (
        seen.filter(attempt__quiz__in=seen.waiting().order_by().values("attempt__quiz"))
        .order_by()
        .values("attempt__quiz")
        .annotate(
            waiting=Count("pk", filter=waits),
            held=Count("pk", filter=waits & fresh),
            disagreed=Count("pk", filter=waits & Q(round=MarkingTask.Round.RECONCILED)),
            marked=Count("pk", filter=Q(marked_at__isnull=False)),
            since=Min("attempt__submitted_at", filter=waits),
        )
    )
    by_quiz = {row.pop("attempt__quiz"): row for row in counts}
    mine = (
        marking_queue.open_to(user, at=at)
        .order_by()
        .values("attempt__quiz")
        .annotate(number=Count("pk"))
    )
    free = {row["attempt__quiz"]: row["number"] for row in mine}
    quizzes = Quiz.objects.select_related("assessment__course").in_bulk(by_quiz)
    found = [
        Progress(quiz=quizzes[key], open=free.get(key, 0), **row) for key, row in by_quiz.items()
    ]
    return sorted(found, key=lambda one: one.since)
