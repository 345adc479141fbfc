"""Marking long answers: one takes the next answer, marks it by the rubric, never knowing whose."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from courses import completion
from quizzes import marking, regrading, stock
from quizzes.kinds import essay
from quizzes.models import Attempt, MarkingTask, QuestionVersion, Quiz
from quizzes.models.marking import MarkingTaskQuerySet

# What was taken and not marked for so long can be taken by others.
HELD_FOR = timedelta(hours=2)
OTHERS_FIRST = timedelta(days=1)
# The next answer is one of so many that wait longest: its place in the order says nothing of
# who wrote it, and many markers at once do not reach for the same one.
_AT_HAND = 50
LONGEST_COMMENT = 2_000

Round = MarkingTask.Round
_dice = random.SystemRandom()


@dataclass
class MarkingRefused(Exception):
    """Carries the reason in words; ``wrong`` says by criterion what cannot be given."""

    reason: str
    wrong: dict[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.reason


def open_to(user: Any, *, at: datetime) -> MarkingTaskQuerySet:
    """What waits and this person may take, or has taken.

    Nobody marks an answer of one's own, and nobody both looks of one answer. What two markers
    disagree about a third person decides; where nobody else does within a day, a DOST officer
    may, though one of the two.
    """
    others = MarkingTask.objects.filter(
        attempt=OuterRef("attempt"), slot=OuterRef("slot"), marker=user
    ).exclude(pk=OuterRef("pk"))
    has_looked = others.filter(Q(marked_at__isnull=False) | Q(claimed_at__gte=at - HELD_FOR))
    not_twice = Q(~Exists(has_looked))
    if user.has_perm("courses.manage_all_runs"):
        just_looked = Exists(others.filter(marked_at__gte=at - OTHERS_FIRST))
        not_twice |= Q(round=Round.RECONCILED) & ~Q(just_looked)
    found = MarkingTask.objects.visible_to(user).waiting().filter(not_twice)
    if user.person_id:
        found = found.exclude(attempt__enrolment__person=user.person_id)
    return found.filter(_free(at) | Q(marker=user))


def _free(at: datetime) -> Q:
    return Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - HELD_FOR)


def claim(
    *, user: Any, quiz: Quiz, at: datetime, rng: random.Random | None = None
) -> MarkingTask | None:
    """The answer of this test that one holds already, else one of those that wait longest.

    None where nothing waits that this person may mark.
    """
    mine = open_to(user, at=at).filter(attempt__quiz=quiz)
    held: MarkingTask | None = mine.filter(marker=user).order_by("claimed_at").first()
    if held and _take(held.pk, Q(marker=user), user=user, at=at):
        return held
    free = mine.filter(_free(at)).order_by("attempt__submitted_at", "attempt", "slot", "round")
    while True:
        ids = list(free.values_list("pk", flat=True)[:_AT_HAND])
        (rng or _dice).shuffle(ids)
        for task_id in ids:
            if _take(task_id, _free(at), user=user, at=at):
                return MarkingTask.objects.get(pk=task_id)
        if not ids:
            return None


def _take(task_id: int, expected: Q, *, user: Any, at: datetime) -> bool:
    """Compare and set: whoever comes second takes another."""
    untaken = MarkingTask.objects.filter(expected, pk=task_id, marked_at__isnull=True)
    return untaken.update(marker=user, claimed_at=at) == 1


def put_back(*, task_id: int, user: Any) -> None:
    """Leave an answer that one has taken to others."""
    MarkingTask.objects.filter(pk=task_id, marker=user, marked_at__isnull=True).update(
        marker=None, claimed_at=None
    )


def version_of(task: MarkingTask) -> QuestionVersion:
    """The question that the answer belongs to."""
    version_id = task.attempt.paper[task.slot - 1].version
    return stock.versions([version_id])[version_id]


def mark(
    *,
    task_id: int,
    marker: Any,
    points: Mapping[int, Decimal],
    comment: str = "",
    at: datetime,
) -> MarkingTask:
    """Give points by criterion; the answer's mark, and the attempt's grade, follow.

    Where two markers differ by more than a tenth, a reconciliation waits instead. Raises
    MarkingRefused: taken over by another, replaced meanwhile, a criterion without points or with
    too many.
    """
    with transaction.atomic():
        attempt, task = _locked(task_id)
        _check_still_theirs(task, marker)
        rubric = essay.criteria(version_of(task).body)
        _check_points(rubric, points, comment)
        most = sum(criterion.points for criterion in rubric)
        task.points = {str(one.id): f"{points[one.id].normalize():f}" for one in rubric}
        task.share = str(sum((Fraction(points[one.id]) for one in rubric), Fraction(0)) / most)
        task.comment = comment.strip()
        task.marked_at = at
        task.save(update_fields=["points", "share", "comment", "marked_at"])
        of_answer = list(MarkingTask.objects.filter(attempt=attempt, slot=task.slot))
        if any(one.marked_at is None for one in of_answer):
            return task
        if marking.deciding(of_answer):
            regrading.regrade(
                attempt_id=attempt.pk, at=at, by=marker, reason=_("Long answer marked")
            )
        else:
            MarkingTask.objects.create(attempt=attempt, slot=task.slot, round=Round.RECONCILED)
    return task


def _locked(task_id: int) -> tuple[Attempt, MarkingTask]:
    """The task with its attempt, nobody else's to change. Raises MarkingRefused if it is gone."""
    attempt_id = MarkingTask.objects.filter(pk=task_id).values_list("attempt", flat=True).first()
    task = None
    if attempt_id:
        # The enrolment and the attempt first, as everywhere: no two wait for each other. The task
        # too, because taking it asks for its own row only.
        completion.locked(attempts=attempt_id)
        attempt = Attempt.objects.select_for_update(of=("self",)).get(pk=attempt_id)
        task = MarkingTask.objects.select_for_update(of=("self",)).filter(pk=task_id).first()
    if task is None:
        raise MarkingRefused(_("The learner's answer was replaced meanwhile: this one is void."))
    task.attempt = attempt
    return attempt, task


def _check_still_theirs(task: MarkingTask, marker: Any) -> None:
    if task.marked_at is not None:
        raise MarkingRefused(_("This answer is marked already."))
    if task.marker_id != marker.pk:
        raise MarkingRefused(_("Somebody else has taken this answer meanwhile."))
    looked = MarkingTask.objects.filter(
        attempt=task.attempt_id, slot=task.slot, marker=marker, marked_at__isnull=False
    )
    decides = task.round == Round.RECONCILED and marker.has_perm("courses.manage_all_runs")
    if not decides and looked.exists():
        raise MarkingRefused(_("You have marked this answer before; a second person has to."))


def _check_points(
    rubric: list[essay.Criterion], points: Mapping[int, Decimal], comment: str
) -> None:
    wrong = {}
    for one in rubric:
        given = points.get(one.id)
        if given is None:
            wrong[one.id] = _("Points are missing here.")
        elif not 0 <= given <= one.points or given != round(given, 2):
            wrong[one.id] = _("From 0 to %(most)s points, with two decimals at most.") % {
                "most": one.points
            }
    if wrong:
        raise MarkingRefused(_("Some criteria have no points, or too many."), wrong)
    if len(comment) > LONGEST_COMMENT:
        raise MarkingRefused(
            _("The comment is longer than %(limit)s characters.") % {"limit": LONGEST_COMMENT}
        )
