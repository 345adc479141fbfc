from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import override

from courses.models import (
    Assessment,
    AssessmentResult,
    CourseRun,
    Enrolment,
    ResultRevision,
    ResultSheet,
)
from courses.paper import entering
from courses.paper.entering import Entered, Mark, MarksRefused, enter_marks
from courses.running import close_run
from jobs import private_files
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


@pytest.fixture
def learners() -> list[Enrolment]:
    run = factories.RunFactory()
    return [factories.EnrolmentFactory(run=run, watched=True) for _number in range(3)]


def test_of(enrolment: Enrolment) -> Assessment:
    return factories.assessment_of(enrolment.run.course)


test_of.__test__ = False  # type: ignore[attr-defined]


def enter(*marks: Mark, run: CourseRun, **values: Any) -> Entered:
    said = {
        "run_id": run.pk,
        "assessment_id": factories.assessment_of(run.course).pk,
        "taken_on": timezone.localdate() - timedelta(days=2),
        "max_score": Decimal(10),
        "marks": marks,
        "at": timezone.now(),
    }
    return enter_marks(**(said | values))


def scanned(content: bytes = PDF) -> private_files.Received:
    upload = SimpleUploadedFile("scan.pdf", content)
    return private_files.receive(upload, kinds=private_files.SCANS, most_megabytes=1)


def kept_scans() -> set[str]:
    storage = storages["private"]
    return set(storage.listdir("paper")[1]) if storage.exists("paper") else set()


def test_marks_become_results_on_paper_that_point_to_their_sheet(learners: Any) -> None:
    first, second, _absent = learners
    entered = enter(Mark(first.pk, Decimal("7.5")), Mark(second.pk, Decimal("6.5")), run=first.run)
    assert (entered.added, entered.corrected) == (2, 0)
    results = AssessmentResult.objects.order_by("enrolment")
    assert [(one.score, one.max_score, one.passed, one.source) for one in results] == [
        (Decimal("7.5"), 10, True, "paper"),
        (Decimal("6.5"), 10, False, "paper"),
    ]
    assert {one.sheet for one in results} == {entered.sheet}


def test_who_passes_on_paper_completes_on_the_day_of_the_test(learners: Any) -> None:
    first = learners[0]
    day = timezone.localdate() - timedelta(days=2)
    enter(Mark(first.pk, Decimal(9)), run=first.run)
    first.refresh_from_db()
    assert timezone.localdate(first.completed_at) == day
    learners[1].refresh_from_db()
    assert learners[1].completed_at is None


def test_the_pass_mark_is_that_of_the_assessment(learners: Any) -> None:
    first = learners[0]
    Assessment.objects.update(pass_percent=90)
    enter(Mark(first.pk, Decimal("8.9")), Mark(learners[1].pk, Decimal(9)), run=first.run)
    assert not first.results.get().passed
    assert learners[1].results.get().passed


def test_a_test_that_is_also_held_online_has_the_pass_mark_of_the_online_test(
    learners: Any,
) -> None:
    first = learners[0]
    factories.QuizFactory(course=first.run.course, pass_percent=50)
    enter(Mark(first.pk, Decimal(5)), run=first.run)
    assert first.results.get().passed


def test_entering_the_same_again_changes_nothing(learners: Any) -> None:
    first = learners[0]
    mark, before = Mark(first.pk, Decimal(8)), kept_scans()
    enter(mark, run=first.run, scan=scanned())
    again = enter(mark, run=first.run, scan=scanned())
    assert again == Entered()
    assert ResultSheet.objects.count() == 1
    assert len(kept_scans() - before) == 1
    assert not ResultRevision.objects.exists()
    storages["private"].delete(ResultSheet.objects.get().scan.name)


def test_a_correction_needs_a_reason_and_keeps_what_stood_before(learners: Any) -> None:
    first = learners[0]
    enter(Mark(first.pk, Decimal(4)), run=first.run)
    better = Mark(first.pk, Decimal(7), seen=Decimal(4))
    with override("en"), pytest.raises(MarksRefused, match="reason"):
        enter(better, run=first.run)
    assert first.results.get().score == 4
    by = factories.UserFactory(trainer=True)
    entered = enter(better, run=first.run, reason="Cộng sót câu 3", by=by)
    result = first.results.get()
    assert (entered.corrected, result.score, result.sheet) == (1, 7, entered.sheet)
    revision = ResultRevision.objects.get()
    assert (revision.score, revision.reason, revision.by) == (4, "Cộng sót câu 3", by)


def test_one_wrong_mark_and_nothing_is_entered(learners: Any) -> None:
    first, second, third = learners
    before = kept_scans()
    with pytest.raises(MarksRefused) as refused:
        enter(
            Mark(first.pk, Decimal(8)),
            Mark(second.pk, Decimal("10.5")),
            Mark(third.pk, Decimal(-1)),
            run=first.run,
            scan=scanned(),
        )
    assert set(refused.value.rows) == {second.pk, third.pk}
    assert not AssessmentResult.objects.exists()
    assert not ResultSheet.objects.exists()
    assert kept_scans() == before


def test_a_learner_of_another_run_or_one_who_left_gets_no_mark(learners: Any) -> None:
    first, left, _third = learners
    stranger = factories.EnrolmentFactory()
    Enrolment.objects.filter(pk=left.pk).update(withdrawn_at=timezone.now())
    with pytest.raises(MarksRefused) as refused:
        enter(
            Mark(stranger.pk, Decimal(8)),
            Mark(left.pk, Decimal(8)),
            Mark(first.pk, Decimal(8)),
            run=first.run,
        )
    assert set(refused.value.rows) == {stranger.pk, left.pk}


def test_two_marks_for_one_learner_are_refused(learners: Any) -> None:
    first = learners[0]
    with pytest.raises(MarksRefused):
        enter(Mark(first.pk, Decimal(8)), Mark(first.pk, Decimal(9)), run=first.run)


@pytest.mark.parametrize("days", [-1, 30])
def test_the_day_of_the_test_lies_within_the_run_and_not_in_the_future(
    learners: Any, days: int
) -> None:
    run = learners[0].run
    day = timezone.localdate() - timedelta(days=days)
    with pytest.raises(MarksRefused):
        enter(Mark(learners[0].pk, Decimal(8)), run=run, taken_on=day)


@pytest.mark.parametrize("highest", [Decimal(0), Decimal(-3), Decimal(99999)])
def test_the_highest_mark_makes_sense(learners: Any, highest: Decimal) -> None:
    with pytest.raises(MarksRefused):
        enter(Mark(learners[0].pk, Decimal(0)), run=learners[0].run, max_score=highest)


def test_a_test_of_today_is_not_dated_after_its_entry(learners: Any) -> None:
    at = timezone.now()
    today = timezone.localdate()
    enter(Mark(learners[0].pk, Decimal(8)), run=learners[0].run, taken_on=today, at=at)
    assert learners[0].results.get().decided_at <= at


def test_what_was_tested_before_the_run_was_closed_can_be_entered_afterwards(
    learners: Any,
) -> None:
    run = learners[0].run
    close_run(run_id=run.pk, at=timezone.now() - timedelta(days=1))
    CourseRun.objects.filter(pk=run.pk).update(closed_at=timezone.now() - timedelta(days=1))
    with pytest.raises(MarksRefused):
        enter(Mark(learners[0].pk, Decimal(8)), run=run, taken_on=timezone.localdate())
    enter(Mark(learners[0].pk, Decimal(8)), run=run)
    assert learners[0].results.get().passed


def test_a_scan_that_comes_later_is_a_sheet_of_its_own(learners: Any) -> None:
    first = learners[0]
    mark = Mark(first.pk, Decimal(8))
    enter(mark, run=first.run)
    later = enter(mark, run=first.run, scan=scanned())
    assert later.sheet is not None
    assert later.sheet.scan.read() == PDF
    assert (later.added, later.corrected) == (0, 0)
    storages["private"].delete(later.sheet.scan.name)


@pytest.mark.django_db(transaction=True)
def test_of_two_trainers_entering_at_once_the_second_is_told() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)

    def entering_mark(score: int) -> Any:
        return lambda: enter(Mark(enrolment.pk, Decimal(score)), run=enrolment.run)

    answers = together([entering_mark(7), entering_mark(9)])
    assert sum(isinstance(answer, Entered) for answer in answers) == 1
    (refused,) = [answer for answer in answers if isinstance(answer, MarksRefused)]
    stands = enrolment.results.get()
    assert entering.in_words(stands.score) in refused.rows[enrolment.pk]
    assert ResultSheet.objects.count() == 1
    assert not ResultRevision.objects.exists()
