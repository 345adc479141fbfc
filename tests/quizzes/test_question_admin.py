"""The staff's question banks, imports, questions and tests."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from courses.models import Course
from people.models import User
from quizzes.models import Question, QuestionBank, QuestionImport, QuestionVersion, Quiz
from tests.factories import (
    GIFT,
    BankFactory,
    CourseFactory,
    QuizFactory,
    UserFactory,
    statements,
)
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

BROKEN = "::one:: Một? {=a ~b}\n\n::two:: Hai? {=a ~b\n\n::three:: Ba? {TRUE}\n"


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def bank(trainer: User) -> QuestionBank:
    found: QuestionBank = BankFactory(members=[trainer])
    return found


def upload(user: User, bank: QuestionBank, content: bytes | str) -> Any:
    content = content.encode() if isinstance(content, str) else content
    return at_work(user).post(
        reverse("banks:import", args=[bank.pk]),
        {"file": SimpleUploadedFile("questions.gift", content)},
        follow=True,
    )


def take_over(user: User) -> Any:
    last = QuestionImport.objects.latest("uploaded_at")
    return at_work(user).post(reverse("banks:import_preview", args=[last.pk]), follow=True)


def test_a_trainer_sees_the_own_banks_only(trainer: User, bank: QuestionBank) -> None:
    foreign = BankFactory()
    page = at_work(trainer).get(reverse("banks:index"))
    assert list(page.context["object_list"]) == [bank]
    assert foreign.name not in page.content.decode()


def test_an_officer_sees_every_bank(bank: QuestionBank) -> None:
    page = at_work(UserFactory(officer=True)).get(reverse("banks:index"))
    assert list(page.context["object_list"]) == [bank]


@pytest.mark.parametrize("view", ["inspect", "edit", "history", "import"])
def test_a_foreign_bank_is_not_there(trainer: User, view: str) -> None:
    foreign = BankFactory()
    assert at_work(trainer).get(reverse(f"banks:{view}", args=[foreign.pk])).status_code == 404


def test_a_foreign_upload_and_a_foreign_question_are_not_there(trainer: User) -> None:
    BankFactory()
    client = at_work(trainer)
    kept = QuestionImport.objects.get()
    address = reverse("banks:import_preview", args=[kept.pk])
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    question = Question.objects.earliest("pk")
    assert client.get(reverse("questions:inspect", args=[question.pk])).status_code == 404


def test_who_opens_a_bank_is_its_member(trainer: User) -> None:
    at_work(trainer).post(reverse("banks:add"), {"name": "Ngân hàng của tôi"})
    opened = QuestionBank.objects.visible_to(trainer).get()
    assert opened.name == "Ngân hàng của tôi"


def test_the_forty_questions_are_shown_first_and_then_taken_over(trainer: User) -> None:
    bank = BankFactory(members=[trainer], gift="")
    page = upload(trainer, bank, GIFT.read_bytes())
    assert page.context["found"] == 40
    assert page.context["problems"] == []
    assert not Question.objects.filter(bank=bank).exists()
    result = take_over(trainer)
    assert "40 questions added" in said(result)
    kinds = QuestionVersion.objects.filter(question__bank=bank).values_list("kind", flat=True)
    assert len(kinds) == 40
    assert set(kinds) == {"single", "multiple", "truefalse", "matching", "numerical"}


def test_taking_over_twice_changes_nothing(trainer: User, bank: QuestionBank) -> None:
    upload(trainer, bank, statements(8))
    take_over(trainer)
    before = QuestionVersion.objects.count()
    result = take_over(trainer)
    assert "8 questions were there already" in said(result)
    assert QuestionVersion.objects.count() == before


def test_a_broken_question_is_named_with_its_line_and_the_others_are_offered(
    trainer: User, bank: QuestionBank
) -> None:
    page = upload(trainer, bank, BROKEN)
    assert [problem.line for problem in page.context["problems"]] == [3]
    assert [question["line"] for question in page.context["questions"]] == [1, 5]
    before = Question.objects.filter(bank=bank).count()
    assert "2 questions added" in said(take_over(trainer))
    assert Question.objects.filter(bank=bank).count() == before + 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"x" * 30 * 1024**2, "The file has 30 MB; 2 MB are possible. Nothing was changed."),
        ("Nguyên tắc {TRUE}".encode("utf-16"), "not text in UTF-8"),
        (b"a\x00b {TRUE}", "not a text file"),
    ],
    ids=["30 MB", "UTF-16", "binary"],
)
def test_a_file_that_cannot_be_read_gets_a_reason_and_changes_nothing(
    trainer: User, bank: QuestionBank, content: bytes, reason: str
) -> None:
    before = QuestionImport.objects.count()
    page = upload(trainer, bank, content)
    assert reason in page.context["form"].errors["file"][0]
    assert QuestionImport.objects.count() == before


def test_a_file_without_a_good_question_offers_nothing_to_take_over(
    trainer: User, bank: QuestionBank
) -> None:
    page = upload(trainer, bank, "Chỉ là văn bản.")
    assert "Nothing was changed." in page.content.decode()


def test_questions_are_found_without_diacritics(trainer: User) -> None:
    BankFactory(members=[trainer], demo=True)
    page = at_work(trainer).get(reverse("questions:index"), {"q": "nguyen tac quan ly"})
    texts = [question.current.text for question in page.context["object_list"]]
    assert texts
    assert all("nguyên tắc quản lý" in text.lower() for text in texts)


def test_questions_are_filtered_by_kind_and_bank(trainer: User, bank: QuestionBank) -> None:
    demo = BankFactory(members=[trainer], demo=True)
    client = at_work(trainer)
    page = client.get(reverse("questions:index"), {"kind": "matching"})
    assert {question.current.kind for question in page.context["object_list"]} == {"matching"}
    page = client.get(reverse("questions:index"), {"bank": bank.pk})
    assert {question.bank for question in page.context["object_list"]} == {bank}
    assert demo != bank


def test_a_question_is_shown_with_its_key_and_its_versions(trainer: User) -> None:
    bank = BankFactory(members=[trainer], demo=True)
    question = Question.objects.get(bank=bank, identifier="TCVN-001")
    page = at_work(trainer).get(reverse("questions:inspect", args=[question.pk]))
    assert page.context["key"] == ["Tối đa hóa nguồn thu ngân sách"]
    assert 'type="radio"' in page.content.decode()
    assert len(page.context["versions"]) == 1
    later = {"version": 2}
    assert at_work(trainer).get(page.request["PATH_INFO"], later).status_code == 404


def quiz_form(
    course: Course | None, bank: QuestionBank, *, category: Any = "", count: int = 4
) -> Any:
    return {
        "course": course.pk if course else "",
        "title": "Kiểm tra cuối khóa",
        "required": "on",
        "bank": bank.pk,
        "sections-TOTAL_FORMS": 1,
        "sections-INITIAL_FORMS": 0,
        "sections-0-category": category,
        "sections-0-count": count,
        "sections-0-marks": 1,
        "minutes": 45,
        "pass_percent": 70,
        "attempts_allowed": 2,
        "cool_down_minutes": 0,
        "grade_method": "highest",
        "at_closing": "cut_short",
        "show_result": "submitted",
        "show_marks": "submitted",
        "show_answers": "submitted",
        "show_feedback": "submitted",
    }


def test_a_trainer_sets_a_test_for_the_own_course(trainer: User, bank: QuestionBank) -> None:
    course = CourseFactory(trainers=[trainer], assessments=0)
    at_work(trainer).post(reverse("tests:add"), quiz_form(course, bank))
    quiz = Quiz.objects.get()
    assert (quiz.assessment.course, quiz.assessment.required) == (course, True)
    assert [section.count for section in quiz.sections.all()] == [4]


def test_a_trainer_sets_no_test_for_a_foreign_course(trainer: User, bank: QuestionBank) -> None:
    page = at_work(trainer).post(reverse("tests:add"), quiz_form(CourseFactory(), bank))
    assert "course" in page.context["form"].errors
    assert not Quiz.objects.exists()


def test_a_category_of_another_bank_is_refused(trainer: User, bank: QuestionBank) -> None:
    other = BankFactory(members=[trainer])
    course = CourseFactory(trainers=[trainer])
    data = quiz_form(course, bank, category=other.categories.get().pk)
    page = at_work(trainer).post(reverse("tests:add"), data)
    assert "another bank" in page.content.decode()
    assert not Quiz.objects.exists()


def test_a_test_that_the_bank_cannot_fill_is_kept_with_a_warning(
    trainer: User, bank: QuestionBank
) -> None:
    course = CourseFactory(trainers=[trainer])
    page = at_work(trainer).post(
        reverse("tests:add"), quiz_form(course, bank, count=7), follow=True
    )
    assert "has 6 of the 7 questions" in said(page)
    page = at_work(trainer).get(reverse("tests:edit", args=[Quiz.objects.get().pk]))
    assert "has 6 of the 7 questions" in str(page.context["reasons"])


def test_a_test_of_a_foreign_course_is_not_there(trainer: User) -> None:
    quiz = QuizFactory()
    assert at_work(trainer).get(reverse("tests:edit", args=[quiz.pk])).status_code == 404


def test_a_focal_point_has_no_business_with_questions(bank: QuestionBank) -> None:
    client = at_work(UserFactory(focal_point=True))
    for name in ("banks:index", "questions:index", "tests:index", "banks:add"):
        assert client.get(reverse(name)).status_code == 302
    assert client.get(reverse("banks:inspect", args=[bank.pk])).status_code == 404
