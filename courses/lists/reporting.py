"""What became of every row of a list, to take away."""

from django.utils.translation import gettext as _
from openpyxl.styles import Font

from courses.models import EnrolmentList, EnrolmentListRow
from jobs import workbooks


def report(found: EnrolmentList) -> bytes:
    """The report as XLSX: one line for each row that was read."""
    book, sheet = workbooks.blank(_("Enrolment list"))
    workbooks.write_row(sheet, 1, [f"{found.name} – {found.run.name}"])[0].font = Font(bold=True)
    headings = [
        _("Row"),
        _("Full name"),
        _("Date of birth"),
        _("Agency"),
        _("Position"),
        _("E-mail"),
        _("What was found"),
        _("What became of it"),
        _("Person created"),
        _("Note"),
    ]
    for cell in workbooks.write_row(sheet, 3, headings):
        cell.font = Font(bold=True)
    rows = found.rows.select_related("agency").order_by("number")
    for line, row in enumerate(rows.iterator(chunk_size=1000), start=4):
        cells = workbooks.write_row(sheet, line, _values(row))
        cells[2].number_format = "DD/MM/YYYY"
    workbooks.widths(sheet, (6, 28, 14, 36, 24, 28, 24, 24, 12, 40))
    return workbooks.to_bytes(book)


def _values(row: EnrolmentListRow) -> list[object]:
    return [
        row.number,
        row.full_name,
        row.date_of_birth,
        row.agency.name if row.agency else row.agency_text,
        row.position,
        row.email,
        row.get_state_display(),
        row.get_outcome_display() if row.outcome else _("Not enrolled"),
        _("Yes") if row.created_person else "",
        row.note,
    ]
