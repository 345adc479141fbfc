"""Workbooks (XLSX) that people fill in: written so that no cell computes, read with suspicion."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from jobs.spreadsheets import plain

LARGEST_FILE = 5 * 1024 * 1024
_MOST_UNPACKED = 40 * 1024 * 1024
_MOST_PARTS = 500


class WorkbookRefused(Exception):
    """Carries the reason, in words for the person who hands the workbook in."""


class Formula(str):
    """The text of a cell that computes: its value is not known, only what it would compute."""

    __slots__ = ()


def write_row(sheet: Worksheet, row: int, values: Sequence[Any], *, column: int = 1) -> list[Cell]:
    """Put values into a row. Text is text, also where it begins like a formula."""
    cells = []
    for place, value in enumerate(values, start=column):
        cell = sheet.cell(row=row, column=place)
        assert isinstance(cell, Cell)
        cell.value = plain(value, csv=False)
        if isinstance(value, str):
            cell.data_type = "s"
        cells.append(cell)
    return cells


def to_bytes(workbook: Workbook) -> bytes:
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def read_rows(content: bytes, *, most_rows: int, most_columns: int) -> list[list[Any]]:
    """The values of the first sheet, row by row; cells that compute are ``Formula``.

    Raises WorkbookRefused for what is no workbook, unpacks beyond measure, or has more rows.
    """
    _refuse_bombs(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = workbook.worksheets[0]
        cells = sheet.iter_rows(max_row=most_rows + 1, max_col=most_columns)
        rows = [[_value(cell) for cell in row] for row in cells]
        workbook.close()
    except Exception as error:  # openpyxl raises whatever the broken part of a file leads to
        raise WorkbookRefused(_("The file cannot be read as an Excel workbook.")) from error
    while rows and not any(value not in (None, "") for value in rows[-1]):
        rows.pop()
    if len(rows) > most_rows:
        raise WorkbookRefused(
            _("The workbook has more than %(limit)s rows.") % {"limit": most_rows}
        )
    return rows


def _value(cell: Any) -> Any:
    return Formula(cell.value) if cell.data_type == "f" else cell.value


def _refuse_bombs(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 1024 // 1024
        raise WorkbookRefused(_("The file is larger than %(limit)s MB.") % {"limit": limit})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise WorkbookRefused(_("The file is no Excel workbook (.xlsx).")) from error
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise WorkbookRefused(_("The workbook unpacks to more than is read here."))


def blank(title: str) -> tuple[Workbook, Worksheet]:
    """A new workbook with one sheet."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title[:31]
    return workbook, sheet


def widths(sheet: Worksheet, columns: Iterable[float]) -> None:
    """The widths of the columns, from the left, in characters."""
    for place, width in enumerate(columns, start=1):
        sheet.column_dimensions[chr(64 + place)].width = width
