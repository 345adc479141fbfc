"""The grid of a printed test as a workbook: downloaded with the names, filled in, read again."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Font

from courses.paper.grid import NotAMark
from courses.paper.workbook import MOST_LEARNERS, Problem, check_learner, text
from jobs import workbooks
from quizzes.models import PrintedTest
from quizzes.printed import reading
from quizzes.printed.grid import Row
from vietnamese.dates import format_date

_COLUMNS = 7
_FIRST_LINE = 3
_SHOWN = 60


def template(test: PrintedTest, rows: list[Row]) -> bytes:
    """A workbook with one line for each learner; the hidden first column says who it is."""
    book, sheet = workbooks.blank(_("Answers"))
    top = workbooks.write_row(sheet, 1, [_key(test), f"{test.run.name} – {test.quiz.assessment}"])
    head = workbooks.write_row(
        sheet,
        2,
        [
            _("Enrolment number"),
            _("No."),
            _("Full name"),
            _("Date of birth"),
            _("Agency"),
            _("Variant"),
            _("Answers"),
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
                row.code,
                row.line,
            ],
        )
        cells[4].alignment = Alignment(wrap_text=True, vertical="top")
        for cell in cells[5:]:
            cell.number_format = "@"  # or Excel makes numbers and dates of what is typed
    workbooks.widths(sheet, [14, 6, 30, 14, 44, 10, 60])
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = f"A{_FIRST_LINE}"
    return workbooks.to_bytes(book)


def _key(test: PrintedTest) -> str:
    return f"{test.run_id}/{test.quiz_id}/{test.pk}"


def fill(rows: list[Row], content: bytes, *, test: PrintedTest) -> list[Problem]:
    """Type the answers of a filled-in workbook into the rows; returns what was not taken over.

    Nothing is entered by that. Raises WorkbookRefused for a file of another class or test.
    """
    lines = workbooks.read_rows(
        content, most_rows=MOST_LEARNERS + _FIRST_LINE, most_columns=_COLUMNS
    )
    if not lines or text(lines[0][0] if lines[0] else None) != _key(test):
        raise workbooks.WorkbookRefused(
            _("This workbook was not made for this run and test: download it here first.")
        )
    by_key = {row.key: row for row in rows}
    seen: set[str] = set()
    problems = []
    for number, values in enumerate(lines[_FIRST_LINE - 1 :], start=_FIRST_LINE):
        padded = [*values, *[None] * _COLUMNS][:_COLUMNS]
        key, _number, name, _born, _agency, code, line = padded
        if all(value in (None, "") for value in (key, name, code, line)):
            continue
        try:
            row = by_key.get(text(key))
            check_learner(row.enrolment if row else None, text(name), again=text(key) in seen)
            if row and not all(value in (None, "") for value in (code, line)):
                row.code, row.line = _read(code)[:10], _read(line)[: reading.LONGEST]
        except NotAMark as wrong:
            problems.append(Problem(number, f"{text(name)[:_SHOWN]}: {wrong}"))
        seen.add(text(key))
    return problems


def _read(value: Any) -> str:
    if isinstance(value, workbooks.Formula):
        raise NotAMark(_("The cell computes; write the answers themselves."))
    if isinstance(value, bool | date):
        raise NotAMark(_("Excel has made something else of the answers; format the cell as text."))
    return f"{value:.10g}" if isinstance(value, float) else text(value)
