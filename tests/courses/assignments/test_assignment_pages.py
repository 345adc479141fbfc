from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.amending import amend_run
from courses.assignments import handing_in, marking, setting
from courses.authoring import add_assessment
from courses.models import (
    Assignment,
    AssignmentDue,
    CourseRun,
    Enrolment,
    Submission,
    SubmissionFile,
)
from courses.running import close_run
from tests import factories
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

PDF = factories.PDF
State = Submission.State


class Class:
    """A run with an assignment, its trainer at work and a learner logged in."""

    def __init__(self) -> None:
        self.trainer = factories.UserFactory(trainer=True)
        course = factories.CourseFactory(trainers=[self.trainer])
        self.run: CourseRun = factories.RunFactory(course=course)
        self.assignment: Assignment = setting.set_assignment(
            assessment=factories.assessment_of(course),
            instructions="Phân tích tình huống sau.",
            rubric=[
                setting.Line("Điểm không phù hợp", Decimal(6)),
                setting.Line("Điều khoản", Decimal(4)),
            ],
        )
        self.staff = at_work(self.trainer)
        self.user = factories.UserFactory()
        self.learner = at_work(self.user)
        self.enrolment: Enrolment = factories.EnrolmentFactory(
            run=self.run, person=self.user.person, watched=True
        )
        own = [self.enrolment.pk, self.assignment.pk]
        self.url = reverse("courses:assignment", args=own)
        self.hand_in_url = reverse("courses:hand_in", args=own)

    def submission(self) -> Submission:
        return Submission.objects.get(enrolment=self.enrolment)

    def hand_in(self, text: str = "Bài làm") -> Submission:
        return handing_in.hand_in(
            enrolment_id=self.enrolment.pk, assignment=self.assignment, text=text, at=timezone.now()
        )

    def mark_url(self) -> str:
        return reverse("assignments:mark", args=[self.run.pk, self.submission().pk])

    def marks(self, *given: str, **more: Any) -> Any:
        criteria = self.assignment.criteria.order_by("order")
        data = {f"mark-{one.pk}": mark for one, mark in zip(criteria, given, strict=True)}
        version = self.submission().version
        return self.staff.post(
            self.mark_url(), data | {"version": version, "feedback": "", "mark": "1"} | more
        )


@pytest.fixture
def of_class() -> Class:
    return Class()


@pytest.fixture(autouse=True)
def _no_file_left() -> Iterator[None]:
    yield
    for file in SubmissionFile.objects.all():
        storages["private"].delete(file.file.name)


# --- The learner ----------------------------------------------------------------------------------


def test_the_enrolment_leads_to_the_assignment(of_class: Class) -> None:
    page = of_class.learner.get(reverse("courses:enrolment", args=[of_class.enrolment.pk]))
    assert of_class.url in page.content.decode()
    next_step = of_class.learner.get(reverse("courses:next", args=[of_class.enrolment.pk]))
    assert next_step.headers["Location"] == of_class.url


def test_a_draft_with_files_is_kept_then_shown_once_more_and_handed_in(of_class: Class) -> None:
    upload = SimpleUploadedFile("bài làm.pdf", PDF)
    kept = of_class.learner.post(
        of_class.url, {"text": "Nháp\r\nhai dòng", "files": upload, "save": "1"}
    )
    assert kept.status_code == 302
    assert of_class.submission().text == "Nháp\nhai dòng"
    asked = of_class.learner.post(of_class.url, {"text": "Bài làm", "hand_in": "1"})
    assert asked.headers["Location"] == of_class.hand_in_url
    shown = of_class.learner.get(of_class.hand_in_url).content.decode()
    assert "Bài làm" in shown
    assert "bài làm.pdf" in shown
    assert of_class.submission().state == State.DRAFT
    assert of_class.learner.post(of_class.hand_in_url).status_code == 302
    assert of_class.submission().state == State.HANDED_IN
    again = of_class.learner.post(of_class.hand_in_url)
    assert again.status_code == 302
    assert of_class.learner.post(of_class.url, {"text": "Khác"}).status_code == 422
    assert of_class.submission().text == "Bài làm"


def test_what_was_written_is_kept_even_if_the_file_is_refused(of_class: Class) -> None:
    answer = of_class.learner.post(
        of_class.url, {"text": "Bài làm", "files": SimpleUploadedFile("x.pdf", b"MZ virus")}
    )
    assert answer.status_code == 422
    assert "x.pdf" in answer.content.decode()
    assert of_class.submission().text == "Bài làm"


def test_a_file_is_removed_by_its_button(of_class: Class) -> None:
    of_class.learner.post(of_class.url, {"text": "", "files": SimpleUploadedFile("a.pdf", PDF)})
    file = SubmissionFile.objects.get()
    stranger = factories.handed_in_file(factories.EnrolmentFactory())
    for removed in (str(stranger.pk), "x", "9" * 30, str(file.pk)):
        of_class.learner.post(of_class.url, {"text": "", "remove": removed})
    assert list(SubmissionFile.objects.all()) == [stranger]
    storages["private"].delete(file.file.name)


def test_nothing_is_not_handed_in(of_class: Class) -> None:
    of_class.learner.post(of_class.url, {"text": "  ", "hand_in": "1"})
    assert of_class.learner.post(of_class.hand_in_url).status_code == 422
    assert of_class.submission().state == State.DRAFT


def test_files_are_for_the_learner_and_once_handed_in_for_the_trainers(of_class: Class) -> None:
    of_class.learner.post(of_class.url, {"text": "", "files": SimpleUploadedFile("<b>.pdf", PDF)})
    file = SubmissionFile.objects.get()
    own = reverse("courses:assignment_file", args=[of_class.enrolment.pk, file.pk])
    theirs = reverse("assignments:file", args=[of_class.run.pk, file.pk])
    answer: Any = of_class.learner.get(own)
    assert b"".join(answer.streaming_content) == PDF
    assert "attachment" in answer.headers["Content-Disposition"]
    assert of_class.staff.get(theirs).status_code == 404
    of_class.hand_in()
    assert of_class.staff.get(theirs).status_code == 200
    for stranger in (factories.UserFactory(), factories.UserFactory(trainer=True)):
        client = at_work(stranger)
        assert client.get(own).status_code == 404
        assert client.get(theirs).status_code != 200
    assert Client().get(own).status_code == 302


def test_the_learner_sees_what_was_returned_and_then_the_marks(of_class: Class) -> None:
    of_class.hand_in()
    of_class.staff.post(
        of_class.mark_url(),
        {"version": of_class.submission().version, "feedback": "Thiếu điều khoản", "return": "1"},
    )
    assert "Thiếu điều khoản" in of_class.learner.get(of_class.url).content.decode()
    of_class.learner.post(of_class.url, {"text": "Đã sửa", "hand_in": "1"})
    of_class.learner.post(of_class.hand_in_url)
    of_class.marks("5,5", "3", feedback="Tốt")
    page = of_class.learner.get(of_class.url)
    assert (page.context["score"], page.context["possible"]) == (Decimal("8.5"), 10)
    assert page.context["passed"]
    assert "Tốt" in page.content.decode()


def test_an_assignment_of_another_enrolment_or_course_is_not_there(of_class: Class) -> None:
    other = Class()
    assert of_class.learner.get(other.url).status_code == 404
    mixed = reverse("courses:assignment", args=[of_class.enrolment.pk, other.assignment.pk])
    assert of_class.learner.get(mixed).status_code == 404
    assert of_class.learner.post(mixed, {"text": "x"}).status_code == 404


def test_what_was_set_after_the_run_was_opened_is_asked_of_nobody_until_it_is_amended(
    of_class: Class,
) -> None:
    later = setting.set_assignment(
        assessment=add_assessment(course=of_class.run.course, title="Bài tập thêm"),
        instructions="Phân tích thêm.",
        rubric=[setting.Line("Nhận xét", Decimal(10))],
    )
    address = reverse("courses:assignment", args=[of_class.enrolment.pk, later.pk])
    staff = reverse("assignments:run", args=[of_class.run.pk])
    assert of_class.learner.get(address).status_code == 404
    assert [one["offered"] for one in of_class.staff.get(staff).context["blocks"]] == [True, False]
    amend_run(
        run_id=of_class.run.pk,
        changes={"assessments": [of_class.assignment.assessment, later.assessment]},
        by=of_class.trainer,
        reason="Thêm bài tập",
        at=timezone.now(),
    )
    assert of_class.learner.get(address).status_code == 200
    assert [one["offered"] for one in of_class.staff.get(staff).context["blocks"]] == [True, True]


def test_a_text_in_the_page_is_text(of_class: Class) -> None:
    of_class.learner.post(of_class.url, {"text": "</textarea><script>alert(1)</script>"})
    assert "<script>alert" not in of_class.learner.get(of_class.url).content.decode()


# --- The trainer ----------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_in_the_own_runs(of_class: Class) -> None:
    other = Class()
    other.hand_in()
    waiting = of_class.hand_in()
    page = of_class.staff.get(reverse("marking:index"))
    assert [row.pk for row in page.context["object_list"]] == [waiting.pk]
    assert of_class.mark_url() in page.content.decode()
    of_class.marks("6", "4")
    page = of_class.staff.get(reverse("marking:index"))
    assert list(page.context["object_list"]) == []
    page = of_class.staff.get(reverse("marking:index"), {"state": "marked"})
    assert [row.pk for row in page.context["object_list"]] == [waiting.pk]


def test_marking_leads_to_the_next_that_waits(of_class: Class) -> None:
    of_class.hand_in()
    other = factories.EnrolmentFactory(run=of_class.run)
    following = handing_in.hand_in(
        enrolment_id=other.pk, assignment=of_class.assignment, text="Bài", at=timezone.now()
    )
    answer = of_class.marks("6", "4")
    assert answer.headers["Location"].endswith(f"/{of_class.run.pk}/{following.pk}/")


def test_returned_work_waits_again_once_the_run_is_closed(of_class: Class) -> None:
    of_class.hand_in("Bài đã nộp")
    of_class.staff.post(
        of_class.mark_url(),
        {"version": of_class.submission().version, "feedback": "Thiếu", "return": "1"},
    )
    of_class.learner.post(of_class.url, {"text": "Bài sửa dở", "save": "1"})
    queue, about = reverse("marking:index"), reverse("assignments:run", args=[of_class.run.pk])
    button = 'name="mark"'
    assert list(of_class.staff.get(queue).context["object_list"]) == []
    assert button not in of_class.staff.get(of_class.mark_url()).content.decode()
    assert "waits" not in of_class.staff.get(about).content.decode()

    close_run(run_id=of_class.run.pk, at=timezone.now())
    assert list(of_class.staff.get(queue).context["object_list"]) == [of_class.submission()]
    assert "waits to be marked" in of_class.staff.get(about).content.decode()
    page = of_class.staff.get(of_class.mark_url()).content.decode()
    assert button in page
    assert "Bài đã nộp" in page
    assert "Bài sửa dở" not in page
    assert 'name="return"' not in page
    assert of_class.marks("6", "4").status_code == 302
    assert of_class.submission().state == State.MARKED
    for client, url in (
        (of_class.staff, of_class.mark_url()),
        (of_class.learner, of_class.url),
    ):
        page = client.get(url).content.decode()
        assert "Bài đã nộp" in page
        assert "Bài sửa dở" not in page


@pytest.mark.parametrize("given", [("7", "4"), ("sáu", "4"), ("", "4"), ("-1", "4")])
def test_a_wrong_mark_is_said_beside_its_criterion(of_class: Class, given: Any) -> None:
    of_class.hand_in()
    answer = of_class.marks(*given)
    assert answer.status_code in (409, 422)
    assert len(answer.context["form"].errors) == 1
    assert of_class.submission().state == State.HANDED_IN


def test_the_second_trainer_is_told_who_was_faster(of_class: Class) -> None:
    read = of_class.hand_in()
    of_class.marks("6", "4")
    colleague = factories.UserFactory(trainer=True)
    of_class.run.trainers.add(colleague)
    staff = at_work(colleague)
    criteria = [f"mark-{one.pk}" for one in of_class.assignment.criteria.all()]
    answer = staff.post(
        of_class.mark_url(),
        dict.fromkeys(criteria, "1") | {"version": read.version, "feedback": "", "reason": "x"},
    )
    assert answer.status_code == 409
    assert str(of_class.trainer) in answer.context["refused"]
    assert of_class.submission().marked_by == of_class.trainer


def test_a_mark_is_corrected_with_a_reason(of_class: Class) -> None:
    of_class.hand_in()
    of_class.marks("1", "1")
    assert of_class.marks("6", "4", reason="").status_code == 409
    assert of_class.marks("6", "4", reason="Cộng nhầm").status_code == 302
    assert of_class.enrolment.results.get().score == 10


def test_the_due_date_is_set_and_lifted(of_class: Class) -> None:
    url = reverse("assignments:run", args=[of_class.run.pk])
    name = f"due-{of_class.assignment.pk}-due_at"
    due_at = timezone.localtime() + timedelta(days=7)
    key = of_class.assignment.pk
    for value, kept in (
        (f"{due_at:%Y-%m-%d %H:%M}", 1),
        ("hôm qua", 1),
        ("1999-01-01 00:00", 1),
        ("", 0),
    ):
        of_class.staff.post(url, {"assignment": key, name: value})
        assert AssignmentDue.objects.count() == kept
    other = Class()
    assert of_class.staff.post(url, {"assignment": other.assignment.pk}).status_code == 404
    assert of_class.staff.post(url, {"assignment": "x"}).status_code == 404


def test_drafts_are_nobody_elses_business(of_class: Class) -> None:
    handing_in.save_draft(
        enrolment_id=of_class.enrolment.pk,
        assignment=of_class.assignment,
        text="Dở dang",
        at=timezone.now(),
    )
    assert of_class.staff.get(of_class.mark_url()).status_code == 404
    page = of_class.staff.get(reverse("assignments:run", args=[of_class.run.pk]))
    assert page.context["blocks"][0]["submissions"] == []


# --- Setting --------------------------------------------------------------------------------------


def rubric_form(*lines: tuple[str, str], **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "title": "Tình huống 2",
        "required": "on",
        "pass_percent": "60",
        "instructions": "Phân tích.",
        "criteria-TOTAL_FORMS": len(lines),
        "criteria-INITIAL_FORMS": 0,
        "criteria-MIN_NUM_FORMS": 1,
        "criteria-MAX_NUM_FORMS": 1000,
    }
    for place, (title, marks) in enumerate(lines):
        data |= {
            f"criteria-{place}-title": title,
            f"criteria-{place}-marks": marks,
            f"criteria-{place}-description": "",
            f"criteria-{place}-id": "",
            f"criteria-{place}-DELETE": "",
        }
    return data | more


def test_a_trainer_sets_an_assignment_of_the_own_course(of_class: Class) -> None:
    url = reverse("assignments_set:add")
    data = rubric_form(("A", "6"), ("B", "4"), course=of_class.run.course_id)
    assert of_class.staff.post(url, data).status_code == 302
    made = Assignment.objects.latest("pk")
    assert (str(made), made.assessment.pass_percent) == ("Tình huống 2", 60)
    assert [(one.title, one.marks) for one in made.criteria.order_by("order")] == [
        ("A", 6),
        ("B", 4),
    ]
    foreign = data | {"course": factories.CourseFactory().pk}
    assert of_class.staff.post(url, foreign).status_code == 200
    assert of_class.staff.post(url, data | rubric_form()).status_code == 200
    assert Assignment.objects.count() == 2


def test_a_rubric_by_which_somebody_was_marked_stays(of_class: Class) -> None:
    submission = of_class.hand_in()
    marking.mark(
        submission_id=submission.pk,
        version=submission.version,
        given={one.pk: one.marks for one in of_class.assignment.criteria.all()},
        feedback="",
        at=timezone.now(),
    )
    first, second = of_class.assignment.criteria.order_by("order")
    data = rubric_form(("Khác", "9"), ("Điều khoản", "4")) | {
        "criteria-INITIAL_FORMS": 2,
        "criteria-0-id": first.pk,
        "criteria-1-id": second.pk,
    }
    url = reverse("assignments_set:edit", args=[of_class.assignment.pk])
    assert of_class.staff.post(url, data).context["form"].non_field_errors()
    assert [one.marks for one in of_class.assignment.criteria.order_by("order")] == [6, 4]


def test_the_run_leads_to_its_pages_of_results(of_class: Class) -> None:
    page = of_class.staff.get(reverse("runs:inspect", args=[of_class.run.pk])).content.decode()
    for name in ("paper:index", "assignments:run", "decision_lists"):
        assert reverse(name, args=[of_class.run.pk]) in page
    assert said(of_class.staff.get(reverse("runs:index"))) == ""
