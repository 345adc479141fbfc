"""Marks on paper that a corrected key changes: first looked at, then entered with a reason."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from courses.models import AssessmentResult, CourseRun, Enrolment, ResultRevision
from courses.paper.entering import MOST_MARKS, Mark, enter_marks
from quizzes import grading
from quizzes.models import KeyCorrection, PrintedResponse, PrintedTest
from quizzes.printed.entering import Paper, grade_paper, max_score, papers


@dataclass(frozen=True)
class Outdated:
    """A mark that stands, and the one that the same answers get by the corrected key."""

    enrolment: Enrolment
    stands: AssessmentResult
    mark: Mark

    @property
    def passed(self) -> bool:
        return bool(self.mark.passed)


def outdated(test: PrintedTest) -> list[Outdated]:
    """The marks that would change, of learners who are still there, ordered by given name.

    A mark entered or corrected after the key was corrected is left alone. At most six statements.
    """
    by_code = papers(test)
    corrections = grading.corrections_of(
        one.version.pk for paper in by_code.values() for one in paper.questions
    )
    if not corrections:
        return []
    by_variant = {paper.variant.pk: paper for paper in by_code.values()}
    last_correction = max(one.at for one in corrections.values())
    found = []
    for response, result in _marked_before(test, last_correction):
        paper = by_variant[response.variant_id]
        mark = _mark(test, response, result, paper, corrections)
        if mark.score != result.score:
            found.append(Outdated(response.enrolment, result, mark))
    return found


def grade_again(*, test_id: int, reason: str, by: Any, at: datetime) -> int:
    """Enter the marks that the corrected key gives, each on its day; how many there were.

    Raises MarksRefused, and then nothing was entered.
    """
    with transaction.atomic():
        test = PrintedTest.objects.select_related("quiz").get(pk=test_id)
        # The lock that entering marks takes too: what stands is not changed meanwhile.
        CourseRun.objects.select_for_update(of=("self",)).get(pk=test.run_id)
        changed = outdated(test)
        highest = max_score(papers(test))
        by_day: dict[date, list[Mark]] = defaultdict(list)
        for one in changed:
            by_day[timezone.localdate(one.stands.decided_at)].append(one.mark)
        for day, marks in by_day.items():
            for start in range(0, len(marks), MOST_MARKS):
                enter_marks(
                    run_id=test.run_id,
                    assessment_id=test.quiz.assessment_id,
                    taken_on=day,
                    max_score=highest,
                    marks=marks[start : start + MOST_MARKS],
                    at=at,
                    by=by,
                    reason=reason,
                )
    return len(changed)


def _marked_before(
    test: PrintedTest, moment: datetime
) -> Iterator[tuple[PrintedResponse, AssessmentResult]]:
    """The answers on which a mark stands that was entered before; of two papers the later one.

    A mark whose day alone was corrected since was entered before.
    """
    since = ResultRevision.objects.filter(result=OuterRef("pk"), at__gte=moment)
    same = Q(score=OuterRef("score"), max_score=OuterRef("max_score"))
    day_alone = Exists(since.filter(same)) & ~Exists(since.filter(~same))
    results = AssessmentResult.objects.filter(
        Q(sheet__entered_at__lt=moment) | day_alone,
        enrolment__in=Enrolment.objects.active().filter(run=test.run_id),
        assessment=test.quiz.assessment_id,
        source=AssessmentResult.Source.PAPER,
    )
    stand = {result.enrolment_id: result for result in results}
    responses = PrintedResponse.objects.filter(
        test__quiz=test.quiz_id, test__run=test.run_id
    ).select_related("enrolment__person")
    latest = {one.enrolment_id: one for one in responses.order_by("entered_at", "pk")}
    for one in sorted(latest.values(), key=lambda one: (one.enrolment.person.sort_name, one.pk)):
        if one.test_id == test.pk and one.enrolment_id in stand:
            yield one, stand[one.enrolment_id]


def _mark(
    test: PrintedTest,
    response: PrintedResponse,
    result: AssessmentResult,
    paper: Paper,
    corrections: Mapping[int, KeyCorrection],
) -> Mark:
    grade = grade_paper(test, paper, response.responses, corrections=corrections)
    assert grade.score is not None  # long answers come with their points
    return Mark(response.enrolment_id, grade.score, result.score, grade.passed)
