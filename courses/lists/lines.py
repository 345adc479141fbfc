"""Pasted lines as cells: out of a spreadsheet with tabs, or typed with semicolons."""

from django.utils.translation import gettext as _

from courses.lists.reading import MOST_COLUMNS, MOST_ROWS, ROWS_ABOVE, Cells
from courses.lists.refusing import FileRefused

LONGEST_TEXT = 2 * 1024 * 1024


def read_lines(text: str) -> Cells:
    """One person a line; what stands in it is divided by tabs, or by semicolons.

    Raises FileRefused.
    """
    if len(text) > LONGEST_TEXT:
        raise FileRefused(
            _("The text is longer than %(limit)s characters.") % {"limit": LONGEST_TEXT}
        )
    lines = text.splitlines()
    if len(lines) > MOST_ROWS + ROWS_ABOVE:
        raise FileRefused(
            _("The list has more than %(limit)s rows: divide it.") % {"limit": MOST_ROWS}
        )
    return [list(_divided(line)[:MOST_COLUMNS]) for line in lines if line.strip()]


def _divided(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split(";")
