"""The register book as an Excel workbook (XLSX), written row by row."""

from datetime import date
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from certificates.models import Register
from certificates.register.book import listing
from jobs.spreadsheets import plain

_WIDTHS = (12, 22, 26, 12, 34, 40, 12, 30, 40, 18)


def write(file: IO[bytes], *, register: Register, year: int, on: date) -> None:
    """Write the book of a year. Text is text, also where it begins like a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(f"Sổ gốc {year}")
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHIJ"[place]].width = width
    sheet.freeze_panes = "A2"
    heads = [WriteOnlyCell(sheet, value=head) for head in listing.COLUMNS]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for line in listing.lines(register=register, year=year, on=on):
        cells = [WriteOnlyCell(sheet, value=plain(text, csv=False)) for text in line.texts]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    book.save(file)
