"""The signed attendance sheet: its scan is kept, and the list is entered from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from courses.attendance import roster
from courses.attendance.refusing import AttendanceRefused
from courses.models import AttendanceSheet, Session
from jobs import private_files

LARGEST_MEGABYTES = 10


def keep(*, session_id: int, upload: Any, by: Any, at: datetime) -> AttendanceSheet:
    """Keep the scan of a signed sheet: a PDF, JPEG or PNG by its content.

    Raises AttendanceRefused with the reason, and Session.DoesNotExist.
    """
    session = Session.objects.get(pk=session_id)
    try:
        received = private_files.receive(
            upload, kinds=private_files.SCANS, most_megabytes=LARGEST_MEGABYTES
        )
    except private_files.FileRefused as refused:
        raise AttendanceRefused(str(refused)) from refused
    name = received.keep("attendance")
    try:
        return AttendanceSheet.objects.create(session=session, scan=name, kept_at=at, kept_by=by)
    except DatabaseError:
        private_files.discard(name)
        raise


def enter(
    *,
    session_id: int,
    upload: Any,
    marks: Mapping[int, bool],
    shown: Mapping[int, bool] | None = None,
    by: Any,
    at: datetime,
    reason: str = "",
) -> roster.Taken:
    """Keep the scan and enter who signed; see ``keep`` and ``roster.enter``."""
    roster.refuse(session_id=session_id, marks=marks, shown=shown, at=at, reason=reason)
    sheet = keep(session_id=session_id, upload=upload, by=by, at=at)
    return roster.enter(
        session_id=session_id,
        marks=marks,
        shown=shown,
        by=by,
        at=at,
        reason=reason,
        sheet=sheet,
    )
