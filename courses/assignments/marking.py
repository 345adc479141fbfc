"""The trainer's side of an assignment: marking along the rubric, or returning it once.

Whoever marks says which ``version`` was read; if the work changed meanwhile, or somebody else was
faster, nothing is done and the second is told.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from courses import asking
from courses.models import (
    AssessmentResult,
    Criterion,
    Enrolment,
    Submission,
    SubmissionStep,
)
from courses.results import record_result

LONGEST_FEEDBACK = 10_000
State = Submission.State
Kind = SubmissionStep.Kind
Given = Mapping[int, Decimal]


class MarkingRefused(Exception):
    """Carries the reason, in words for the trainer; ``wrong`` by criterion."""

    def __init__(self, reason: str, wrong: dict[int, str] | None = None) -> None:
        super().__init__(reason)
        self.wrong = wrong or {}


def mark(
    *, submission_id: int, version: int, given: Given, feedback: str, at: datetime, by: Any = None
) -> Submission:
    """Mark what was handed in last; the result stands. Raises MarkingRefused.

    What was returned is marked without being handed in again only once the run is closed.
    """
    with transaction.atomic():
        submission = _locked(submission_id)
        _refuse_in_hand(submission)
        marks = _rubric(submission, given)
        _check_feedback(feedback, needed=False)
        _change(
            submission,
            version=version,
            from_state=State(submission.state) if submission.waits else State.HANDED_IN,
            state=State.MARKED,
            marks=marks,
            feedback=feedback,
            marked_at=at,
            marked_by=by,
        )
        _step(submission, Kind.MARKED, at=at, by=by, text=feedback, marks=marks)
        _record(submission, marks, decided_at=at, at=at, by=by)
    submission.refresh_from_db()
    return submission


def return_for_revision(
    *, submission_id: int, version: int, feedback: str, at: datetime, by: Any = None
) -> Submission:
    """Give it back once, saying what is to be done better. Raises MarkingRefused."""
    with transaction.atomic():
        submission = _locked(submission_id)
        if submission.returned_at:
            raise MarkingRefused(_("It was returned once before; now it is marked."))
        _refuse_in_hand(submission)
        _check_feedback(feedback, needed=True)
        _change(
            submission,
            version=version,
            from_state=State.HANDED_IN,
            state=State.RETURNED,
            feedback=feedback,
            returned_at=at,
        )
        _step(submission, Kind.RETURNED, at=at, by=by, text=feedback)
    submission.refresh_from_db()
    return submission


def correct(
    *,
    submission_id: int,
    version: int,
    given: Given,
    feedback: str,
    reason: str,
    at: datetime,
    by: Any = None,
) -> Submission:
    """Change a mark that was given; what stood before stays known. Raises MarkingRefused."""
    if not reason.strip():
        raise MarkingRefused(_("A mark that was given is only corrected with a reason."))
    with transaction.atomic():
        submission = _locked(submission_id)
        marks = _rubric(submission, given)
        _check_feedback(feedback, needed=False)
        marked_at = submission.marked_at or at
        _change(
            submission,
            version=version,
            from_state=State.MARKED,
            marks=marks,
            feedback=feedback,
            marked_by=by,
        )
        _step(submission, Kind.CORRECTED, at=at, by=by, text=reason, marks=marks)
        _record(submission, marks, decided_at=marked_at, at=at, by=by, reason=reason)
    submission.refresh_from_db()
    return submission


def _locked(submission_id: int) -> Submission:
    """The submission under its lock, taken after that of the enrolment."""
    found = Submission.objects.get(pk=submission_id)
    Enrolment.objects.select_for_update().get(pk=found.enrolment_id)
    return (
        Submission.objects.select_for_update(of=("self",))
        .select_related("assignment__assessment", "enrolment__run")
        .get(pk=submission_id)
    )


def _refuse_in_hand(submission: Submission) -> None:
    """Say why what the learner may still change is not marked."""
    if submission.state == State.DRAFT:
        raise MarkingRefused(_("It is not handed in yet."))
    if submission.state == State.RETURNED and not submission.waits:
        raise MarkingRefused(
            _(
                "It was returned for revision: it can be marked when the learner has handed it in "
                "again, or when the run is closed."
            )
        )


def _rubric(submission: Submission, given: Given) -> list[dict[str, str]]:
    """The rubric with the marks given, as it is frozen with the submission."""
    wrong, marks = {}, []
    for criterion in Criterion.objects.filter(assignment=submission.assignment_id):
        score = given.get(criterion.pk)
        if score is None:
            wrong[criterion.pk] = _("Give a mark for this criterion.")
        elif not 0 <= score <= criterion.marks:
            wrong[criterion.pk] = _("The mark lies outside 0 to %(highest)s.") % {
                "highest": criterion.marks.normalize()
            }
        else:
            marks.append(
                {
                    "title": criterion.title,
                    "given": f"{score.normalize():f}",
                    "most": f"{criterion.marks.normalize():f}",
                }
            )
    if wrong:
        raise MarkingRefused(_("Some criteria have no mark, or one that is not possible."), wrong)
    if not marks:
        raise MarkingRefused(_("The assignment has no rubric to mark by."))
    return marks


def _check_feedback(feedback: str, *, needed: bool) -> None:
    if needed and not feedback.strip():
        raise MarkingRefused(_("Say what is to be revised."))
    if len(feedback) > LONGEST_FEEDBACK:
        raise MarkingRefused(
            _("The feedback is longer than %(limit)s characters.") % {"limit": LONGEST_FEEDBACK}
        )


def _change(submission: Submission, *, version: int, from_state: State, **values: Any) -> None:
    """Compare and set: only what was read is changed."""
    changed = Submission.objects.filter(pk=submission.pk, version=version, state=from_state).update(
        version=F("version") + 1, **values
    )
    if not changed:
        by = submission.marked_by
        raise MarkingRefused(
            _("%(name)s has marked it meanwhile.") % {"name": by}
            if by
            else _("It was changed meanwhile; look at it again.")
        )


def _step(
    submission: Submission, kind: Kind, *, at: datetime, by: Any, text: str, marks: Any = ()
) -> None:
    SubmissionStep.objects.create(
        submission=submission, kind=kind, at=at, by=by, text=text, marks=list(marks)
    )


def _record(
    submission: Submission,
    marks: list[dict[str, str]],
    *,
    decided_at: datetime,
    at: datetime,
    by: Any,
    reason: str = "",
) -> None:
    assessment = submission.assignment.assessment
    score = sum((Decimal(line["given"]) for line in marks), Decimal(0))
    highest = sum((Decimal(line["most"]) for line in marks), Decimal(0))
    record_result(
        enrolment_id=submission.enrolment_id,
        assessment_id=assessment.pk,
        source=AssessmentResult.Source.ASSIGNMENT,
        score=score,
        max_score=highest,
        passed=score * 100 >= highest * asking.pass_percent(assessment),
        decided_at=decided_at,
        at=at,
        by=by,
        reason=reason,
    )
