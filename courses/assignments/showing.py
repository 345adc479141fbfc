"""What the pages of an assignment show, to the learner and to the trainer."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses import asking
from courses.assignments import handing_in, setting
from courses.models import Assessment, Assignment, CourseRun, Enrolment, Submission
from jobs import private_files

State = Submission.State


def action(assessment: Assessment, enrolment: Enrolment) -> asking.Action | None:
    """How the learner goes on with an assignment (hook ``assessment_action``)."""
    assignment = Assignment.objects.filter(assessment=assessment).first()
    if assignment is None:
        return None
    url = reverse("courses:assignment", args=[enrolment.pk, assignment.pk])
    submission = handing_in.submission_of(enrolment=enrolment, assignment=assignment)
    state = State(submission.state) if submission else State.DRAFT
    if submission and state == State.MARKED:
        passed = _passed(submission)
        return asking.Action(_("Passed") if passed else _("Not passed"), url=url, done=True)
    if state == State.HANDED_IN:
        return asking.Action(_("Handed in; the trainer marks it"), url=url, done=True)
    if enrolment.run.state == CourseRun.State.CLOSED:
        return asking.Action(_("The run is closed"), url=url, done=True)
    texts = {
        State.RETURNED: _("Returned for revision: read what the trainer says"),
        State.DRAFT: _("Go on with the assignment") if submission else _("Start the assignment"),
    }
    due_at = setting.due_at(run_id=enrolment.run_id, assignment=assignment)
    detail = (
        _("to be handed in by %(moment)s")
        % {"moment": date_format(timezone.localtime(due_at), "SHORT_DATETIME_FORMAT")}
        if due_at
        else ""
    )
    return asking.Action(texts[state], url=url, detail=detail)


def _passed(submission: Submission) -> bool:
    return submission.enrolment.results.filter(
        assessment__assignment=submission.assignment_id, source="assignment", passed=True
    ).exists()


def for_learner(*, enrolment: Enrolment, assignment: Assignment) -> dict[str, Any]:
    """Context of the learner's page. ``open`` says whether the work can still be changed."""
    submission = handing_in.submission_of(enrolment=enrolment, assignment=assignment)
    closed = enrolment.run.state == CourseRun.State.CLOSED
    in_hand = submission is None or submission.state in Submission.IN_HAND
    due_at = setting.due_at(run_id=enrolment.run_id, assignment=assignment)
    is_open = in_hand and not closed and not enrolment.withdrawn_at
    handed_in = submission if submission and submission.handed_in_at and not is_open else None
    return {
        "enrolment": enrolment,
        "assignment": assignment,
        "submission": submission,
        # What cannot be handed in again any more is shown as it was handed in.
        "text": handed_in.handed_in_text() if handed_in else submission.text if submission else "",
        "files": [
            file
            for file in (submission.files.all() if submission else [])
            if file.handed_in_at or not handed_in
        ],
        "criteria": list(assignment.criteria.all()),
        "highest": setting.highest(assignment),
        "pass_percent": asking.pass_percent(assignment.assessment),
        "open": is_open,
        "closed": closed,
        "due_at": due_at,
        "late": bool(due_at and in_hand and timezone.now() > due_at),
        "kinds": ", ".join(kind.name for kind in private_files.DOCUMENTS),
        "most_megabytes": handing_in.MOST_MEGABYTES,
        "most_files": handing_in.MOST_FILES,
        **(marked(submission) if submission else {}),
    }


def marked(submission: Submission) -> dict[str, Any]:
    """``lines`` of the rubric as marked, their sum as ``score`` of ``possible``, ``passed``."""
    if submission.state != State.MARKED:
        return {}
    lines = [
        {"title": one["title"], "given": Decimal(one["given"]), "most": Decimal(one["most"])}
        for one in submission.marks
    ]
    return {
        "lines": lines,
        "score": sum((line["given"] for line in lines), Decimal(0)),
        "possible": sum((line["most"] for line in lines), Decimal(0)),
        "passed": _passed(submission),
    }


def is_late(submission: Submission) -> bool:
    """Whether it was handed in after the date that was set for its run."""
    due_at = setting.due_at(run_id=submission.enrolment.run_id, assignment=submission.assignment)
    return bool(due_at and submission.handed_in_at and submission.handed_in_at > due_at)
