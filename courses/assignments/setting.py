"""Setting an assignment: what is asked, by which rubric it is marked, until when in a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.models import Assessment, Assignment, AssignmentDue, CourseRun, Criterion


class SettingRefused(Exception):
    """Carries the reason, in words for the trainer."""


@dataclass(frozen=True)
class Line:
    """A line of the rubric as it is set."""

    title: str
    marks: Decimal
    description: str = ""


def set_assignment(
    *, assessment: Assessment, instructions: str, rubric: Sequence[Line]
) -> Assignment:
    """The assignment by which the assessment is judged. Raises IntegrityError for a second one."""
    with transaction.atomic():
        assignment: Assignment = Assignment.objects.create(
            assessment=assessment, instructions=instructions
        )
        for order, line in enumerate(rubric, start=1):
            Criterion.objects.create(
                assignment=assignment,
                order=order,
                title=line.title,
                description=line.description,
                marks=line.marks,
            )
    return assignment


def set_due(*, run: CourseRun, assignment: Assignment, due_at: datetime | None) -> None:
    """Until when the learners of a run hand it in; None lifts the date.

    Raises SettingRefused for a date before the run or an assignment of another course.
    """
    if assignment.assessment.course_id != run.course_id:
        raise SettingRefused(_("The assignment belongs to another course."))
    dues = AssignmentDue.objects.filter(run=run, assignment=assignment)
    if due_at is None:
        dues.delete()
        return
    if timezone.localdate(due_at) < run.starts_on:
        raise SettingRefused(_("The day lies before the first day of the run."))
    AssignmentDue.objects.update_or_create(
        run=run, assignment=assignment, defaults={"due_at": due_at}
    )


def due_at(*, run_id: int, assignment: Assignment) -> datetime | None:
    """Until when it is to be handed in in this run, if that is said."""
    found = AssignmentDue.objects.filter(run=run_id, assignment=assignment)
    return found.values_list("due_at", flat=True).first()


def highest(assignment: Assignment) -> Decimal:
    """The sum of the rubric's marks."""
    total: Decimal | None = assignment.criteria.aggregate(total=Sum("marks"))["total"]
    return total or Decimal(0)
