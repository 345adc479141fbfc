"""What happened in an attempt, in the order in which the server learned of it.

Evidence for people: it says what was received and what a device told of itself, and judges nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import User
from quizzes import marking, terms
from quizzes.models import Accommodation, Attempt, AttemptEvent, GradeRevision

Kind = AttemptEvent.Kind
# What the device tells of itself: the time of these events is by its own clock.
OF_THE_DEVICE = (Kind.OFFLINE, Kind.BACK, Kind.LEFT, Kind.RETURNED)


@dataclass(frozen=True)
class Line:
    """One thing that happened; ``time`` is the server's, ``detail`` may be empty."""

    time: datetime
    words: str
    detail: str = ""


def of(attempt: Attempt) -> list[Line]:
    """The trail of an attempt, oldest first. At most six statements; reads quiz and enrolment."""
    lines = [*_own(attempt), *_events(attempt), *_given(attempt), *_grades(attempt)]
    # Stable: what came at the same moment stays in the order above.
    return sorted(lines, key=lambda line: line.time)


def _own(attempt: Attempt) -> Iterator[Line]:
    first = attempt.events.filter(kind=Kind.MORE_TIME).order_by("noted_at").first()
    moved: Any = first.detail if first else None
    end = _time(moved["from"]) if moved else attempt.deadline
    until = _("Time until %(time)s") % {"time": _clock(end)} if end else _("no time limit")
    yield Line(attempt.started_at, _("Started"), until)
    if attempt.submitted_at:
        at_the_end = attempt.submitted_at == attempt.deadline
        yield Line(
            attempt.submitted_at,
            _("Time was over: submitted with what was saved")
            if at_the_end
            else _("Handed in by the learner"),
        )


def _events(attempt: Attempt) -> Iterator[Line]:
    events = list(attempt.events.order_by("noted_at", "kind"))
    restored: list[Any] = [one.detail for one in events if one.kind == Kind.TIME_RESTORED]
    taken_back = [one for detail in restored for one in detail.get("marked", [])]
    keys = {detail["by"] for detail in restored} | {one["marker"] for one in taken_back}
    people = User.objects.select_related("person").in_bulk(keys) if keys else {}
    for event in events:
        detail: Any = event.detail
        if event.kind in OF_THE_DEVICE:
            received = _time((detail or {}).get("received")) or event.noted_at
            by_its_clock = _("at %(time)s by the clock of the device")
            yield Line(
                received,
                event.get_kind_display(),
                by_its_clock % {"time": _clock(event.noted_at)},
            )
        elif event.kind == Kind.MORE_TIME:
            yield Line(event.noted_at, event.get_kind_display(), _moved(detail))
        elif event.kind == Kind.TIME_RESTORED:
            said = {
                "questions": _questions(detail["slots"]),
                "reason": detail["reason"],
                "by": people.get(detail["by"], ""),
            }
            words = _("%(questions)s now counts. Reason: %(reason)s (%(by)s)")
            yield Line(event.noted_at, event.get_kind_display(), words % said)
            for one in detail.get("marked", []):
                by = people.get(one["marker"], "")
                yield Line(event.noted_at, _("Marking taken back"), _taken_back(one, by))
        else:
            yield Line(event.noted_at, event.get_kind_display(), _questions(detail))


def _taken_back(decided: marking.Decided, by: User | str) -> str:
    points = sum((Decimal(given) for given in decided["points"].values()), Decimal(0))
    words = _("%(question)s: %(points)s points (%(by)s, %(time)s)") % {
        "question": _questions(decided["slot"]),
        "points": _mark(points),
        "by": by,
        "time": _clock(_time(decided["marked_at"])),
    }
    return f"{words}. {decided['comment']}" if decided["comment"] else words


def _moved(detail: dict[str, Any]) -> str:
    before, after = _time(detail["from"]), _time(detail["to"])
    words = _("until %(after)s instead of %(before)s") % {
        "after": _clock(after) if after else _("no time limit"),
        "before": _clock(before),
    }
    if "slots" not in detail:
        return words
    counted = _("%(questions)s, received late, counts") % {"questions": _questions(detail["slots"])}
    return f"{words}; {counted}"


def _questions(slots: Any) -> str:
    """``1-3,7`` in words."""
    numbers = str(slots or "")
    if not numbers:
        return ""
    many = 1 if numbers.isdigit() else 2
    return ngettext("question %(numbers)s", "questions %(numbers)s", many) % {
        "numbers": numbers.replace("-", "–").replace(",", ", ")
    }


def _given(attempt: Attempt) -> Iterator[Line]:
    fitting = Accommodation.objects.filter(
        terms.fits(attempt.enrolment), quiz=attempt.quiz_id
    ).select_related("given_by__person", "withdrawn_by__person")
    for one in fitting:
        said = {"what": in_words(one), "reason": one.reason, "by": one.given_by}
        yield Line(
            one.given_at,
            _("Accommodation given %(to)s") % {"to": whom(one)},
            _("%(what)s. Reason: %(reason)s (%(by)s)") % said,
        )
        if one.withdrawn_at:
            yield Line(
                one.withdrawn_at,
                _("Accommodation withdrawn"),
                f"{in_words(one)} ({one.withdrawn_by})",
            )


def whom(accommodation: Accommodation) -> str:
    """To what sort of recipient it is given."""
    if accommodation.person_id:
        return _("to the person")
    return _("to the agency") if accommodation.agency_id else _("to the run")


def in_words(accommodation: Accommodation) -> str:
    """What is given."""
    parts = []
    if minutes := accommodation.extra_minutes:
        words = ngettext("%(count)s minute more", "%(count)s minutes more", minutes)
        parts.append(words % {"count": minutes})
    if attempts := accommodation.extra_attempts:
        words = ngettext("%(count)s attempt more", "%(count)s attempts more", attempts)
        parts.append(words % {"count": attempts})
    if accommodation.closes_at:
        closing = date_format(timezone.localtime(accommodation.closes_at), "SHORT_DATETIME_FORMAT")
        parts.append(_("open until %(time)s") % {"time": closing})
    return ", ".join(parts)


def _grades(attempt: Attempt) -> Iterator[Line]:
    """The first grade, and each that took the place of another."""
    if attempt.submitted_at is None:
        return
    marked = attempt.marking_tasks.aggregate(at=Max("marked_at"))
    revisions = list(attempt.grade_revisions.select_related("by__person"))
    states: list[Attempt | GradeRevision] = [*revisions, attempt]
    if states[0].score is None:
        yield Line(attempt.submitted_at, _("Waits for marking"))
    else:
        graded_at = marked["at"] if marked["at"] and not revisions else attempt.submitted_at
        yield Line(graded_at, _("Graded"), _grade(attempt, states[0]))
    for revision, after in zip(revisions, states[1:], strict=True):
        said = {
            "before": _grade(attempt, revision),
            "after": _grade(attempt, after),
            "reason": revision.reason,
            "by": revision.by or "–",
        }
        yield Line(
            revision.at,
            _("Grade changed"),
            _("%(after)s instead of %(before)s. Reason: %(reason)s (%(by)s)") % said,
        )


def _grade(attempt: Attempt, graded: Attempt | GradeRevision) -> str:
    if graded.score is None:
        return _("waits for marking")
    state = _("passed") if graded.passed else _("not passed")
    return f"{_mark(graded.score)}/{_mark(attempt.max_score)}, {state}"


def _mark(value: Decimal) -> str:
    return str(localize(value.normalize()))


def _time(text: Any) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None


def _clock(time: datetime | None) -> str:
    return timezone.localtime(time).strftime("%H:%M:%S %d/%m/%Y") if time else "–"
