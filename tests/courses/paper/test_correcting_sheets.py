"""Correcting the day or the highest mark of a sheet that was entered."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from wagtail import hooks

from courses.models import (
    AssessmentResult,
    CourseRun,
    Enrolment,
    EvidenceConflict,
    ResultRevision,
    ResultSheet,
)
from courses.paper.correcting import correct_sheet
from courses.paper.entering import Entered, Mark, MarksRefused, enter_marks
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db


def day(ago: int) -> date:
    return timezone.localdate() - timedelta(days=ago)


@pytest.fixture
def learners() -> list[Enrolment]:
    run = factories.RunFactory()
    return [factories.EnrolmentFactory(run=run, watched=True) for _number in range(3)]


def entered(*marks: Mark, run: CourseRun, ago: int = 5, highest: int = 10) -> ResultSheet:
    done = enter_marks(
        run_id=run.pk,
        assessment_id=factories.assessment_of(run.course).pk,
        taken_on=day(ago),
        max_score=Decimal(highest),
        marks=marks,
        at=timezone.now(),
    )
    assert done.sheet is not None
    return done.sheet


def correct(sheet: ResultSheet, **values: Any) -> Entered:
    said = {
        "sheet_id": sheet.pk,
        "taken_on": timezone.localdate(sheet.decided_at),
        "max_score": sheet.max_score,
        "reason": "Ghi nhầm",
        "at": timezone.now(),
    }
    return correct_sheet(**(said | values))


def test_the_highest_mark_of_a_sheet_is_corrected_with_all_its_marks(learners: Any) -> None:
    first, second, later = learners
    sheet = entered(Mark(first.pk, Decimal(7)), Mark(second.pk, Decimal(8)), run=first.run)
    entered(Mark(later.pk, Decimal(9)), run=first.run)
    by = factories.UserFactory(trainer=True)
    done = correct(sheet, max_score=Decimal(20), by=by)
    assert (done.added, done.corrected) == (0, 2)
    results = AssessmentResult.objects.order_by("enrolment")
    assert [(one.score, one.max_score, one.passed) for one in results] == [
        (7, 20, False),
        (8, 20, False),
        (9, 10, True),
    ]
    assert {results[0].sheet, results[1].sheet} == {done.sheet}
    assert [
        (one.max_score, one.passed, one.reason, one.by)
        for one in first.results.get().revisions.all()
    ] == [(10, True, "Ghi nhầm", by)]
    first.refresh_from_db()
    assert first.completed_at is None


@pytest.mark.parametrize("ago", [1, 3])
def test_the_day_of_a_sheet_is_corrected_and_completion_goes_with_it(
    learners: Any, ago: int
) -> None:
    first = learners[0]
    sheet = entered(Mark(first.pk, Decimal(8)), run=first.run, ago=2)
    correct(sheet, taken_on=day(ago))
    result = first.results.get()
    assert {timezone.localdate(one) for one in (result.decided_at, result.passed_at)} == {day(ago)}
    first.refresh_from_db()
    assert timezone.localdate(first.completed_at) == day(ago)
    assert ResultRevision.objects.count() == 1


def test_a_mark_corrected_to_another_day_passes_on_that_day(learners: Any) -> None:
    first = learners[0]
    entered(Mark(first.pk, Decimal(8)), run=first.run)
    enter_marks(
        run_id=first.run_id,
        assessment_id=factories.assessment_of(first.run.course).pk,
        taken_on=day(1),
        max_score=Decimal(10),
        marks=[Mark(first.pk, Decimal(9), seen=Decimal(8))],
        reason="Thi ngày khác",
        at=timezone.now(),
    )
    first.refresh_from_db()
    assert timezone.localdate(first.completed_at) == day(1)


def test_a_correction_that_leaves_the_day_leaves_the_moment(learners: Any) -> None:
    first = learners[0]
    sheet = entered(Mark(first.pk, Decimal(8)), run=first.run)
    moment = sheet.decided_at - timedelta(hours=3)
    AssessmentResult.objects.update(decided_at=moment, passed_at=moment)
    correct(sheet, max_score=Decimal("8.5"))
    result = first.results.get()
    assert (result.decided_at, result.passed_at) == (moment, moment)


def test_a_day_is_corrected_without_judging_anew(learners: Any) -> None:
    """A mark that was computed was judged before it was rounded."""
    first = learners[0]
    sheet = entered(Mark(first.pk, Decimal(7), passed=False), run=first.run)
    correct(sheet, taken_on=day(1))
    assert not first.results.get().passed


def test_what_was_corrected_meanwhile_and_who_has_left_stay_as_they_are(learners: Any) -> None:
    first, second, gone = learners
    sheet = entered(*(Mark(one.pk, Decimal(8)) for one in learners), run=first.run)
    enter_marks(
        run_id=first.run_id,
        assessment_id=sheet.assessment_id,
        taken_on=day(2),
        max_score=Decimal(10),
        marks=[Mark(second.pk, Decimal(9), seen=Decimal(8))],
        reason="Thi lại",
        at=timezone.now(),
    )
    Enrolment.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
    assert correct(sheet, max_score=Decimal(20)).corrected == 1
    highest = AssessmentResult.objects.order_by("enrolment").values_list("max_score", flat=True)
    assert list(highest) == [20, 10, 10]


def test_correcting_twice_is_correcting_once(learners: Any) -> None:
    sheet = entered(Mark(learners[0].pk, Decimal(7)), run=learners[0].run)
    assert correct(sheet) == Entered()
    assert correct(sheet, max_score=Decimal(20)).corrected == 1
    assert correct(sheet, max_score=Decimal(20)) == Entered()
    assert ResultRevision.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"max_score": Decimal(6)}, {"taken_on": day(-1)}, {"taken_on": day(99)}],
    ids=["below a mark", "to come", "before the run"],
)
def test_what_cannot_be_entered_cannot_be_corrected_so(learners: Any, wrong: Any) -> None:
    sheet = entered(Mark(learners[0].pk, Decimal(7)), run=learners[0].run)
    with pytest.raises(MarksRefused):
        correct(sheet, **wrong)
    assert learners[0].results.get().sheet == sheet


def test_a_correction_needs_a_reason(learners: Any) -> None:
    sheet = entered(Mark(learners[0].pk, Decimal(7)), run=learners[0].run)
    with override("en"), pytest.raises(MarksRefused, match="reason"):
        correct(sheet, taken_on=day(1), reason=" ")


def test_what_rests_on_a_pass_makes_its_loss_a_conflict(learners: Any) -> None:
    first = learners[0]
    sheet = entered(Mark(first.pk, Decimal(7)), run=first.run)
    with hooks.register_temporarily("describe_consequences", lambda rows: ["Số 1"] * len(rows)):
        correct(sheet, max_score=Decimal(20))
    first.refresh_from_db()
    assert first.completed_at
    assert EvidenceConflict.objects.filter(enrolment=first, event="completed").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_corrections_at_once_the_second_corrects_nothing() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    sheet = entered(Mark(enrolment.pk, Decimal(7)), run=enrolment.run)
    highest = [Decimal(20), Decimal(30)]
    answers = together([partial(correct, sheet, max_score=one) for one in highest])
    assert sorted(answer.corrected for answer in answers) == [0, 1]
    assert ResultRevision.objects.count() == 1


# --- The page -------------------------------------------------------------------------------------


class Corrected:
    """A sheet with two marks, and its trainer at work."""

    def __init__(self) -> None:
        trainer = factories.UserFactory(trainer=True)
        self.run = factories.RunFactory(course=factories.CourseFactory(trainers=[trainer]))
        self.learners = [factories.EnrolmentFactory(run=self.run, watched=True) for _n in range(2)]
        self.sheet = entered(*(Mark(one.pk, Decimal(7)) for one in self.learners), run=self.run)
        self.staff = at_work(trainer)
        self.index = reverse("paper:index", args=[self.run.pk])
        self.url = reverse("paper:correct", args=[self.run.pk, self.sheet.pk])

    def post(self, **changes: str) -> Any:
        data = {"taken_on": f"{day(5):%d/%m/%Y}", "max_score": "10", "reason": "Ghi nhầm"}
        return self.staff.post(self.url, data | changes, follow=True)


@pytest.fixture
def page() -> Corrected:
    return Corrected()


def test_the_list_of_sheets_leads_to_the_correction_of_one(page: Corrected) -> None:
    assert page.url in page.staff.get(page.index).content.decode()
    form = page.staff.get(page.url).context["form"]
    assert (form["taken_on"].value(), form["max_score"].value()) == (day(5), "10")
    answer = page.post(max_score="20")
    assert "2 marks corrected" in said(answer)
    assert {one.max_score for one in AssessmentResult.objects.all()} == {Decimal(20)}
    listed = answer.content.decode()
    assert page.url not in listed, "no mark stands on the sheet any more"
    assert "Ghi nhầm" in listed
    assert "Nothing was changed" in said(page.post(max_score="20"))


def test_the_page_shows_whose_marks_they_are_and_what_rests_on_them(page: Corrected) -> None:
    gone = page.learners[1]
    Enrolment.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
    with hooks.register_temporarily("describe_consequences", lambda rows: ["Số 1"] * len(rows)):
        answer = page.staff.get(page.url)
    assert [row.result.enrolment for row in answer.context["rows"]] == [page.learners[0]]
    assert (answer.context["consequences"], answer.context["gone"]) == (["Số 1"], 1)


@pytest.mark.parametrize(
    "wrong",
    [{"reason": " "}, {"max_score": "6"}, {"max_score": "mười"}, {"taken_on": "01/01/2999"}],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(page: Corrected, wrong: Any) -> None:
    answer = page.post(**wrong)
    assert answer.context["form"].errors
    assert not ResultRevision.objects.exists()


def test_a_mark_above_the_highest_is_named_beside_its_learner(page: Corrected) -> None:
    assert page.post(max_score="6").content.decode().count("outside 0 to 6") == 2


def test_a_sheet_of_another_run_is_not_there(page: Corrected) -> None:
    other = Corrected()
    mixed = reverse("paper:correct", args=[page.run.pk, other.sheet.pk])
    assert page.staff.get(mixed).status_code == 404
    assert page.staff.get(other.url).status_code == 404


def test_who_changes_no_mark_in_the_grid_is_shown_the_way(page: Corrected) -> None:
    grid = reverse("paper:grid", args=[page.run.pk, page.sheet.assessment_id])
    key = page.learners[0].pk
    answer = page.staff.post(
        grid,
        {
            "taken_on": day(5).isoformat(),
            "max_score": "20",
            "reason": "Ghi nhầm",
            f"mark-{key}": "7",
            f"seen-{key}": "7",
        },
        follow=True,
    )
    assert "beside it" in said(answer)
    assert not ResultRevision.objects.exists()
