"""Entering the marks of a paper test: all of a sheet, or none of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import asking
from courses.models import (
    Assessment,
    AssessmentResult,
    Course,
    CourseRun,
    Enrolment,
    ResultSheet,
)
from courses.results import record_result
from jobs import private_files

MOST_MARKS = 300  # changed at once: they are one transaction
LARGEST_MARK = Decimal(1000)
FOLDER = "paper"


class MarksRefused(Exception):
    """Nothing was entered: ``reasons`` about the sheet, ``rows`` by enrolment, in words."""

    def __init__(self, *reasons: str, rows: dict[int, str] | None = None) -> None:
        self.reasons, self.rows = reasons, rows or {}
        super().__init__(" ".join([*reasons, *self.rows.values()]))


@dataclass(frozen=True)
class Mark:
    """A learner's mark as typed; ``seen`` is the mark that stood there for the person typing.

    A mark that was computed says itself whether it passes, decided before it was rounded.
    """

    enrolment_id: int
    score: Decimal
    seen: Decimal | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Entered:
    """What was done; ``sheet`` is None where nothing was new."""

    sheet: ResultSheet | None = None
    added: int = 0
    corrected: int = 0


@dataclass
class _Sorted:
    """Marks by what they do, and why some cannot be entered."""

    added: list[Mark] = field(default_factory=list)
    corrected: list[Mark] = field(default_factory=list)
    wrong: dict[int, str] = field(default_factory=dict)
    stand: dict[int, AssessmentResult] = field(default_factory=dict)


def tests_of(run: CourseRun) -> QuerySet[Assessment]:
    """What can be tested on paper in a run: the assessments of its course and of the lessons of
    this, but assignments."""
    own = Assessment.objects.of_courses(Course.objects.filter(pk=run.course_id))
    return own.filter(assignment__isnull=True).order_by("pk")


def standing(*, run: CourseRun, assessment: Assessment) -> dict[int, AssessmentResult]:
    """The results on paper that stand in a run, by enrolment."""
    found = AssessmentResult.objects.filter(
        enrolment__run=run, assessment=assessment, source=AssessmentResult.Source.PAPER
    )
    return {result.enrolment_id: result for result in found}


def passes(*, score: Decimal, max_score: Decimal, pass_percent: int) -> bool:
    return score * 100 >= max_score * pass_percent


def enter_marks(
    *,
    run_id: int,
    assessment_id: int,
    taken_on: date,
    max_score: Decimal,
    marks: Sequence[Mark],
    at: datetime,
    by: Any = None,
    reason: str = "",
    scan: private_files.Received | None = None,
) -> Entered:
    """Enter the marks of a test held on that day; marks that stand already change nothing.

    A mark that stood and was seen is corrected, which needs a reason. Raises MarksRefused with
    everything that is wrong, and then nothing was entered.
    """
    name = scan.keep(FOLDER) if scan else ""
    entered = Entered()
    try:
        with transaction.atomic():
            # The lock lets two people enter the same sheet one after the other.
            run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
            assessment = tests_of(run).get(pk=assessment_id)
            _check_sheet(run, taken_on=taken_on, max_score=max_score, at=at)
            found = _sort(run, assessment, marks, taken_on=taken_on, max_score=max_score)
            _check_marks(found, reason=reason)
            sheets = ResultSheet.objects.filter(run=run, assessment=assessment)
            new_scan = scan and not sheets.filter(scan_hash=scan.hash).exists()
            if found.added or found.corrected or new_scan:
                sheet = ResultSheet.objects.create(
                    run=run,
                    assessment=assessment,
                    decided_at=_noon(taken_on, at),
                    max_score=max_score,
                    reason=reason if found.corrected else "",
                    scan=name,
                    scan_hash=scan.hash if scan else "",
                    entered_at=at,
                    entered_by=by,
                )
                _record(sheet, found, by=by)
                entered = Entered(sheet, len(found.added), len(found.corrected))
    finally:
        if name and entered.sheet is None:
            private_files.discard(name)
    return entered


def _noon(day: date, at: datetime) -> datetime:
    """A test has a day and no hour; it is never later than its entry."""
    return min(timezone.make_aware(datetime.combine(day, time(12))), at)


def _check_sheet(run: CourseRun, *, taken_on: date, max_score: Decimal, at: datetime) -> None:
    reasons = []
    if run.state == CourseRun.State.DRAFT:
        reasons.append(_("The run is a draft: nobody learns in it yet."))
    if taken_on > timezone.localdate(at):
        reasons.append(_("The day of the test lies in the future."))
    elif taken_on < run.starts_on:
        reasons.append(_("The day of the test lies before the first day of the run."))
    elif run.closed_at and taken_on > timezone.localdate(run.closed_at):
        reasons.append(_("The run was closed before that day."))
    if not 0 < max_score <= LARGEST_MARK:
        reasons.append(
            _("The highest possible mark is more than 0 and at most %(limit)s.")
            % {"limit": LARGEST_MARK}
        )
    if reasons:
        raise MarksRefused(*reasons)


def _sort(
    run: CourseRun,
    assessment: Assessment,
    marks: Sequence[Mark],
    *,
    taken_on: date,
    max_score: Decimal,
) -> _Sorted:
    learners = set(Enrolment.objects.active().filter(run=run).values_list("pk", flat=True))
    often = Counter(mark.enrolment_id for mark in marks)
    found = _Sorted(stand=standing(run=run, assessment=assessment))
    for mark in marks:
        key, before = mark.enrolment_id, found.stand.get(mark.enrolment_id)
        if key not in learners:
            found.wrong[key] = _("This person is not a learner of this run (any more).")
        elif often[key] > 1:
            found.wrong[key] = _("This learner has two marks.")
        elif not 0 <= mark.score <= max_score:
            found.wrong[key] = _("The mark lies outside 0 to %(highest)s.") % {
                "highest": in_words(max_score)
            }
        elif before is None:
            found.added.append(mark)
        elif (before.score, before.max_score) == (mark.score, max_score) and timezone.localdate(
            before.decided_at
        ) == taken_on:
            continue
        elif before.score != mark.seen:
            found.wrong[key] = _("Meanwhile %(mark)s was entered; look at it first.") % {
                "mark": in_words(before.score)
            }
        else:
            found.corrected.append(mark)
    return found


def _check_marks(found: _Sorted, *, reason: str) -> None:
    reasons = []
    if found.corrected and not reason.strip():
        reasons.append(_("A mark that was entered before is only corrected with a reason."))
    if len(found.added) + len(found.corrected) > MOST_MARKS:
        reasons.append(
            _("More than %(limit)s marks cannot be entered at once; do it in parts.")
            % {"limit": MOST_MARKS}
        )
    if reasons or found.wrong:
        raise MarksRefused(*reasons, rows=found.wrong)


def _record(sheet: ResultSheet, found: _Sorted, *, by: Any) -> None:
    percent = asking.pass_percent(sheet.assessment)
    changed = []
    for mark in [*found.added, *found.corrected]:
        result = record_result(
            enrolment_id=mark.enrolment_id,
            assessment_id=sheet.assessment_id,
            source=AssessmentResult.Source.PAPER,
            score=mark.score,
            max_score=sheet.max_score,
            passed=passes(score=mark.score, max_score=sheet.max_score, pass_percent=percent)
            if mark.passed is None
            else mark.passed,
            decided_at=_moment(sheet, found.stand.get(mark.enrolment_id)),
            at=sheet.entered_at,
            by=by,
            reason=sheet.reason,
        )
        changed.append(result.pk)
    AssessmentResult.objects.filter(pk__in=changed).update(sheet=sheet)


def _moment(sheet: ResultSheet, before: AssessmentResult | None) -> datetime:
    """What is corrected without its day keeps its moment."""
    if before and timezone.localdate(before.decided_at) == timezone.localdate(sheet.decided_at):
        return before.decided_at
    return sheet.decided_at


def in_words(mark: Decimal) -> str:
    """A mark as people write it: 7,5 and 8."""
    return f"{mark.normalize():f}".replace(".", ",")
