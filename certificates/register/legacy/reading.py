"""From the cells of an Excel file to paper certificates: the header is looked for, each row below
it is a certificate."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from courses.lists import cells
from courses.lists.cells import Unreadable
from courses.lists.refusing import FileRefused
from jobs import workbooks
from vietnamese.text import fold

MOST_ROWS = 2000
MOST_COLUMNS = 40
ROWS_ABOVE = 30  # a title and some lines about the body stand above the table
LONGEST_NUMBER = 60
_EARLIEST = date(1990, 1, 1)
# Folded headings; a heading may go on after it ("Ngày cấp (dd/mm/yyyy)").
_HEADINGS = {
    "number": ("so hieu", "so giay chung nhan", "so gcn", "so chung nhan", "certificate number"),
    "name": ("ho va ten", "ho ten", "ho, ten", "full name", "name"),
    "born": ("ngay sinh", "ngay, thang, nam sinh", "ngay thang nam sinh", "date of birth"),
    "course": ("khoa dao tao", "ten khoa", "khoa hoc", "noi dung dao tao", "course"),
    "issued": ("ngay cap", "ngay vao so", "ngay ky", "issued on", "date of issue"),
    "agency": ("co quan", "don vi", "noi cong tac", "agency", "workplace"),
}
_NEEDED = ("number", "name", "course", "issued")


@dataclass(frozen=True)
class Paper:
    """A paper certificate as written in row ``row``; ``problem`` says why it cannot be entered."""

    row: int
    number: str
    full_name: str
    course_title: str = ""
    issued_on: date | None = None
    date_of_birth: date | None = None
    agency: str = ""
    problem: str = ""


def read(content: bytes, *, today: date) -> list[Paper]:
    """The certificates of an XLSX file, which may be anything. Raises FileRefused."""
    try:
        rows = workbooks.read_rows(
            content, most_rows=MOST_ROWS + ROWS_ABOVE, most_columns=MOST_COLUMNS
        )
    except workbooks.WorkbookRefused as refused:
        raise FileRefused(str(refused)) from refused
    above, columns = _find_header(rows)
    found = [
        _paper(number, row, columns, today)
        for number, row in enumerate(rows[above:], start=above + 1)
        if _text(row, columns, "number") or _text(row, columns, "name")
    ]
    if not found:
        raise FileRefused(_("There is no certificate in the list."))
    if len(found) > MOST_ROWS:
        raise FileRefused(
            _("The list has more than %(limit)s rows: divide it.") % {"limit": MOST_ROWS}
        )
    return found


def _find_header(rows: list[list[Any]]) -> tuple[int, dict[str, int]]:
    best: dict[str, int] = {}
    for place, row in enumerate(rows[:ROWS_ABOVE]):
        columns = _columns(row)
        if all(kind in columns for kind in _NEEDED):
            return place + 1, columns
        best = max(best, columns, key=len)
    missing = {"number": _("number"), "name": _("full name"), "course": _("course")}
    missing["issued"] = _("date of issue")
    names = ", ".join(missing[kind] for kind in _NEEDED if kind not in best)
    raise FileRefused(_("These headings were not found: %(names)s") % {"names": names})


def _columns(row: list[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, value in enumerate(row):
        heading = fold(cells.text(value)) if isinstance(value, str) else ""
        for kind, headings in _HEADINGS.items():
            if heading.startswith(headings) and kind not in found:
                found[kind] = index
                break
    return found


def _value(row: list[Any], columns: dict[str, int], kind: str) -> Any:
    place = columns.get(kind, len(row))
    value = row[place] if place < len(row) else None
    return None if isinstance(value, workbooks.Formula) else value


def _text(row: list[Any], columns: dict[str, int], kind: str) -> str:
    return cells.text(_value(row, columns, kind))


def _paper(number: int, row: list[Any], columns: dict[str, int], today: date) -> Paper:
    def value(kind: str) -> Any:
        return _value(row, columns, kind)

    written = cells.text(value("number"))
    try:
        if not written or len(written) > LONGEST_NUMBER:
            raise Unreadable(_("There is no number, or it is too long."))
        course = cells.short(value("course"), limit=300)
        if not course:
            raise Unreadable(_("The course is missing."))
        return Paper(
            row=number,
            number=written,
            full_name=cells.name(value("name")),
            course_title=course,
            issued_on=_issued_on(value("issued"), today),
            date_of_birth=cells.birth_date(value("born"), today=today),
            agency=cells.short(value("agency"), limit=300),
        )
    except Unreadable as reason:
        name = cells.text(value("name"))
        return Paper(row=number, number=written, full_name=name, problem=str(reason))


def _issued_on(value: Any, today: date) -> date:
    try:
        found = cells.birth_date(value, today=today + timedelta(days=1))
    except Unreadable:
        found = None
    if found is None or found < _EARLIEST:
        raise Unreadable(
            _("“%(text)s” is no date of issue: it needs day, month and the whole year.")
            % {"text": cells.text(value)[:40]}
        )
    return found
