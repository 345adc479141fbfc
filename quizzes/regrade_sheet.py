"""What a regrade would change, to take away."""

from typing import Any

from django.utils.translation import gettext as _
from openpyxl.styles import Font

from jobs import workbooks
from quizzes import regrade_preview
from quizzes.models import QuestionVersion


def sheet(*, version: QuestionVersion, user: Any) -> bytes:
    """The preview as XLSX: a line for each attempt that would be graded otherwise."""
    book, page = workbooks.blank(_("Regrade"))
    workbooks.write_row(page, 1, [f"{version.question} – {version}"])[0].font = Font(bold=True)
    headings = [
        _("Full name"),
        _("Agency"),
        _("Course run"),
        _("Test"),
        _("Attempt"),
        _("Mark so far"),
        _("Mark after the regrade"),
        _("Highest possible mark"),
        _("Outcome so far"),
        _("Outcome after the regrade"),
        _("Rests on the pass that is lost"),
    ]
    for cell in workbooks.write_row(page, 3, headings):
        cell.font = Font(bold=True)
    changes = regrade_preview.changes(version_id=version.pk, user=user)
    for line, change in enumerate(changes, start=4):
        workbooks.write_row(page, line, _values(change))
    workbooks.widths(page, (28, 36, 24, 28, 8, 10, 10, 10, 16, 16, 40))
    return workbooks.to_bytes(book)


def _values(change: regrade_preview.Change) -> list[object]:
    attempt, enrolment = change.attempt, change.attempt.enrolment
    return [
        enrolment.person.full_name,
        enrolment.agency.name if enrolment.agency else "",
        enrolment.run.name,
        str(attempt.quiz),
        attempt.number,
        attempt.score,
        change.grade.score,
        attempt.max_score,
        outcome(attempt.passed),
        outcome(change.grade.passed),
        "; ".join(change.resting),
    ]


def outcome(passed: bool | None) -> str:
    if passed is None:
        return _("Waits for marking")
    return _("Passed") if passed else _("Not passed")
