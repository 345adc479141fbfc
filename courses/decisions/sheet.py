"""A list for a decision as an Excel workbook (XLSX)."""

from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.properties import PageSetupProperties

from courses.decisions.listing import COUNTRY, MOTTO, DecisionList
from jobs import workbooks

_LINE = Side(style="thin")
_FONT = "Times New Roman"


def write(made: DecisionList) -> bytes:
    book, sheet = workbooks.blank("Danh sách")
    wide = len(made.columns)
    half = max(1, wide // 2)
    decision = made.decision
    for row, (left, right) in enumerate(
        ((decision.parent_body.upper(), COUNTRY), (decision.issuing_body.upper(), MOTTO)), start=1
    ):
        workbooks.write_row(sheet, row, [left])
        workbooks.write_row(sheet, row, [right], column=half + 1)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=half)
        sheet.merge_cells(start_row=row, end_row=row, start_column=half + 1, end_column=wide)
        for column in (1, half + 1):
            cell = sheet.cell(row=row, column=column)
            cell.font = Font(name=_FONT, size=12, bold=row == 2 or column > 1)
            cell.alignment = Alignment(horizontal="center", wrap_text=True)
    texts = (made.title, made.subtitle, made.period, made.attached_to)
    for row, text in enumerate(texts, start=4):
        workbooks.write_row(sheet, row, [text])
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=wide)
        cell = sheet.cell(row=row, column=1)
        cell.font = Font(name=_FONT, size=13, bold=row < 6, italic=row == 7)
        cell.alignment = Alignment(horizontal="center")
    head = len(texts) + 5
    for row, values in enumerate((made.columns, *made.lines), start=head):
        typed = [int(values[0]), *values[1:]] if row > head else list(values)
        for place, cell in enumerate(workbooks.write_row(sheet, row, typed)):
            centred = row == head or place in made.centred
            cell.font = Font(name=_FONT, size=12, bold=row == head)
            cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
            cell.alignment = Alignment(
                horizontal="center" if centred else "left", vertical="center", wrap_text=True
            )
    workbooks.write_row(sheet, head + len(made.lines) + 1, [made.total])
    workbooks.widths(sheet, [weight * 12 for weight in made.weights])
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.freeze_panes = f"A{head + 1}"
    return workbooks.to_bytes(book)
