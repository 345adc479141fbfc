"""A sitting from start to grade. The server keeps the time; every step can be asked for twice."""

import logging
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from courses.models import AssessmentResult, CourseRun, Enrolment
from courses.results import record_result
from quizzes import drawing, grading, kinds, saving
from quizzes.kinds import InvalidResponse
from quizzes.models import Answer, Attempt, QuestionVersion, Quiz

logger = logging.getLogger(__name__)
# What a slow line may need after the deadline for answers that were given in time.
GRACE = timedelta(seconds=10)
_dice = random.SystemRandom()


class AttemptRefused(Exception):
    """Carries the reason why no attempt can be started, in words for the learner."""


class AttemptClosed(Exception):
    """The attempt takes no more answers: it was submitted, or its time is over."""


class UnknownSlot(ValueError):
    """An answer names a question that is not in the paper."""


class BadAnswer(ValueError):
    """An answer that its question cannot have."""


@dataclass(frozen=True)
class RawChange:
    """A change as a device sent it: ``response`` is not yet checked."""

    slot: int
    seq: int
    response: Any


def start(
    *, quiz: Quiz, enrolment: Enrolment, at: datetime, rng: random.Random | None = None
) -> Attempt:
    """The open attempt of this enrolment, or a new one with a paper drawn now.

    Raises AttemptRefused (run closed, passed already, no attempts left, bank too small).
    """
    # In a transaction of its own: a refusal must not undo the grade.
    over = _overdue(at).filter(enrolment=enrolment, quiz=quiz)
    for attempt_id in over.values_list("pk", flat=True):
        finish(attempt_id=attempt_id, at=at)
    with transaction.atomic():
        # The enrolment's lock makes two clicks one start.
        locked = (
            Enrolment.objects.select_for_update(of=("self",))
            .select_related("run")
            .get(pk=enrolment.pk)
        )
        earlier = list(Attempt.objects.filter(enrolment=locked, quiz=quiz).defer("paper"))
        for attempt in earlier:
            if attempt.submitted_at is None:
                return attempt
        _check_start(quiz=quiz, enrolment=locked, earlier=earlier)
        try:
            paper = drawing.draw(quiz=quiz, rng=rng or _dice)
        except drawing.BankTooSmall as small:
            raise AttemptRefused(str(small)) from small
        return Attempt.objects.create(
            enrolment=locked,
            quiz=quiz,
            number=len(earlier) + 1,
            started_at=at,
            deadline=at + timedelta(minutes=quiz.minutes) if quiz.minutes else None,
            paper=paper,
            max_score=sum(slot["marks"] for slot in paper),
        )


def _check_start(*, quiz: Quiz, enrolment: Enrolment, earlier: list[Attempt]) -> None:
    if enrolment.run.state not in (CourseRun.State.OPEN, CourseRun.State.RUNNING):
        raise AttemptRefused(_("This run is closed."))
    if quiz.assessment_id not in enrolment.run.rules["assessments"]:
        raise AttemptRefused(_("This test does not belong to your run."))
    if Attempt.objects.filter(pk__in=[one.pk for one in earlier], passed=True).exists():
        raise AttemptRefused(_("You have passed this test."))
    if len(earlier) >= quiz.attempts_allowed:
        raise AttemptRefused(_("You have no attempts left."))


def save_answers(
    *, attempt: Attempt, changes: Iterable[RawChange], at: datetime
) -> list[saving.Receipt]:
    """Keep a batch of changes and acknowledge each; all or none.

    Raises UnknownSlot, BadAnswer, AttemptClosed.
    """
    wanted = list(changes)
    versions = versions_of(attempt, slots={change.slot for change in wanted})
    cleaned = [_clean(attempt, versions, change) for change in wanted]
    with transaction.atomic():
        # A save that overlaps a submission must come before it or be refused.
        held = Attempt.objects.select_for_update().only("submitted_at", "deadline")
        locked = held.get(pk=attempt.pk)
        if locked.submitted_at or (locked.deadline and at > locked.deadline + GRACE):
            raise AttemptClosed
        return saving.store(attempt=attempt, changes=cleaned, at=at)


def versions_of(attempt: Attempt, *, slots: set[int] | None = None) -> dict[int, QuestionVersion]:
    """The drawn versions by id; of some slots only, if named. One statement."""
    ids = {
        entry["version"]
        for slot, entry in enumerate(attempt.paper, start=1)
        if slots is None or slot in slots
    }
    return QuestionVersion.objects.in_bulk(ids)


def _clean(
    attempt: Attempt, versions: Mapping[int, QuestionVersion], change: RawChange
) -> saving.Change:
    if not 1 <= change.slot <= len(attempt.paper):
        raise UnknownSlot(_("Question %(slot)s is not in this paper.") % {"slot": change.slot})
    version = versions[attempt.paper[change.slot - 1]["version"]]
    try:
        response = kinds.get(version.kind).clean(version.body, change.response)
    except InvalidResponse as error:
        raise BadAnswer(
            _("Question %(slot)s: %(reason)s") % {"slot": change.slot, "reason": error}
        ) from error
    return saving.Change(change.slot, change.seq, response)


def finish(*, attempt_id: int, at: datetime) -> Attempt:
    """Submit and grade what was saved; any number of calls give one grading and the same answer.

    The time of submission is never after the deadline: what was saved in time counts.
    """
    with transaction.atomic():
        # Always the enrolment before the attempt, as in start(): no two can wait for each other.
        Enrolment.objects.select_for_update(of=("self",)).get(attempts=attempt_id)
        attempt = (
            Attempt.objects.select_for_update(of=("self",))
            .select_related("quiz")
            .get(pk=attempt_id)
        )
        if attempt.submitted_at:
            return attempt
        answers = Answer.objects.filter(attempt=attempt).values_list("slot", "response")
        result = grading.grade(
            paper=attempt.paper,
            versions=versions_of(attempt),
            responses=dict(answers),
            pass_percent=attempt.quiz.pass_percent,
        )
        attempt.submitted_at = min(at, attempt.deadline) if attempt.deadline else at
        attempt.marks = result.marks
        attempt.score = result.score
        attempt.passed = result.passed
        attempt.save(update_fields=["submitted_at", "marks", "score", "passed"])
        _record_best(attempt)
    return attempt


def _record_best(attempt: Attempt) -> None:
    """Of several attempts the best stands."""
    best = (
        Attempt.objects.filter(
            enrolment=attempt.enrolment_id, quiz=attempt.quiz_id, submitted_at__isnull=False
        )
        .defer("paper", "marks")
        .order_by("-passed", "-score", "number")[0]
    )
    assert best.score is not None
    assert best.passed is not None
    assert best.submitted_at is not None
    record_result(
        enrolment_id=attempt.enrolment_id,
        assessment_id=attempt.quiz.assessment_id,
        source=AssessmentResult.Source.ONLINE,
        score=best.score,
        max_score=best.max_score,
        passed=best.passed,
        decided_at=best.submitted_at,
    )


def finish_overdue(at: datetime) -> int:
    """Sweep: grade what was saved in attempts whose time is over. Returns how many."""
    ids = list(_overdue(at).order_by("deadline").values_list("pk", flat=True)[:500])
    finished = 0
    for attempt_id in ids:
        try:
            finish(attempt_id=attempt_id, at=at)
            finished += 1
        except Exception:  # the others must be graded all the same
            logger.exception("attempt %s was not graded", attempt_id)
    return finished


def _overdue(at: datetime) -> QuerySet[Attempt]:
    return Attempt.objects.filter(submitted_at__isnull=True, deadline__lt=at - GRACE)
