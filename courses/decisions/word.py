"""A list for a decision as a Word document (DOCX)."""

import copy
import io
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from courses.decisions.listing import COUNTRY, MOTTO, DecisionList

_FONT = "Times New Roman"
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def write(made: DecisionList) -> bytes:
    document = Document()
    _prepare(document, made)
    _head(document, made)
    for text, bold, italic in (
        (made.title, True, False),
        (made.subtitle, True, False),
        (made.period, False, False),
        (made.attached_to, False, True),
    ):
        _say(document.add_paragraph(), text, bold=bold, italic=italic)
    document.add_paragraph()
    _table(document, made)
    _say(document.add_paragraph(), made.total, italic=True, align=WD_ALIGN_PARAGRAPH.LEFT)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _prepare(document: WordDocument, made: DecisionList) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    section.top_margin = section.bottom_margin = Cm(2)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_after = Pt(2)
    about = document.core_properties
    about.title, about.author = made.title, made.decision.issuing_body
    about.language, about.comments = "vi-VN", ""


def _head(document: WordDocument, made: DecisionList) -> None:
    """Issuing body on the left, country and motto on the right (Decree 30/2020/NĐ-CP)."""
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    if made.decision.parent_body:
        _say(left.paragraphs[0], made.decision.parent_body.upper())
        left.add_paragraph()
    _say(left.paragraphs[-1], made.decision.issuing_body.upper(), bold=True)
    _say(right.paragraphs[0], COUNTRY, bold=True)
    _say(right.add_paragraph(), MOTTO, bold=True, underline=True)
    document.add_paragraph()


def _say(
    paragraph: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
) -> None:
    run = paragraph.add_run(text)
    run.bold, run.italic, run.underline = bold, italic, underline
    paragraph.alignment = align


def _table(document: WordDocument, made: DecisionList) -> None:
    table = document.add_table(rows=2, cols=len(made.columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    width = 25.2 / sum(made.weights)
    for row in table.rows:
        for cell, weight in zip(row.cells, made.weights, strict=True):
            cell.width = Cm(weight * width)
    head, pattern = table.rows
    for cell, name in zip(head.cells, made.columns, strict=True):
        _say(cell.paragraphs[0], name, bold=True)
    repeat = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeat)
    for place, cell in enumerate(pattern.cells):
        align = _CENTRE if place in made.centred else WD_ALIGN_PARAGRAPH.LEFT
        _say(cell.paragraphs[0], "-", align=align)
    # A copied row costs a tenth of one that is built: lists have thousands of lines.
    for line in made.lines:
        row_element = copy.deepcopy(pattern._tr)
        for text, value in zip(row_element.iter(qn("w:t")), line, strict=True):
            text.text = value
        table._tbl.append(row_element)
    table._tbl.remove(pattern._tr)
