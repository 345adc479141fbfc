import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override
from docx import Document

from courses.assignments import handing_in, marking, setting, showing
from courses.assignments.handing_in import HandingInRefused
from courses.assignments.marking import MarkingRefused
from courses.models import (
    Assessment,
    AssessmentResult,
    Assignment,
    Enrolment,
    ResultRevision,
    Submission,
    SubmissionFile,
    SubmissionStep,
)
from courses.running import close_run
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
State = Submission.State


def assignment_of(enrolment: Enrolment) -> Assignment:
    return setting.set_assignment(
        assessment=factories.assessment_of(enrolment.run.course),
        instructions="Phân tích tình huống sau.",
        rubric=[
            setting.Line("Nhận diện điểm không phù hợp", Decimal(6), "Đủ ba điểm"),
            setting.Line("Viện dẫn điều khoản", Decimal(4)),
        ],
    )


@pytest.fixture
def enrolment() -> Enrolment:
    found: Enrolment = factories.EnrolmentFactory(watched=True)
    return found


@pytest.fixture
def assignment(enrolment: Enrolment) -> Assignment:
    return assignment_of(enrolment)


@pytest.fixture
def trainer() -> Any:
    return factories.UserFactory(trainer=True)


@pytest.fixture(autouse=True)
def _no_file_left() -> Iterator[None]:
    yield
    for file in SubmissionFile.objects.all():
        storages["private"].delete(file.file.name)


def kept_files() -> set[str]:
    storage = storages["private"]
    return set(storage.listdir("assignments")[1]) if storage.exists("assignments") else set()


def hand_in(enrolment: Enrolment, assignment: Assignment, text: str = "Bài làm") -> Submission:
    return handing_in.hand_in(
        enrolment_id=enrolment.pk, assignment=assignment, text=text, at=timezone.now()
    )


def full(assignment: Assignment, share: str = "1") -> dict[int, Decimal]:
    return {one.pk: one.marks * Decimal(share) for one in assignment.criteria.all()}


def mark(submission: Submission, given: dict[int, Decimal], **values: Any) -> Submission:
    said = {
        "submission_id": submission.pk,
        "version": submission.version,
        "given": given,
        "feedback": "",
        "at": timezone.now(),
    }
    return marking.mark(**(said | values))


def give_back(submission: Submission, **values: Any) -> Submission:
    said = {
        "submission_id": submission.pk,
        "version": submission.version,
        "feedback": "Thiếu điều khoản",
        "at": timezone.now(),
    }
    return marking.return_for_revision(**(said | values))


def add(enrolment: Enrolment, assignment: Assignment, content: bytes, name: str) -> SubmissionFile:
    return handing_in.add_file(
        enrolment_id=enrolment.pk,
        assignment=assignment,
        upload=SimpleUploadedFile(name, content),
        at=timezone.now(),
    )


# --- Handing in -----------------------------------------------------------------------------------


def test_drafts_are_kept_and_can_be_changed_until_they_are_handed_in(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    for text in ("Một", "Hai"):
        handing_in.save_draft(enrolment_id=enrolment.pk, assignment=assignment, text=text, at=NOW)
    submission = Submission.objects.get()
    assert (submission.state, submission.text) == (State.DRAFT, "Hai")
    hand_in(enrolment, assignment, "Ba")
    with pytest.raises(HandingInRefused):
        handing_in.save_draft(enrolment_id=enrolment.pk, assignment=assignment, text="Bốn", at=NOW)
    submission.refresh_from_db()
    assert (submission.state, submission.text) == (State.HANDED_IN, "Ba")


def test_handing_in_twice_is_handing_in_once(enrolment: Enrolment, assignment: Assignment) -> None:
    first = hand_in(enrolment, assignment)
    again = hand_in(enrolment, assignment, "Khác")
    assert (again.handed_in_at, again.text) == (first.handed_in_at, "Bài làm")
    assert SubmissionStep.objects.count() == 1


def test_nothing_is_not_handed_in(enrolment: Enrolment, assignment: Assignment) -> None:
    with pytest.raises(HandingInRefused):
        hand_in(enrolment, assignment, "  \n ")
    assert not Submission.objects.exists()


def test_a_file_alone_can_be_handed_in(enrolment: Enrolment, assignment: Assignment) -> None:
    add(enrolment, assignment, PDF, "bài.pdf")
    assert hand_in(enrolment, assignment, "").state == State.HANDED_IN
    assert SubmissionFile.objects.get().handed_in_at


@pytest.mark.parametrize("text", ["x" * 50_001, "a\x00b"])
def test_a_text_that_is_too_long_or_no_text_is_refused(
    enrolment: Enrolment, assignment: Assignment, text: str
) -> None:
    with pytest.raises(HandingInRefused):
        hand_in(enrolment, assignment, text)


def test_nothing_is_handed_in_in_a_closed_run_or_after_withdrawing(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    other = factories.EnrolmentFactory(run=enrolment.run)
    Enrolment.objects.filter(pk=other.pk).update(withdrawn_at=NOW)
    with pytest.raises(HandingInRefused):
        hand_in(other, assignment)
    close_run(run_id=enrolment.run_id, at=NOW)
    with pytest.raises(HandingInRefused):
        hand_in(enrolment, assignment)


def test_an_assignment_of_another_course_is_refused(assignment: Assignment) -> None:
    with pytest.raises(HandingInRefused):
        hand_in(factories.EnrolmentFactory(), assignment)


def test_what_comes_after_the_date_is_taken_and_known_as_late(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    setting.set_due(run=enrolment.run, assignment=assignment, due_at=NOW - timedelta(days=1))
    assert showing.is_late(hand_in(enrolment, assignment))
    setting.set_due(run=enrolment.run, assignment=assignment, due_at=None)
    assert not showing.is_late(Submission.objects.get())


def test_there_is_one_submission_for_an_enrolment(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    hand_in(enrolment, assignment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(enrolment=enrolment, assignment=assignment, saved_at=NOW)


# --- Files ----------------------------------------------------------------------------------------


def word(**parts: str) -> bytes:
    written = io.BytesIO()
    Document().save(written)
    with zipfile.ZipFile(written, "a") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return written.getvalue()


def with_macros() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.'
            'main+xml"/></Types>',
        )
    return written.getvalue()


def test_files_are_kept_under_names_of_our_own_with_their_true_ending(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    file = add(enrolment, assignment, word(), "..\\..\\Bài\x00 làm.exe")
    assert file.name == "Bài làm.docx"
    assert file.file.name.startswith("assignments/")
    assert "Bài" not in file.file.name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00" * 10,
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04 rubbish",
        with_macros(),
        b"%PDF-" + b"0" * (16 * 1024 * 1024),
    ],
    ids=["empty", "exe", "html", "half a zip", "macros", "too large"],
)
def test_other_files_are_refused_whatever_they_are_called(
    enrolment: Enrolment, assignment: Assignment, content: bytes
) -> None:
    before = kept_files()
    with pytest.raises(HandingInRefused):
        add(enrolment, assignment, content, "bài.pdf")
    assert not SubmissionFile.objects.exists()
    assert kept_files() == before


def test_the_same_file_twice_is_one_and_too_many_are_refused(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    before = kept_files()
    add(enrolment, assignment, PDF, "bài.pdf")
    add(enrolment, assignment, PDF, "bản sao.pdf")
    assert SubmissionFile.objects.count() == 1
    for number in range(1, handing_in.MOST_FILES):
        add(enrolment, assignment, PDF + str(number).encode(), "bài.pdf")
    with pytest.raises(HandingInRefused):
        add(enrolment, assignment, PDF + b"x", "bài.pdf")
    assert len(kept_files() - before) == handing_in.MOST_FILES


def test_a_file_can_be_removed_until_it_is_handed_in(
    enrolment: Enrolment, assignment: Assignment, django_capture_on_commit_callbacks: Any
) -> None:
    file = add(enrolment, assignment, PDF, "bài.pdf")
    about: dict[str, Any] = {"enrolment_id": enrolment.pk, "assignment": assignment, "at": NOW}
    with django_capture_on_commit_callbacks(execute=True):
        handing_in.remove_file(file_id=file.pk, **about)
        handing_in.remove_file(file_id=file.pk, **about)
    assert not storages["private"].exists(file.file.name)
    file = add(enrolment, assignment, PDF, "bài.pdf")
    give_back(hand_in(enrolment, assignment))
    handing_in.remove_file(file_id=file.pk, **about)
    assert SubmissionFile.objects.filter(pk=file.pk).exists()


# --- Marking --------------------------------------------------------------------------------------


def test_marks_along_the_rubric_become_the_result(
    enrolment: Enrolment, assignment: Assignment, trainer: Any
) -> None:
    submission = mark(
        hand_in(enrolment, assignment), full(assignment, "0.75"), by=trainer, feedback="Khá"
    )
    assert (submission.state, submission.marked_by) == (State.MARKED, trainer)
    assert [line["given"] for line in submission.marks] == ["4.5", "3"]
    result = AssessmentResult.objects.get()
    assert (result.score, result.max_score, result.passed, result.source) == (
        Decimal("7.5"),
        10,
        True,
        "assignment",
    )
    enrolment.refresh_from_db()
    assert enrolment.completed_at == result.decided_at


def test_the_pass_mark_decides(enrolment: Enrolment, assignment: Assignment) -> None:
    Assessment.objects.update(pass_percent=80)
    mark(hand_in(enrolment, assignment), full(assignment, "0.75"))
    assert not AssessmentResult.objects.get().passed


@pytest.mark.parametrize("given", [{}, {"first": Decimal(7)}, {"first": Decimal(-1)}])
def test_every_criterion_gets_a_mark_that_is_possible(
    enrolment: Enrolment, assignment: Assignment, given: dict[str, Decimal]
) -> None:
    first = assignment.criteria.order_by("order")[0]
    submission = hand_in(enrolment, assignment)
    with pytest.raises(MarkingRefused) as refused:
        mark(submission, {first.pk: given["first"]} if given else {})
    assert first.pk in refused.value.wrong
    assert not AssessmentResult.objects.exists()


def test_a_draft_is_not_marked(enrolment: Enrolment, assignment: Assignment) -> None:
    draft = handing_in.save_draft(
        enrolment_id=enrolment.pk, assignment=assignment, text="Dở dang", at=NOW
    )
    for verb in (partial(mark, draft, full(assignment)), partial(give_back, draft)):
        with override("en"), pytest.raises(MarkingRefused, match="not handed in"):
            verb()


def test_it_is_returned_once_and_handed_in_again(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    returned = give_back(hand_in(enrolment, assignment))
    assert returned.state == State.RETURNED
    again = hand_in(enrolment, assignment, "Bài làm đã sửa")
    with override("en"), pytest.raises(MarkingRefused, match="once"):
        give_back(again)
    mark(again, full(assignment))
    said = SubmissionStep.objects.values_list("kind", "text")
    assert list(said) == [
        ("handed_in", "Bài làm"),
        ("returned", "Thiếu điều khoản"),
        ("handed_in", "Bài làm đã sửa"),
        ("marked", ""),
    ]


def test_what_was_returned_and_never_handed_in_again_is_marked_once_the_run_is_closed(
    enrolment: Enrolment, assignment: Assignment, trainer: Any
) -> None:
    give_back(hand_in(enrolment, assignment))
    rewritten = handing_in.save_draft(
        enrolment_id=enrolment.pk, assignment=assignment, text="Đang sửa", at=NOW
    )
    with override("en"), pytest.raises(MarkingRefused, match="returned for revision"):
        mark(rewritten, full(assignment))
    assert list(Submission.objects.waiting()) == []
    close_run(run_id=enrolment.run_id, at=NOW)
    assert list(Submission.objects.waiting()) == [rewritten]
    assert rewritten.handed_in_text() == "Bài làm"

    marked = mark(rewritten, full(assignment, "0.5"), by=trainer)
    assert (marked.state, marked.marked_by) == (State.MARKED, trainer)
    assert (marked.text, marked.handed_in_text()) == ("Đang sửa", "Bài làm")
    assert AssessmentResult.objects.get().score == 5
    assert list(Submission.objects.waiting()) == []


def test_who_marks_what_was_returned_meanwhile_is_told_so(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    read = hand_in(enrolment, assignment)
    give_back(read)
    with override("en"), pytest.raises(MarkingRefused, match="returned for revision"):
        mark(read, full(assignment))
    close_run(run_id=enrolment.run_id, at=NOW)
    with override("en"), pytest.raises(MarkingRefused, match="changed meanwhile"):
        mark(read, full(assignment))


def test_returning_says_what_is_to_be_done(enrolment: Enrolment, assignment: Assignment) -> None:
    with pytest.raises(MarkingRefused):
        give_back(hand_in(enrolment, assignment), feedback="  ")


def test_what_was_changed_meanwhile_is_not_marked_unread(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    read = hand_in(enrolment, assignment)
    give_back(read)
    hand_in(enrolment, assignment, "Khác hẳn")
    with pytest.raises(MarkingRefused):
        mark(read, full(assignment))


def test_a_mark_is_corrected_with_a_reason_and_the_first_stays_known(
    enrolment: Enrolment, assignment: Assignment
) -> None:
    marked = mark(hand_in(enrolment, assignment), full(assignment, "0.5"))
    about: dict[str, Any] = {
        "submission_id": marked.pk,
        "version": marked.version,
        "given": full(assignment),
        "feedback": "",
        "at": timezone.now(),
    }
    with pytest.raises(MarkingRefused):
        marking.correct(reason=" ", **about)
    marking.correct(reason="Cộng nhầm", **about)
    result = AssessmentResult.objects.get()
    assert (result.score, result.passed, result.decided_at) == (10, True, marked.marked_at)
    revision = ResultRevision.objects.get()
    assert (revision.score, revision.reason) == (5, "Cộng nhầm")


@pytest.mark.django_db(transaction=True)
def test_of_two_trainers_marking_at_once_the_first_wins_and_the_second_is_told() -> None:
    enrolment = factories.EnrolmentFactory(watched=True)
    assignment = assignment_of(enrolment)
    submission = hand_in(enrolment, assignment)
    trainers = [factories.UserFactory(trainer=True) for _number in range(2)]

    def marks(trainer: Any, share: str) -> Any:
        return lambda: mark(submission, full(assignment, share), by=trainer)

    answers = together([marks(trainers[0], "1"), marks(trainers[1], "0.5")])
    (won,) = [answer for answer in answers if isinstance(answer, Submission)]
    (refused,) = [answer for answer in answers if isinstance(answer, MarkingRefused)]
    assert str(won.marked_by) in str(refused)
    given = sum(Decimal(line["given"]) for line in won.marks)
    assert AssessmentResult.objects.get().score == given
    assert not ResultRevision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_handing_in_from_two_tabs_at_once_is_one_submission() -> None:
    enrolment = factories.EnrolmentFactory()
    assignment = assignment_of(enrolment)
    answers = together([partial(hand_in, enrolment, assignment, text) for text in ("Một", "Hai")])
    assert {type(answer) for answer in answers} == {Submission}
    assert Submission.objects.count() == SubmissionStep.objects.count() == 1
