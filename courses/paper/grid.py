"""The grid of a paper test: one row for each learner of the run, as shown and as typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import Assessment, AssessmentResult, CourseRun, Enrolment
from courses.paper.entering import Mark, MarksRefused, in_words, standing

_MARK = re.compile(r"\d{1,5}(?:[.,]\d{1,2})?", re.ASCII)
_FIELD = re.compile(r"mark-(\d{1,18})", re.ASCII)
_LONGEST = 20


class NotAMark(ValueError):
    """Carries the reason, in words."""


@dataclass
class Row:
    """``typed`` is what stands in the field, ``seen`` the mark that stood when the page was made.

    Both are text; empty is not entered.
    """

    number: int
    enrolment: Enrolment
    stands: AssessmentResult | None
    typed: str = ""
    seen: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        """What the names of the row's fields end with."""
        return str(self.enrolment.pk)

    @property
    def change(self) -> str:
        """``added`` or ``corrected`` where what is typed differs from what stands."""
        if self.typed == self.seen or not self.typed:
            return ""
        return "corrected" if self.seen else "added"


def rows(*, run: CourseRun, assessment: Assessment) -> list[Row]:
    """The active learners, ordered by given name, with the marks that stand. Two statements."""
    stand = standing(run=run, assessment=assessment)
    learners = (
        Enrolment.objects.active()
        .filter(run=run)
        .select_related("person", "agency")
        .order_by("person__sort_name", "pk")
    )
    found = []
    for number, enrolment in enumerate(learners, start=1):
        result = stand.get(enrolment.pk)
        mark = in_words(result.score) if result else ""
        found.append(Row(number, enrolment, result, typed=mark, seen=mark))
    return found


def parse_mark(text: str) -> Decimal:
    """A mark as people write it, with comma or point. Raises NotAMark."""
    if not _MARK.fullmatch(text):
        raise NotAMark(_("This is no mark: write a number such as 7 or 7,5."))
    return Decimal(text.replace(",", "."))


def take(posted: Mapping[str, str], into: list[Row]) -> list[Mark]:
    """What was typed and differs from what the page had shown. Raises MarksRefused.

    The rows keep what was typed, and say what is wrong with it.
    """
    by_key = {row.key: row for row in into}
    marks, strangers = [], 0
    for name, value in posted.items():
        field = _FIELD.fullmatch(name)
        if field is None:
            continue
        typed, seen = value.strip(), posted.get(f"seen-{field[1]}", "").strip()
        row = by_key.get(field[1])
        if typed == seen:
            continue
        if row is None:
            strangers += 1
            continue
        row.typed, row.seen = typed[:_LONGEST], seen[:_LONGEST]
        try:
            marks.append(_mark(row, typed))
        except NotAMark as wrong:
            row.error = str(wrong)
    wrong_rows = {row.enrolment.pk: row.error for row in into if row.error}
    reasons = []
    if strangers:
        reasons.append(
            ngettext(
                "%(count)s mark belongs to somebody who is no learner of this run (any more).",
                "%(count)s marks belong to people who are no learners of this run (any more).",
                strangers,
            )
            % {"count": strangers}
        )
    if reasons or wrong_rows:
        raise MarksRefused(*reasons, rows=wrong_rows)
    return marks


def _mark(row: Row, typed: str) -> Mark:
    if not typed:
        raise NotAMark(_("A mark that was entered cannot be emptied, only corrected."))
    seen = parse_mark(row.seen) if row.seen else None
    return Mark(row.enrolment.pk, parse_mark(typed), seen)
