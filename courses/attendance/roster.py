"""The list of a class meeting: who stands on it, and entering who was there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from courses import completion
from courses.attendance.checking_in import EARLIEST
from courses.attendance.refusing import AttendanceRefused, ReasonNeeded
from courses.models import (
    Attendance,
    AttendanceChange,
    AttendanceSheet,
    CourseRun,
    Enrolment,
    Session,
)

BATCH = 50  # enrolments: well under a second, however much rests on their evidence


@dataclass(frozen=True)
class RosterLine:
    """A learner on the list, and what is entered of the meeting so far."""

    enrolment: Enrolment
    attendance: Attendance | None


@dataclass
class Taken:
    """How many were entered anew, and changed; who stays as somebody else entered meanwhile."""

    entered: int = 0
    changed: int = 0
    overtaken: int = 0

    def add(self, other: "Taken") -> None:
        self.entered += other.entered
        self.changed += other.changed
        self.overtaken += other.overtaken


def on_roster(session: Session) -> QuerySet[Enrolment]:
    """Who is expected: everybody in the run who has not withdrawn, by given name."""
    return (
        Enrolment.objects.filter(run=session.run_id)
        .active()
        .select_related("person", "agency")
        .order_by("person__sort_name", "pk")
    )


def lines(session: Session) -> list[RosterLine]:
    """The list with what is entered. Two statements."""
    entered = {row.enrolment_id: row for row in Attendance.objects.filter(session=session)}
    return [RosterLine(one, entered.get(one.pk)) for one in on_roster(session)]


def enter(
    *,
    session_id: int,
    marks: Mapping[int, bool],
    shown: Mapping[int, bool] | None = None,
    by: Any,
    at: datetime,
    reason: str = "",
    sheet: AttendanceSheet | None = None,
) -> Taken:
    """Enter who was there (True) and who was not (False), by enrolment; again changes nothing.

    ``shown`` is what stood on the list that was filled in. An entry is changed only where it still
    stands as it was shown, and only with a ``reason``; where somebody else entered meanwhile (a
    learner has checked in), that stands. Whoever is not on the list is passed over. With a
    ``sheet`` it is from the signed one. A closed run still takes what its staff enters.

    Raises ReasonNeeded before anything is entered, AttendanceRefused, and Session.DoesNotExist.
    """
    shown = shown or {}
    session = refuse(session_id=session_id, marks=marks, shown=shown, at=at, reason=reason)
    entry = _Entry(session, shown, by, at, reason.strip(), sheet)
    taken = Taken()
    for batch in _batches(sorted(marks)):
        taken.add(entry.take({enrolment_id: marks[enrolment_id] for enrolment_id in batch}))
    return taken


def refuse(
    *,
    session_id: int,
    marks: Mapping[int, bool],
    shown: Mapping[int, bool] | None,
    at: datetime,
    reason: str,
) -> Session:
    """Raise what ``enter`` would raise; otherwise the meeting."""
    session = Session.objects.select_related("run").get(pk=session_id)
    if session.cancelled_at:
        raise AttendanceRefused(_("This class meeting was cancelled."))
    if session.run.state == CourseRun.State.DRAFT:
        raise AttendanceRefused(_("The run is a draft: nobody is enrolled yet."))
    if at < session.starts_at - EARLIEST:
        raise AttendanceRefused(_("This class meeting has not begun yet."))
    changing = any(marks.get(key, before) != before for key, before in (shown or {}).items())
    if changing and not reason.strip():
        raise ReasonNeeded(_("Say why what was entered before changes."))
    return session


def _batches(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


@dataclass(frozen=True)
class _Entry:
    """One act of entering a list."""

    session: Session
    shown: Mapping[int, bool]
    by: Any
    at: datetime
    reason: str
    sheet: AttendanceSheet | None

    def take(self, marks: Mapping[int, bool]) -> Taken:
        taken = Taken()
        with transaction.atomic():
            # In the order of their keys: two lists entered at once do not wait for each other.
            held = list(
                Enrolment.objects.select_for_update(of=("self",))
                .filter(pk__in=marks, run=self.session.run_id)
                .active()
                .order_by("pk")
            )
            standing = {
                row.enrolment_id: row
                for row in Attendance.objects.filter(session=self.session, enrolment__in=held)
            }
            for enrolment in held:
                self._mark(enrolment, marks[enrolment.pk], standing.get(enrolment.pk), taken)
        return taken

    def _mark(
        self, enrolment: Enrolment, present: bool, standing: Attendance | None, taken: Taken
    ) -> None:
        if standing is None:
            Attendance.objects.create(
                session=self.session, enrolment=enrolment, **self._values(present)
            )
            taken.entered += 1
        elif standing.present == present:
            return
        elif self.shown.get(enrolment.pk) != standing.present:
            taken.overtaken += 1
            return
        else:
            AttendanceChange.objects.create(
                attendance=standing,
                at=self.at,
                by=self.by,
                reason=self.reason,
                present=standing.present,
                source=standing.source,
            )
            values = self._values(present) | {"label": Attendance.Label.NONE, "code_at": None}
            Attendance.objects.filter(pk=standing.pk).update(**values)
            taken.changed += 1
        completion.evaluate(enrolment_id=enrolment.pk, at=self.at)

    def _values(self, present: bool) -> dict[str, Any]:
        source = Attendance.Source.SHEET if self.sheet else Attendance.Source.ROSTER
        return {
            "present": present,
            "source": source,
            "entered_at": self.at,
            "entered_by": self.by,
            "sheet": self.sheet,
        }
