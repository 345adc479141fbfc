"""The grid of a printed test: a row for each learner, with the variant and the answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import AssessmentResult, Enrolment
from courses.paper.entering import MarksRefused, in_words, standing
from courses.paper.grid import NotAMark, parse_mark
from quizzes.models import PrintedTest
from quizzes.printed import reading
from quizzes.printed.entering import HandedIn, Paper, read, shown

_FIELD = re.compile(r"(?:code|line)-(\d{1,18})", re.ASCII)
_LONGEST_CODE = 10


@dataclass
class Row:
    """``code`` and ``line`` stand in the fields; ``seen`` and ``stood`` when the page was made."""

    number: int
    enrolment: Enrolment
    stands: AssessmentResult | None
    code: str = ""
    line: str = ""
    seen: str = ""
    stood: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        """What the names of the row's fields end with."""
        return str(self.enrolment.pk)

    @property
    def typed(self) -> str:
        return f"{self.code} {self.line}".strip()

    @property
    def change(self) -> str:
        """``added`` or ``corrected`` where what is typed differs from what stands."""
        if self.typed == self.seen or not self.typed:
            return ""
        return "corrected" if self.seen else "added"


def rows(test: PrintedTest, by_code: Mapping[str, Paper]) -> list[Row]:
    """The active learners, ordered by given name, with what stands. Three statements."""
    responses = {response.enrolment_id: response for response in test.responses.all()}
    stand = standing(run=test.run, assessment=test.quiz.assessment)
    learners = (
        Enrolment.objects.active()
        .filter(run=test.run_id)
        .select_related("person", "agency")
        .order_by("person__sort_name", "pk")
    )
    found = []
    for number, enrolment in enumerate(learners, start=1):
        code, line = shown(responses.get(enrolment.pk), by_code)
        result = stand.get(enrolment.pk)
        stood = in_words(result.score) if result else ""
        found.append(Row(number, enrolment, result, code, line, f"{code} {line}".strip(), stood))
    return found


def take(
    posted: Mapping[str, str], into: list[Row], by_code: Mapping[str, Paper]
) -> list[HandedIn]:
    """What was typed and differs from what the page had shown. Raises MarksRefused.

    The rows keep what was typed, and say what is wrong with it.
    """
    by_key = {row.key: row for row in into}
    keys = {field[1]: None for name in posted if (field := _FIELD.fullmatch(name))}
    handed_in, strangers = [], 0
    for key in keys:
        code, line = (posted.get(f"{name}-{key}", "").strip() for name in ("code", "line"))
        seen, row = posted.get(f"seen-{key}", "").strip(), by_key.get(key)
        if f"{code} {line}".strip() == seen:
            continue
        if row is None:
            strangers += 1
            continue
        row.code, row.line = code[:_LONGEST_CODE], line[: reading.LONGEST]
        row.seen, row.stood = seen, posted.get(f"stood-{key}", "").strip()
        row.error = wrong_with(row, by_code)
        if not row.error:
            handed_in.append(_handed_in(row))
    wrong_rows = {row.enrolment.pk: row.error for row in into if row.error}
    reasons = []
    if strangers:
        reasons.append(
            ngettext(
                "%(count)s paper belongs to somebody who is no learner of this run (any more).",
                "%(count)s papers belong to people who are no learners of this run (any more).",
                strangers,
            )
            % {"count": strangers}
        )
    if reasons or wrong_rows:
        raise MarksRefused(*reasons, rows=wrong_rows)
    return handed_in


def wrong_with(row: Row, by_code: Mapping[str, Paper]) -> str:
    """Why what was typed in a row cannot be entered, in words; empty if it can."""
    if not row.typed:
        return _("A paper that was entered cannot be emptied, only corrected.")
    if not row.line:
        return _("The answers are missing; write - for an empty paper.")
    try:
        read(code=row.code, line=row.line, by_code=by_code)
    except reading.Unreadable as unreadable:
        return str(unreadable)
    return ""


def _handed_in(row: Row) -> HandedIn:
    return HandedIn(row.enrolment.pk, row.code, row.line, row.seen, _mark(row.stood))


def _mark(text: str) -> Decimal | None:
    """The mark that the page had shown; one that no page shows is as good as none."""
    try:
        return parse_mark(text) if text else None
    except NotAMark:
        return None
