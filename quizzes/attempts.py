"""A sitting from start to grade. The server keeps the time; every step can be asked for twice."""

import hmac
import logging
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses import completion, running
from courses.models import Enrolment
from jobs import writing
from jobs.compiled import Compiled, Given
from quizzes import drawing, grading, kinds, marking, papers, saving, standing, stock, terms
from quizzes.kinds import InvalidResponse
from quizzes.models import Attempt, Paper, QuestionVersion, Quiz
from quizzes.saving import GRACE
from vietnamese.text import fold

logger = logging.getLogger(__name__)


class AttemptRefused(Exception):
    """Carries the reason why no attempt can be started, in words for the learner."""


class NotOffered(Exception):
    """The enrolment's run does not offer this quiz: for the learner it is not there."""


class UnknownSlot(ValueError):
    """An answer names a question that is not in the paper."""


class BadAnswer(ValueError):
    """An answer that its question cannot have."""


class _TimeIsOver(Exception):
    """An open attempt is to be graded before a new one can start; carries its id."""


@dataclass(frozen=True)
class RawChange:
    """A change as a device sent it: ``response`` is not yet checked."""

    slot: int
    seq: int
    response: Any


def start(
    *,
    quiz: Quiz,
    enrolment: Enrolment,
    at: datetime,
    class_code: str = "",
    person_id: int | None = None,
    rng: random.Random | None = None,
) -> Attempt:
    """The open attempt of this enrolment, or a new one with a paper drawn now.

    Of ``enrolment`` the key is enough; with a ``person_id`` it must be that person's own. Raises
    Enrolment.DoesNotExist, NotOffered, and AttemptRefused (not published, not open, run closed,
    wrong code, passed already, no attempts left, too soon, bank too small).
    """
    while True:
        try:
            with transaction.atomic():
                # The enrolment's lock makes two clicks one start.
                locked = completion.locked(pk=enrolment.pk, **_owner(person_id))
                return _open_or_new(quiz, locked, at, class_code, rng)
        except _TimeIsOver as over:
            # In a transaction of its own: a refusal must not undo the grade.
            finish(attempt_id=over.args[0], at=at, overdue_only=True)


_ATTEMPTS = Compiled(
    lambda: Attempt.objects.filter(enrolment=Given("enrolment"), quiz=Given("quiz"))
)


def _open_or_new(
    quiz: Quiz, enrolment: Enrolment, at: datetime, class_code: str, rng: random.Random | None
) -> Attempt:
    earlier = _ATTEMPTS.ask(enrolment=enrolment.pk, quiz=quiz.pk)
    for attempt in earlier:
        if attempt.submitted_at is None:
            if is_over(attempt, at):
                raise _TimeIsOver(attempt.pk)
            return attempt
    if not _is_offered(quiz, enrolment):
        raise NotOffered
    quiz = _held_still(quiz)
    agreed = terms.of(quiz, enrolment)
    if refusal := reason_against(
        quiz=quiz, enrolment=enrolment, agreed=agreed, earlier=earlier, at=at
    ):
        raise AttemptRefused(refusal)
    if not _is_code(class_code, agreed.class_code):
        raise AttemptRefused(_("The class code is not right."))
    seen = {slot.version for one in earlier for slot in one.paper}
    try:
        paper = drawing.draw(quiz=quiz, rng=rng or drawing.fresh_rng(), seen=seen)
    except drawing.BankTooSmall as small:
        raise AttemptRefused(str(small)) from small
    return Attempt.objects.create(
        enrolment=enrolment,
        quiz=quiz,
        number=len(earlier) + 1,
        started_at=at,
        deadline=agreed.deadline(at),
        paper=paper,
        max_score=sum(slot.marks for slot in paper),
    )


# Whoever changes the quiz or its sections locks the row FOR UPDATE; starts share it.
_HELD_STILL = Compiled(lambda: Quiz.objects.filter(pk=Given("quiz")), lock="FOR KEY SHARE")


def _held_still(quiz: Quiz) -> Quiz:
    """The quiz as it is now and, with its sections, stays until the transaction ends."""
    (now,) = _HELD_STILL.ask(quiz=quiz.pk)
    if now.bank_id == quiz.bank_id:
        now.bank = quiz.bank
    return now


def reason_against(
    *,
    quiz: Quiz,
    enrolment: Enrolment,
    agreed: terms.Terms,
    earlier: list[Attempt],
    at: datetime,
) -> str:
    """Why no new attempt can start at that time, in words for the learner; empty if one can.

    ``earlier`` are the attempts of this enrolment, all submitted; the class code is not asked.
    """
    if quiz.published_at is None:
        return _("This test is not published yet.")
    if not enrolment.goes_on:
        return _("This run is closed.")
    # Who sat it before the run dropped it still reads its result.
    if not _is_offered(quiz, enrolment):
        return _("This test does not belong to your run.")
    result = standing.standing(quiz, earlier)
    if result and result.passed:
        if quiz.show_result != Quiz.Shown.SUBMITTED:
            return _("There is nothing more to do in this test.")
        return _("You have passed this test.")
    if any(one.score is None for one in earlier):
        return _("An earlier attempt still waits for its mark.")
    if len(earlier) >= agreed.attempts:
        return _("You have no attempts left.")
    if agreed.is_over(at):
        return _("The test is closed.")
    opens_at = next_start(quiz=quiz, agreed=agreed, earlier=earlier)
    if opens_at and at < opens_at:
        return _("The test can be started from %(time)s.") % {
            "time": date_format(timezone.localtime(opens_at), "SHORT_DATETIME_FORMAT")
        }
    return ""


def _is_offered(quiz: Quiz, enrolment: Enrolment) -> bool:
    return quiz.assessment_id in running.offered(enrolment.run)


def next_start(*, quiz: Quiz, agreed: terms.Terms, earlier: Iterable[Attempt]) -> datetime | None:
    """From when an attempt can start, by opening and wait after the last one; None: any time."""
    times = [one.submitted_at for one in earlier if one.submitted_at]
    pause = timedelta(minutes=quiz.cool_down_minutes)
    waits = [max(times) + pause] if times and pause else []
    return max([*waits, *([agreed.opens_at] if agreed.opens_at else [])], default=None)


def _is_code(given: str, wanted: str) -> bool:
    """Case, diacritics and blanks do not matter; where no code is wanted any will do."""
    return not wanted or hmac.compare_digest(_bare(given), _bare(wanted))


def _bare(code: str) -> bytes:
    return "".join(fold(code).split()).encode()


def save_answers(
    *,
    attempt_id: int,
    person_id: int,
    changes: Iterable[RawChange],
    at: datetime,
    reported: Iterable[saving.Reported] = (),
) -> saving.Saved:
    """Keep a batch of changes and acknowledge each; all or none. What is late is kept as evidence.

    Raises NoSuchAttempt, UnknownSlot, BadAnswer.
    """
    paper = stock.paper_of(attempt_id, person_id=person_id)
    if paper is None:
        raise saving.NoSuchAttempt
    wanted = list(changes)
    cleaned = _clean(paper, wanted)
    return saving.store(
        attempt_id=attempt_id, person_id=person_id, changes=cleaned, at=at, reported=reported
    )


def versions_of(paper: Paper) -> dict[int, QuestionVersion]:
    """The drawn versions by id; at most one statement."""
    return stock.versions(slot.version for slot in paper)


def _clean(paper: Paper, changes: list[RawChange]) -> list[saving.Change]:
    for change in changes:
        if not 1 <= change.slot <= len(paper):
            raise UnknownSlot(_("Question %(slot)s is not in this paper.") % {"slot": change.slot})
    versions = stock.versions(paper[change.slot - 1].version for change in changes)
    return [_canonical(versions[paper[change.slot - 1].version], change) for change in changes]


def _canonical(version: QuestionVersion, change: RawChange) -> saving.Change:
    try:
        response = kinds.get(version.kind).clean(version.body, change.response)
    except InvalidResponse as error:
        raise BadAnswer(
            _("Question %(slot)s: %(reason)s") % {"slot": change.slot, "reason": error}
        ) from error
    return saving.Change(change.slot, change.seq, response)


def is_over(attempt: Attempt, at: datetime) -> bool:
    """Whether the attempt's time and the grace for slow lines have run out."""
    return attempt.deadline is not None and at > attempt.deadline + GRACE


_LOCKED = Compiled(
    lambda: (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("quiz__bank")
        .filter(pk=Given("attempt"))
    )
)


def finish(
    *, attempt_id: int, at: datetime, person_id: int | None = None, overdue_only: bool = False
) -> Attempt:
    """Submit and grade what was saved; any number of calls give one grading and the same answer.

    The time of submission is never after the deadline: what was saved in time counts. With a
    ``person_id`` the attempt must be that person's own. ``overdue_only`` leaves alone an attempt
    that runs: it may just have been given more time. Raises Enrolment.DoesNotExist.
    """
    with transaction.atomic():
        # Always the enrolment before the attempt, as in start(): no two can wait for each other.
        enrolment = completion.locked(attempts=attempt_id, **_owner(person_id))
        (attempt,) = _LOCKED.ask(attempt=attempt_id)
        if attempt.submitted_at or (overdue_only and not is_over(attempt, at)):
            return attempt
        submitted_at = min(at, attempt.deadline) if attempt.deadline else at
        versions = versions_of(attempt.paper)
        result = grading.grade(
            paper=attempt.paper,
            versions=versions,
            corrections=stock.corrections(attempt.quiz.bank, drawn=versions.values()),
            responses=papers.responses(attempt),
            pass_percent=attempt.quiz.pass_percent,
        )
        attempt.submitted_at, attempt.marks = submitted_at, result.marks
        attempt.score, attempt.passed = result.score, result.passed
        writing.update(attempt, "submitted_at", "marks", "score", "passed")
        if result.unmarked:
            marking.open_tasks(attempt=attempt, slots=result.unmarked)
            return attempt
        earlier: Iterable[Attempt] = ()
        if attempt.number > 1:
            same = Attempt.objects.graded().filter(enrolment=enrolment, quiz=attempt.quiz_id)
            earlier = same.exclude(pk=attempt.pk)
        standing.record(enrolment=enrolment, quiz=attempt.quiz, attempts=[*earlier, attempt], at=at)
    return attempt


def _owner(person_id: int | None) -> Mapping[str, int]:
    return {} if person_id is None else {"person": person_id}


def finish_overdue(at: datetime) -> int:
    """Sweep: grade what was saved in attempts whose time is over. Returns how many."""
    ids = list(_overdue(at).order_by("deadline").values_list("pk", flat=True)[:500])
    finished = 0
    for attempt_id in ids:
        try:
            attempt = finish(attempt_id=attempt_id, at=at, overdue_only=True)
            finished += attempt.submitted_at is not None
        except Exception:  # the others must be graded all the same
            logger.exception("attempt %s was not graded", attempt_id)
    return finished


def _overdue(at: datetime) -> QuerySet[Attempt]:
    return Attempt.objects.open().filter(deadline__lt=at - GRACE)
