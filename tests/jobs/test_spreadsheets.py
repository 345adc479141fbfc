from datetime import UTC, datetime
from typing import Any

import pytest
from wagtail.admin.views.generic import IndexView

from jobs.models import Heartbeat
from jobs.spreadsheets import SafeSpreadsheetMixin, plain


class Listing(SafeSpreadsheetMixin, IndexView):
    model = Heartbeat
    list_export = ("name", "beat_at")


def rows_of_csv(listing: Any, beats: list[Heartbeat]) -> bytes:
    return b"".join(listing.stream_csv(beats))


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+84", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_begins_like_a_formula_is_text_in_csv(name: str) -> None:
    assert plain(name, csv=True) == f"'{name}"


def test_ordinary_text_and_numbers_are_left_alone() -> None:
    assert plain("Nguyễn Đức", csv=True) == "Nguyễn Đức"
    assert plain(-1, csv=True) == -1
    assert plain("=1", csv=False) == "=1"


def test_control_characters_that_a_workbook_cannot_hold_are_dropped() -> None:
    assert plain("Nguyễn\x0b Đức\x1f", csv=False) == "Nguyễn Đức"


def test_csv_says_that_it_is_utf_8_and_gives_local_time() -> None:
    beat = Heartbeat(name="=1+1", beat_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC))
    written = rows_of_csv(Listing(), [beat])
    assert written.startswith(b"\xef\xbb\xbf")
    assert "'=1+1,2026-11-21 01:30:00" in written.decode("utf-8-sig")
