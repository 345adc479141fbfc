"""From cells to people: the header is looked for, each row below it is a person."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from courses.lists import cells
from courses.lists.refusing import FileRefused
from jobs import workbooks
from vietnamese.text import fold

# Folded headings; a heading may go on after it ("Ngày sinh (dd/mm/yyyy)").
_HEADINGS: dict[str, list[str]] = {
    "name": "ho va ten|ho ten|ho, ten|hoc vien|full name|name".split("|"),
    "family": "ho va chu dem|ho va ten dem|ho dem|ho lot|ho|family name".split("|"),
    "given": "ten|given name".split("|"),
    "born": (
        "ngay sinh|ngay, thang, nam sinh|ngay thang nam sinh|nam sinh|sinh ngay"
        "|date of birth|birth date|birthday|dob"
    ).split("|"),
    "agency": (
        "co quan|don vi|noi cong tac|ten co quan|agency|organisation|organization|workplace|unit"
    ).split("|"),
    "position": "chuc vu|chuc danh|vi tri|position|job title|title".split("|"),
    "email": "email|e-mail|thu dien tu|dia chi email".split("|"),
}
# Birth dates often stand in a column for men and one for women.
_OF_ONE_SEX = re.compile(r"\b(nam|nu|male|female)\)?$")
_OF_BOTH = ({"nam", "nu"}, {"male", "female"})
# Without a header, pasted lines are read in this order.
_ORDER = ("name", "born", "agency", "position", "email")

MOST_ROWS = 10_000
MOST_COLUMNS = 40
# A title and some lines about the agency stand above the table.
ROWS_ABOVE = 30

Cells = list[list[Any]]
Columns = dict[str, list[int]]


@dataclass(frozen=True)
class Line:
    """One person as written; ``problem`` says why nobody can be enrolled by it."""

    number: int
    full_name: str
    date_of_birth: date | None = None
    agency: str = ""
    position: str = ""
    email: str = ""
    note: str = ""
    problem: str = ""


def read_workbook(content: bytes) -> Cells:
    """The cells of an XLSX file, which may be anything. Raises FileRefused."""
    try:
        return workbooks.read_rows(
            content, most_rows=MOST_ROWS + ROWS_ABOVE, most_columns=MOST_COLUMNS
        )
    except workbooks.WorkbookRefused as refused:
        raise FileRefused(str(refused)) from refused


def read_people(rows: Cells, *, today: date, header_needed: bool = True) -> list[Line]:
    """Everybody in the rows, numbered as in the sheet. Raises FileRefused."""
    header = _find_header(rows)
    if header is None:
        if header_needed:
            raise FileRefused(
                _("No heading for the full name was found in the first rows of the sheet.")
            )
        above, columns = 0, _without_header(rows)
    else:
        place, columns = header
        above = place + 1
        if born := _for_men_and_women(rows[above : above + 1], columns):
            columns["born"], above = born, above + 1
    found = [
        _line(number, row, columns, today)
        for number, row in enumerate(rows[above:], start=above + 1)
        if _is_person(row, columns)
    ]
    if not found:
        raise FileRefused(_("There is nobody in the list."))
    if len(found) > MOST_ROWS:
        raise FileRefused(
            _("The list has more than %(limit)s rows: divide it.") % {"limit": MOST_ROWS}
        )
    return found


def _find_header(rows: Cells) -> tuple[int, Columns] | None:
    found = [
        (place, columns)
        for place, columns in enumerate(map(_columns, rows[:ROWS_ABOVE]))
        if "name" in columns or {"family", "given"} <= columns.keys()
    ]
    # A title above the table ("Học viên lớp …") stands alone in its row.
    return next((one for one in found if len(one[1]) > 1), found[0] if found else None)


def _columns(row: list[Any]) -> Columns:
    found: Columns = {}
    for index, value in enumerate(row):
        heading = fold(cells.text(value)) if isinstance(value, str) else ""
        kind = _kind_of(heading) if heading else None
        if kind and kind not in found:
            found[kind] = [index]
        elif kind == "born" and _OF_ONE_SEX.search(heading):
            found[kind].append(index)
    if "name" in found:
        found.pop("family", None)
        found.pop("given", None)
        # "Họ và tên" is often one heading over two columns.
        beside = found["name"][0] + 1
        if beside < len(row) and not cells.text(row[beside]):
            found["name"].append(beside)
    return found


def _for_men_and_women(below: Cells, columns: Columns) -> list[int]:
    """The two columns of birth dates where a second row of headings tells them apart."""
    both = [place for first in columns.get("born", [])[:1] for place in (first, first + 1)]
    headings = {fold(cells.text(row[place])) for row in below for place in both if place < len(row)}
    return both if headings in _OF_BOTH else []


def _kind_of(heading: str) -> str | None:
    for kind, headings in _HEADINGS.items():
        if heading in headings:
            return kind
    for kind, headings in _HEADINGS.items():
        # A short heading ("ho", "ten") must stand alone: "tên lớp" is no name.
        if any(len(one) > 4 and heading.startswith(one) for one in headings):
            return kind
    return None


def _without_header(rows: Cells) -> Columns:
    """In the usual order, perhaps after a column of numbers."""
    first = 1 if all(cells.text(row[0]).rstrip(".").isdigit() for row in rows if row) else 0
    return {kind: [first + place] for place, kind in enumerate(_ORDER)}


def _values(row: list[Any], columns: Columns, kind: str) -> list[Any]:
    return [row[place] for place in columns.get(kind, []) if place < len(row)]


def _full_name(row: list[Any], columns: Columns) -> str:
    parts = [
        cells.text(value)
        for kind in ("family", "given", "name")
        for value in _values(row, columns, kind)
    ]
    return " ".join(part for part in parts if part)


def _is_person(row: list[Any], columns: Columns) -> bool:
    """Whether anybody is meant: empty rows stand in every sheet."""
    born = _values(row, columns, "born")
    return bool(_full_name(row, columns) or any(cells.text(value) for value in born))


def _line(number: int, row: list[Any], columns: Columns, today: date) -> Line:
    problems: list[str] = []

    def read(kind: str, parse: Callable[[Any], Any]) -> Any:
        """The cell; what is wrong with it is noted, and it counts as empty."""
        values = [value for value in _values(row, columns, kind) if cells.text(value)]
        try:
            if len(values) > 1:
                raise cells.Unreadable(_("There are two dates of birth."))
            return parse(values[0]) if values else None
        except cells.Unreadable as unreadable:
            problems.append(str(unreadable))
            return None

    try:
        full_name = cells.name(_full_name(row, columns))
    except cells.Unreadable as unreadable:
        written = cells.short(_full_name(row, columns), limit=cells.LONGEST_NAME)
        return Line(number, written, problem=str(unreadable))
    born = read("born", lambda value: cells.birth_date(value, today=today))
    problem = problems[0] if problems else ""
    email = read("email", cells.email) or ""
    note = problems[-1] if len(problems) > bool(problem) else ""
    return Line(
        number=number,
        full_name=full_name,
        date_of_birth=born,
        agency=read("agency", lambda value: cells.short(value, limit=200)) or "",
        position=read("position", lambda value: cells.short(value, limit=120)) or "",
        email=email,
        note=note,
        problem=problem,
    )
