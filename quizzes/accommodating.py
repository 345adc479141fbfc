"""More time, attempts or a later closing for a person, an agency or a run, with a reason.

Given in mid-exam it moves the deadlines of open attempts. Deadlines only ever move later: what
was promised to somebody who sits a test is not taken back, neither by withdrawing an accommodation
nor by closing earlier.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agencies.models import Agency
from courses.models import CourseRun, Enrolment
from people.models import Person
from quizzes import noting, restoring, terms
from quizzes.models import Accommodation, Attempt, AttemptEvent, LateAnswer, Opening, Quiz
from quizzes.saving import GRACE, in_ranges

# So many learners are locked at a time: the others go on saving and submitting.
BATCH = 200
Moved = list[tuple[Attempt, datetime | None]]


class AccommodationRefused(Exception):
    """Carries the reason, in words for the staff."""


def give(
    *,
    quiz_id: int,
    by: Any,
    reason: str,
    at: datetime,
    person: Person | None = None,
    agency: Agency | None = None,
    run: CourseRun | None = None,
    extra_minutes: int = 0,
    extra_attempts: int = 0,
    closes_at: datetime | None = None,
) -> Accommodation:
    """Give it, and move the deadlines of the attempts that are open now.

    The same given again changes nothing, but carries on with deadlines that an interruption left
    behind. Raises AccommodationRefused, and Quiz.DoesNotExist where ``by`` does not see the quiz.
    """
    quiz = Quiz.objects.visible_to(by).select_related("assessment").get(pk=quiz_id)
    given: dict[str, Any] = {
        "person": person,
        "agency": agency,
        "run": run,
        "extra_minutes": extra_minutes,
        "extra_attempts": extra_attempts,
        "closes_at": closes_at,
        "reason": reason.strip(),
    }
    _check(quiz, given, by=by, at=at)
    with transaction.atomic():
        # Two clicks on the button are one accommodation.
        Quiz.objects.select_for_update(no_key=True).get(pk=quiz_id)
        same = Accommodation.objects.standing().filter(quiz=quiz)
        for name, value in given.items():
            same = same.filter(**({f"{name}__isnull": True} if value is None else {name: value}))
        accommodation = same.first() or Accommodation.objects.create(
            quiz=quiz, given_by=by, given_at=at, **given
        )
    move_deadlines(quiz_id=quiz.pk, enrolments=concerned(accommodation), at=at)
    return accommodation


def withdraw(*, accommodation_id: int, by: Any, at: datetime) -> bool:
    """End it for attempts to come; whether it stood until now. Open attempts keep their deadlines.

    Raises Accommodation.DoesNotExist where ``by`` does not see it.
    """
    found = Accommodation.objects.visible_to(by).get(pk=accommodation_id)
    standing = Accommodation.objects.standing().filter(pk=found.pk)
    return bool(standing.update(withdrawn_at=at, withdrawn_by=by))


def runs_of(quiz: Quiz) -> QuerySet[CourseRun]:
    """The runs in which the quiz is taken: those of its course, or those with its lesson."""
    assessment = quiz.assessment
    if assessment.course_id:
        return CourseRun.objects.filter(course=assessment.course_id)
    return CourseRun.objects.filter(lessons__page=assessment.lesson_id)


def learners_of(quiz: Quiz) -> QuerySet[Enrolment]:
    """Who can take the quiz now."""
    return Enrolment.objects.active().filter(run__in=runs_of(quiz))


def concerned(accommodation: Accommodation) -> QuerySet[Enrolment]:
    """The enrolments to which it applies."""
    found = learners_of(accommodation.quiz)
    for field in ("person", "agency", "run"):
        if key := getattr(accommodation, f"{field}_id"):
            return found.filter(**{field: key})
    return found.none()


def move_deadlines(*, quiz_id: int, enrolments: QuerySet[Enrolment], at: datetime) -> int:
    """Let the open attempts of these enrolments follow their terms, later only; how many moved.

    All enrolments are locked, batch by batch, so that an attempt that is just being started under
    the old terms is not missed. Each move is kept as an event.
    """
    reached, moved = 0, 0
    while True:
        with transaction.atomic():
            # Always the enrolment before the attempt, as everywhere: no two wait for each other.
            locked = enrolments.select_for_update(of=("self",)).order_by("pk")
            batch = list(locked.filter(pk__gt=reached)[:BATCH])
            if not batch:
                return moved
            attempts = Attempt.objects.open().filter(quiz=quiz_id, enrolment__in=batch)
            open_ = attempts.select_for_update(of=("self",)).select_related("enrolment")
            moved += _move(_behind(quiz_id, list(open_.defer("paper"))), at=at)
        reached = batch[-1].pk


def catch_up(at: datetime) -> int:
    """Sweep: move the deadlines that an interruption left behind their terms."""
    moved = 0
    quizzes = Attempt.objects.open().order_by().values_list("quiz", flat=True).distinct()
    for quiz_id in list(quizzes):
        open_ = Attempt.objects.open().filter(quiz=quiz_id, deadline__isnull=False)
        behind = _behind(quiz_id, list(open_.select_related("enrolment").defer("paper")))
        if behind:
            keys = [attempt.enrolment_id for attempt, _deadline in behind]
            enrolments = Enrolment.objects.filter(pk__in=keys)
            moved += move_deadlines(quiz_id=quiz_id, enrolments=enrolments, at=at)
    return moved


def cut_short(accommodation: Accommodation) -> int:
    """How many who sit the quiz now, to whom it was given, lose minutes to the closing."""
    open_ = Attempt.objects.open().filter(
        quiz=accommodation.quiz_id, enrolment__in=concerned(accommodation)
    )
    attempts = list(open_.select_related("enrolment").defer("paper"))
    found = _terms(accommodation.quiz_id, attempts)
    return sum(its.is_cut_short(attempt.started_at) for attempt, its in found)


def _behind(quiz_id: int, attempts: Sequence[Attempt]) -> Moved:
    """The attempts whose terms give them more time than they have, with their new deadlines."""
    found: Moved = []
    for attempt, its in _terms(quiz_id, attempts):
        deadline = its.deadline(attempt.started_at)
        if attempt.deadline and (deadline is None or deadline > attempt.deadline):
            found.append((attempt, deadline))
    return found


def _terms(quiz_id: int, attempts: Sequence[Attempt]) -> list[tuple[Attempt, terms.Terms]]:
    """Under which terms each of these attempts runs. Three statements."""
    if not attempts:
        return []
    quiz = Quiz.objects.get(pk=quiz_id)
    openings = {one.run_id: one for one in Opening.objects.filter(quiz=quiz)}
    given = list(Accommodation.objects.standing().filter(quiz=quiz))
    return [
        (
            attempt,
            terms.combine(
                quiz,
                opening=openings.get(attempt.enrolment.run_id),
                given=_for(attempt.enrolment, given),
            ),
        )
        for attempt in attempts
    ]


def _for(enrolment: Enrolment, given: Iterable[Accommodation]) -> list[Accommodation]:
    return [
        one
        for one in given
        if (one.person_id and one.person_id == enrolment.person_id)
        or (one.run_id and one.run_id == enrolment.run_id)
        or (one.agency_id and one.agency_id == enrolment.agency_id)
    ]


def _move(behind: Moved, *, at: datetime) -> int:
    """What came too late by the old deadline and in time by the new one counts."""
    ends = {attempt.pk: deadline for attempt, deadline in behind}
    received = restoring.uncounted().filter(attempt__in=ends)
    counted = restoring.count(one for one in received if _in_time(one, ends[one.attempt_id]))
    details = {}
    for attempt, deadline in behind:
        assert attempt.deadline
        details[attempt.pk] = {
            "from": attempt.deadline.isoformat(),
            "to": deadline.isoformat() if deadline else None,
        }
        if slots := counted.get(attempt.pk):
            details[attempt.pk]["slots"] = in_ranges(slots)
        attempt.deadline = deadline
    Attempt.objects.bulk_update([attempt for attempt, _deadline in behind], ["deadline"])
    noting.note(details, kind=AttemptEvent.Kind.MORE_TIME, at=at)
    return len(behind)


def _in_time(late: LateAnswer, deadline: datetime | None) -> bool:
    return deadline is None or late.received_at <= deadline + GRACE


def _check(quiz: Quiz, given: dict[str, Any], *, by: Any, at: datetime) -> None:
    person, agency, run = given["person"], given["agency"], given["run"]
    if sum(target is not None for target in (person, agency, run)) != 1:
        raise AccommodationRefused(_("Name exactly one: a person, an agency or a run."))
    if not (given["extra_minutes"] or given["extra_attempts"] or given["closes_at"]):
        raise AccommodationRefused(_("Give extra minutes, extra attempts or a later closing."))
    if not given["reason"]:
        raise AccommodationRefused(_("Say why."))
    if given["extra_minutes"] and quiz.minutes is None:
        raise AccommodationRefused(_("This test has no time limit: extra minutes mean nothing."))
    if given["closes_at"] and given["closes_at"] <= at:
        raise AccommodationRefused(_("The later closing must lie ahead."))
    if run and not runs_of(quiz).filter(pk=run.pk).exists():
        raise AccommodationRefused(_("This test is not taken in that run."))
    if by.has_perm("courses.manage_all_runs"):
        return
    # A trainer gives to the own learners; a DOST officer to whoever may come.
    if person and not learners_of(quiz).filter(person=person).exists():
        raise AccommodationRefused(_("This person learns in no run with this test."))
    if agency and not learners_of(quiz).filter(agency=agency).exists():
        raise AccommodationRefused(_("Nobody of this agency learns in a run with this test."))
