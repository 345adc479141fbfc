"""The grid as a workbook: downloaded with the run's learners, filled in, and read again."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Font

from courses.models import Assessment, CourseRun, Enrolment
from courses.paper.entering import in_words
from courses.paper.grid import NotAMark, Row, parse_mark
from jobs import workbooks
from vietnamese.dates import format_date
from vietnamese.text import nfc

MOST_LEARNERS = 6000
_COLUMNS = 6
_FIRST_LINE = 3
_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """What in the workbook is not taken into the grid; ``line`` is the row number in Excel."""

    line: int
    text: str


def template(*, run: CourseRun, assessment: Assessment, rows: list[Row]) -> bytes:
    """A workbook with one line for each learner; the hidden first column says who it is."""
    book, sheet = workbooks.blank(_("Marks"))
    top = workbooks.write_row(sheet, 1, [_key(run, assessment), f"{run.name} – {assessment.title}"])
    head = workbooks.write_row(
        sheet,
        2,
        [
            _("Enrolment number"),
            _("No."),
            _("Full name"),
            _("Date of birth"),
            _("Agency"),
            _("Mark"),
        ],
    )
    for cell in (*top, *head):
        cell.font = Font(bold=True)
    for line, row in enumerate(rows, start=_FIRST_LINE):
        enrolment = row.enrolment
        born = enrolment.person.date_of_birth
        cells = workbooks.write_row(
            sheet,
            line,
            [
                enrolment.pk,
                row.number,
                enrolment.person.full_name,
                format_date(born) if born else "",
                enrolment.agency.name if enrolment.agency else "",
                row.stands.score if row.stands else None,
            ],
        )
        cells[4].alignment = Alignment(wrap_text=True, vertical="top")
    workbooks.widths(sheet, [14, 6, 30, 14, 44, 10])
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = f"A{_FIRST_LINE}"
    return workbooks.to_bytes(book)


def _key(run: CourseRun, assessment: Assessment) -> str:
    return f"{run.pk}/{assessment.pk}"


def fill(
    rows: list[Row], content: bytes, *, run: CourseRun, assessment: Assessment
) -> list[Problem]:
    """Type the marks of a filled-in workbook into the rows; returns what was not taken over.

    Nothing is entered by that. Raises WorkbookRefused for a file of another class or test.
    """
    lines = workbooks.read_rows(
        content, most_rows=MOST_LEARNERS + _FIRST_LINE, most_columns=_COLUMNS
    )
    if not lines or text(lines[0][0] if lines[0] else None) != _key(run, assessment):
        raise workbooks.WorkbookRefused(
            _("This workbook was not made for this run and test: download it here first.")
        )
    by_key = {row.key: row for row in rows}
    seen: set[str] = set()
    problems = []
    for line, values in enumerate(lines[_FIRST_LINE - 1 :], start=_FIRST_LINE):
        key, _number, name, _born, _agency, mark = [*values, *[None] * _COLUMNS][:_COLUMNS]
        if all(value in (None, "") for value in (key, name, mark)):
            continue
        try:
            _take(by_key.get(text(key)), text(name), mark, again=text(key) in seen)
        except NotAMark as wrong:
            problems.append(Problem(line, f"{text(name)[:_SHOWN]}: {wrong}"))
        seen.add(text(key))
    return problems


def check_learner(enrolment: Enrolment | None, name: str, *, again: bool) -> None:
    """Raise NotAMark where a line is not, or not alone, about the learner whom it numbers."""
    if enrolment is None:
        raise NotAMark(_("Nobody of this run has this enrolment number."))
    if again:
        raise NotAMark(_("This learner stands in the workbook twice."))
    known = enrolment.person.full_name
    if nfc(name).casefold() != " ".join(known.split()).casefold():
        raise NotAMark(
            _("In the run the name with this enrolment number is %(name)s.") % {"name": known}
        )


def _take(row: Row | None, name: str, mark: Any, *, again: bool) -> None:
    check_learner(row.enrolment if row else None, name, again=again)
    if row is None or mark in (None, ""):
        return
    try:
        row.typed = in_words(_read(mark))
    except NotAMark as wrong:
        row.typed, row.error = text(mark)[:20], str(wrong)
        raise


def _read(mark: Any) -> Decimal:
    if isinstance(mark, workbooks.Formula):
        raise NotAMark(_("The cell computes; write the mark itself."))
    if isinstance(mark, bool | date):
        raise NotAMark(_("The cell holds no number: Excel may have made a date of it."))
    return parse_mark(f"{mark:.10g}" if isinstance(mark, int | float) else text(mark))


def text(value: Any) -> str:
    """What a cell says, in one line."""
    return " ".join(str("" if value is None else value).split())
