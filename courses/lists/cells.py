"""What stands in one cell: names, dates, addresses as people write them."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from openpyxl.utils.datetime import from_excel

from vietnamese.text import nfc

LONGEST_CELL = 2000
LONGEST_NAME = 120
_EARLIEST = date(1900, 1, 1)
# What Excel keeps as a number of days: from 1910 to 2100.
_DAYS = range(3654, 73051)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:[T ]00:00.*)?")
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBERED = re.compile(r"^\d+\s*[.)]\s*")


class Unreadable(Exception):
    """Carries what is wrong with the cell, in words for people."""


def text(value: Any) -> str:
    """The cell as one line of NFC text without control characters."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = nfc(str(value)[:LONGEST_CELL])
    # Controls, and joiners that nobody sees: two names that look the same must be the same.
    seen = "".join(
        " " if char.isspace() else char
        for char in written
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cn", "Cs")
    )
    return " ".join(seen.split())


def name(value: Any) -> str:
    """A person's name; one in capitals is written as a name. Raises Unreadable."""
    found = _NUMBERED.sub("", text(value))
    if not found:
        raise Unreadable(_("There is no name."))
    if len(found) > LONGEST_NAME:
        raise Unreadable(
            _("The name is longer than %(limit)s characters.") % {"limit": LONGEST_NAME}
        )
    if not found[0].isalpha() or any(char.isdigit() for char in found):
        raise Unreadable(_("“%(text)s” is not a name.") % {"text": found})
    return found.title() if found.isupper() else found


def short(value: Any, *, limit: int) -> str:
    """Text of at most so many characters; the rest is cut off."""
    return text(value)[:limit].strip()


def email(value: Any) -> str:
    """An address, or nothing where it is none. Raises Unreadable for a wrong one."""
    found = text(value).lower()
    if not found:
        return ""
    try:
        validate_email(found)
    except ValidationError as error:
        raise Unreadable(_("“%(text)s” is no e-mail address.") % {"text": found[:80]}) from error
    if len(found) > 254:
        raise Unreadable(_("“%(text)s” is no e-mail address.") % {"text": found[:80]})
    return found


def birth_date(value: Any, *, today: date) -> date | None:
    """A date, written as Excel keeps it or as people write it; None for nothing or only a year.

    Raises Unreadable.
    """
    found = _as_date(value)
    if found is not None and not _EARLIEST <= found < today:
        raise Unreadable(_("“%(text)s” is no date of birth.") % {"text": text(value)[:40]})
    return found


def _as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in _DAYS:
        moment = from_excel(int(value))
        return moment.date() if isinstance(moment, datetime) else None
    written = text(value)
    if not written or _YEAR.fullmatch(written):
        return None
    try:
        if match := _DAY_FIRST.fullmatch(written):
            day, month, year = (int(part) for part in match.groups())
            return date(_full(year), month, day)
        if match := _YEAR_FIRST.fullmatch(written):
            year, month, day = (int(part) for part in match.groups())
            return date(year, month, day)
    except ValueError:
        pass  # 31/02, month 13: said below
    raise Unreadable(_("“%(text)s” is no date of birth.") % {"text": written[:40]})


def _full(year: int) -> int:
    """The year of birth of somebody who works, from two digits."""
    if year >= 100:
        return year
    return 1900 + year if year > 10 else 2000 + year
