"""Entering what a class answered on paper: each line is graded and becomes a mark on paper."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from courses.models import CourseRun
from courses.paper.entering import Entered, Mark, MarksRefused, enter_marks
from jobs import private_files
from quizzes import grading
from quizzes.models import KeyCorrection, PrintedResponse, PrintedTest, PrintedVariant
from quizzes.printed import reading


@dataclass(frozen=True)
class HandedIn:
    """A learner's paper as typed: the code of its variant, and the answers in one line.

    ``seen`` is what stood there for the person typing (variant and line, a space between them;
    empty where nothing did), ``stood`` the mark.
    """

    enrolment_id: int
    code: str
    line: str
    seen: str = ""
    stood: Decimal | None = None


@dataclass(frozen=True)
class Kept:
    """What was done: the marks entered, and how many papers are new or changed."""

    marks: Entered
    papers: int


@dataclass(frozen=True)
class Paper:
    """A variant with its questions."""

    variant: PrintedVariant
    questions: list[reading.Asked]

    def line(self, responses: Mapping[str, Any]) -> str:
        return reading.write(responses, self.questions)


@dataclass(frozen=True)
class _Reading:
    handed_in: HandedIn
    paper: Paper
    responses: dict[str, Any]


def papers(test: PrintedTest) -> dict[str, Paper]:
    """The variants of a test by their codes. At most two statements."""
    return {
        one.code: Paper(one, reading.asked(one.paper)) for one in test.variants.order_by("code")
    }


def shown(response: PrintedResponse | None, by_code: Mapping[str, Paper]) -> tuple[str, str]:
    """A stored paper as it is typed: (code, line); empty texts where there is none."""
    if response is None:
        return "", ""
    by_variant = {paper.variant.pk: paper for paper in by_code.values()}
    paper = by_variant[response.variant_id]
    return paper.variant.code, paper.line(response.responses)


def read(*, code: str, line: str, by_code: Mapping[str, Paper]) -> tuple[Paper, dict[str, Any]]:
    """The variant, and the responses in the line. Raises reading.Unreadable."""
    paper = by_code.get(code.strip())
    if paper is None:
        raise reading.Unreadable(
            _("There is no variant %(code)s; there are %(codes)s.")
            % {"code": code.strip()[:10] or "–", "codes": ", ".join(by_code)}
        )
    return paper, reading.read(line, paper.questions)


def enter_answers(
    *,
    test_id: int,
    taken_on: date,
    handed_in: Sequence[HandedIn],
    at: datetime,
    by: Any = None,
    reason: str = "",
    scan: private_files.Received | None = None,
) -> Kept:
    """Grade the papers of a class and enter their marks; papers that stand already change nothing.

    A paper that stood and was seen is corrected, which needs a reason, as a mark does. Raises
    MarksRefused with everything that is wrong, and then nothing was entered.
    """
    test = PrintedTest.objects.select_related("quiz").get(pk=test_id)
    by_code = papers(test)
    readings = _read_all(handed_in, by_code)
    with transaction.atomic():
        # The lock that entering marks takes too: two people enter one after the other.
        CourseRun.objects.select_for_update(of=("self",)).get(pk=test.run_id)
        stand = _standing(test, [one.handed_in.enrolment_id for one in readings])
        changed = _sort(readings, stand, by_code, reason=reason)
        corrections = _corrections(by_code)
        marks = [_mark(test, one, corrections=corrections) for one in changed]
        entered = enter_marks(
            run_id=test.run_id,
            assessment_id=test.quiz.assessment_id,
            taken_on=taken_on,
            max_score=max_score(by_code),
            marks=marks,
            at=at,
            by=by,
            reason=reason,
            scan=scan,
        )
        _keep(test, changed, stand, at=at, by=by, reason=reason)
    return Kept(entered, len(changed))


def _read_all(handed_in: Sequence[HandedIn], by_code: Mapping[str, Paper]) -> list[_Reading]:
    often = Counter(one.enrolment_id for one in handed_in)
    readings, wrong = [], {}
    for one in handed_in:
        if often[one.enrolment_id] > 1:
            wrong[one.enrolment_id] = _("This learner has two papers.")
            continue
        try:
            paper, responses = read(code=one.code, line=one.line, by_code=by_code)
        except reading.Unreadable as unreadable:
            wrong[one.enrolment_id] = str(unreadable)
        else:
            readings.append(_Reading(one, paper, responses))
    if wrong:
        raise MarksRefused(rows=wrong)
    return readings


def _standing(test: PrintedTest, enrolments: Sequence[int]) -> dict[int, PrintedResponse]:
    found = test.responses.filter(enrolment__in=enrolments)
    return {response.enrolment_id: response for response in found}


def _sort(
    readings: Sequence[_Reading],
    stand: Mapping[int, PrintedResponse],
    by_code: Mapping[str, Paper],
    *,
    reason: str,
) -> list[_Reading]:
    """Those that differ from what stands."""
    changed, wrong, corrected = [], {}, False
    for one in readings:
        key = one.handed_in.enrolment_id
        before = stand.get(key)
        if before is None:
            changed.append(one)
        elif (before.variant_id, before.responses) == (one.paper.variant.pk, one.responses):
            continue
        elif (now := " ".join(shown(before, by_code))) != one.handed_in.seen:
            wrong[key] = _("Meanwhile “%(paper)s” was entered; look at it first.") % {"paper": now}
        else:
            corrected = True
            changed.append(one)
    if wrong:
        raise MarksRefused(rows=wrong)
    if corrected and not reason.strip():
        raise MarksRefused(_("Answers entered before are only corrected with a reason."))
    return changed


def _corrections(by_code: Mapping[str, Paper]) -> dict[int, KeyCorrection]:
    """All variants have the same questions."""
    paper = next(iter(by_code.values()))
    return grading.corrections_of(one.version.pk for one in paper.questions)


def max_score(by_code: Mapping[str, Paper]) -> Decimal:
    paper = next(iter(by_code.values()))
    return Decimal(sum(one.marks for one in paper.questions))


def grade_paper(
    test: PrintedTest,
    paper: Paper,
    responses: Mapping[str, Any],
    *,
    corrections: Mapping[int, KeyCorrection],
) -> grading.Grade:
    """What the answers to a variant are worth; nothing waits for a marker."""
    return reading.grade(
        paper=paper.variant.paper,
        questions=paper.questions,
        responses=responses,
        corrections=corrections,
        pass_percent=test.quiz.pass_percent,
    )


def _mark(test: PrintedTest, one: _Reading, *, corrections: Mapping[int, KeyCorrection]) -> Mark:
    grade = grade_paper(test, one.paper, one.responses, corrections=corrections)
    assert grade.score is not None  # long answers come with their points
    return Mark(one.handed_in.enrolment_id, grade.score, one.handed_in.stood, grade.passed)


def _keep(
    test: PrintedTest,
    changed: Sequence[_Reading],
    stand: Mapping[int, PrintedResponse],
    *,
    at: datetime,
    by: Any,
    reason: str,
) -> None:
    """Keep the answers; those that are replaced stay in the log, with the reason."""
    for one in changed:
        before = stand.get(one.handed_in.enrolment_id)
        if before:
            data = {
                "enrolment": before.enrolment_id,
                "variant": before.variant_id,
                "responses": before.responses,
                "reason": reason,
            }
            log(instance=test, action="wagtail.edit", user=by, data=data)
    PrintedResponse.objects.bulk_create(
        [
            PrintedResponse(
                test=test,
                enrolment_id=one.handed_in.enrolment_id,
                variant=one.paper.variant,
                responses=one.responses,
                entered_at=at,
                entered_by=by,
            )
            for one in changed
        ],
        update_conflicts=True,
        unique_fields=["test", "enrolment"],
        update_fields=["variant", "responses", "entered_at", "entered_by"],
    )
