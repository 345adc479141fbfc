"""Spreadsheets that people take away: readable by Excel, and no cell is ever a formula."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from wagtail.admin.views.mixins import SpreadsheetExportMixin

# What Excel and LibreOffice take for the beginning of a formula (OWASP, "CSV injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# What XML has no place for, besides the control characters that openpyxl knows of.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class SafeSpreadsheetMixin(SpreadsheetExportMixin):
    """For Wagtail's listing views, before them in the list of bases.

    Wagtail writes formulas to XLSX as text already. Added here: text that begins like a formula
    gets an apostrophe in CSV, control characters that XLSX cannot hold are dropped, moments are
    local and not UTC, and CSV says that it is UTF-8, which Excel would not guess.
    """

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            value = timezone.localtime(value).replace(tzinfo=None, microsecond=0)
        written = super().preprocess_field_value(field, value, export_format)
        return plain(written, csv=export_format == self.FORMAT_CSV)

    def stream_csv(self, queryset: Any) -> Iterator[bytes]:
        yield _BYTE_ORDER_MARK
        yield from super().stream_csv(queryset)


def plain(value: Any, *, csv: bool) -> Any:
    """Text as a spreadsheet shows it and never computes it; anything else unchanged."""
    if not isinstance(value, str):
        return value
    text = _NOT_IN_XML.sub("", ILLEGAL_CHARACTERS_RE.sub("", value))
    return f"'{text}" if csv and text.startswith(_FORMULA_STARTS) else text
