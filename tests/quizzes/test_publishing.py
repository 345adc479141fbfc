"""A quiz is published only if it can be held; what somebody has begun stays as it is."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from courses import asking
from courses.models import Course
from people.models import User
from quizzes import attempts, contradictions, publishing
from quizzes.models import Opening, Question, QuestionBank, Quiz, QuizSection
from quizzes.publishing import QuizRefused
from tests.factories import (
    BankFactory,
    CourseFactory,
    EnrolmentFactory,
    QuizFactory,
    RunFactory,
    UserFactory,
    assessment_of,
    fill,
    lessons_of,
    sitting,
    statements,
)
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db

NOW = timezone.now()
Shown = Quiz.Shown


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def bank(trainer: User) -> QuestionBank:
    """Six statements, and four on clause 9."""
    found: QuestionBank = BankFactory(members=[trainer])
    fill(found, statements(4, category="Điều 9"))
    return found


@pytest.fixture
def course(trainer: User) -> Course:
    found: Course = CourseFactory(trainers=[trainer])
    return found


def draft(course: Course, bank: QuestionBank, **values: Any) -> Quiz:
    quiz: Quiz = QuizFactory(course=course, bank=bank, published=False)
    Quiz.objects.filter(pk=quiz.pk).update(**values)
    quiz.refresh_from_db()
    return quiz


def publish(quiz: Quiz, by: Any = None) -> Quiz:
    return publishing.publish(quiz_id=quiz.pk, at=NOW, by=by)


def test_a_quiz_that_can_be_held_is_published_once(
    course: Course, bank: QuestionBank, trainer: User
) -> None:
    quiz = draft(course, bank)
    assert publish(quiz, by=trainer).published_at == NOW
    again = publishing.publish(quiz_id=quiz.pk, at=NOW + timedelta(hours=1), by=trainer)
    assert again.published_at == NOW
    entries = ModelLogEntry.objects.for_instance(quiz).filter(action="wagtail.publish")
    assert [entry.user for entry in entries] == [trainer]


def test_nobody_starts_a_quiz_before_it_is_published_or_after_it_is_withdrawn(
    course: Course, bank: QuestionBank, trainer: User
) -> None:
    quiz = draft(course, bank)
    publish(quiz)
    run = RunFactory(course=course)
    begun = attempts.start(
        quiz=Quiz.objects.get(pk=quiz.pk), enrolment=EnrolmentFactory(run=run), at=NOW
    )
    publishing.withdraw(quiz_id=quiz.pk, at=NOW, by=trainer)
    with pytest.raises(attempts.AttemptRefused):
        attempts.start(
            quiz=Quiz.objects.get(pk=quiz.pk), enrolment=EnrolmentFactory(run=run), at=NOW
        )
    assert attempts.finish(attempt_id=begun.pk, at=NOW).submitted_at


def test_every_reason_is_listed_and_nothing_is_changed(course: Course, bank: QuestionBank) -> None:
    quiz = draft(
        course,
        bank,
        minutes=None,
        at_closing=Quiz.AtClosing.FULL_TIME,
        show_result=Shown.NEVER,
    )
    quiz.sections.update(count=11)
    with pytest.raises(QuizRefused) as refused:
        publish(quiz)
    text = str(refused.value)
    assert "has 10 of the 11 questions" in text
    assert "no full time" in text
    assert "before the result" in text
    assert len(refused.value.reasons) == 3
    quiz.refresh_from_db()
    assert quiz.published_at is None


def test_a_quiz_without_sections_is_not_published(course: Course, bank: QuestionBank) -> None:
    quiz = draft(course, bank)
    quiz.sections.all().delete()
    assert publishing.reasons_against(Quiz.objects.get(pk=quiz.pk)) == ["The test has no section."]


def sections(quiz: Quiz, *rules: dict[str, Any]) -> Quiz:
    QuizSection.objects.filter(quiz=quiz).delete()
    for order, rule in enumerate(rules, start=1):
        QuizSection.objects.create(quiz=quiz, order=order, **rule)
    return Quiz.objects.select_related("bank").get(pk=quiz.pk)


def test_overlapping_rules_are_judged_as_the_paper_is_drawn(
    course: Course, bank: QuestionBank
) -> None:
    clause_9 = bank.categories.get(path="Điều 9")
    quiz = draft(course, bank)
    assert (
        publishing.reasons_against(sections(quiz, {"count": 6}, {"category": clause_9, "count": 4}))
        == []
    )
    (reason,) = publishing.reasons_against(
        sections(quiz, {"count": 7}, {"category": clause_9, "count": 4})
    )
    assert "has 10 of the 11" in reason
    (reason,) = publishing.reasons_against(
        sections(
            quiz,
            {"category": clause_9, "count": 3},
            {"category": clause_9, "count": 3},
            {"count": 1},
        )
    )
    assert "overlap" in reason


def test_a_fixed_question_must_be_in_use_in_the_bank_and_stand_there_once(
    course: Course, bank: QuestionBank
) -> None:
    quiz = draft(course, bank)
    own = bank.questions.order_by("pk")[0]
    foreign = BankFactory().questions.order_by("pk")[0]
    assert publishing.reasons_against(sections(quiz, {"question": own}, {"count": 9})) == []
    (reason,) = publishing.reasons_against(sections(quiz, {"question": own}, {"count": 10}))
    assert "has 9 of the 10" in reason
    (reason,) = publishing.reasons_against(sections(quiz, {"question": foreign}))
    assert "not in use" in reason
    (reason,) = publishing.reasons_against(sections(quiz, {"question": own}, {"question": own}))
    assert "more than once" in reason
    Question.objects.filter(pk=own.pk).update(retired_at=NOW)
    QuestionBank.objects.filter(pk=bank.pk).update(revision=1000)
    (reason,) = publishing.reasons_against(sections(quiz, {"question": own}))
    assert "not in use" in reason


@pytest.mark.parametrize(
    ("result", "marks", "answers", "contradicts"),
    [
        (Shown.SUBMITTED, Shown.SUBMITTED, Shown.SUBMITTED, False),
        (Shown.SUBMITTED, Shown.CLOSED, Shown.NEVER, False),
        (Shown.CLOSED, Shown.CLOSED, Shown.CLOSED, False),
        (Shown.CLOSED, Shown.SUBMITTED, Shown.NEVER, True),
        (Shown.SUBMITTED, Shown.NEVER, Shown.CLOSED, True),
        (Shown.NEVER, Shown.NEVER, Shown.NEVER, False),
    ],
)
def test_nothing_is_shown_before_what_can_be_read_from_it(
    course: Course, bank: QuestionBank, result: str, marks: str, answers: str, contradicts: bool
) -> None:
    quiz = draft(course, bank, show_result=result, show_marks=marks, show_answers=answers)
    assert bool(publishing.reasons_against(quiz)) == contradicts


def test_an_opening_that_leaves_nobody_the_full_time_contradicts_the_quiz(
    course: Course, bank: QuestionBank
) -> None:
    quiz = draft(course, bank, minutes=45)
    run = RunFactory(course=course, opened=False)
    opening = Opening.objects.create(
        quiz=quiz, run=run, opens_at=NOW, closes_at=NOW + timedelta(minutes=44)
    )
    (reason,) = publishing.reasons_against(quiz)
    assert str(run) in reason
    quiz.at_closing = Quiz.AtClosing.FULL_TIME
    assert publishing.reasons_against(quiz) == []
    quiz.at_closing = Quiz.AtClosing.CUT_SHORT
    opening.closes_at = NOW + timedelta(minutes=45)
    opening.save()
    assert publishing.reasons_against(quiz) == []


def test_whoever_hides_the_result_of_a_required_test_is_told_what_tells_it_all_the_same(
    course: Course, bank: QuestionBank
) -> None:
    hidden = {f"show_{what}": Quiz.Shown.NEVER for what in ("marks", "answers", "feedback")}
    quiz = draft(course, bank, show_result=Quiz.Shown.CLOSED, **hidden)
    assert "learners can tell from it" in " ".join(contradictions.doubts(quiz))
    quiz.show_result = Quiz.Shown.SUBMITTED
    assert "learners can tell from it" not in " ".join(contradictions.doubts(quiz))


def test_doubts_are_said_but_are_not_in_the_way(course: Course, bank: QuestionBank) -> None:
    quiz = draft(course, bank, attempts_allowed=1, cool_down_minutes=60, second_marker=True)
    doubts = " ".join(contradictions.doubts(quiz))
    assert "one attempt only" in doubts
    assert "marked twice" in doubts
    assert publish(quiz).published_at


def test_a_run_does_not_open_with_a_required_test_that_is_not_published(
    course: Course, bank: QuestionBank
) -> None:
    quiz = draft(course, bank)
    assessment = assessment_of(course)
    assert "not published" in asking.assessment_shortages([assessment])[assessment.pk]
    publish(quiz)
    assert asking.assessment_shortages([assessment]) == {}


# --- What can still change ------------------------------------------------------------------------


def change(quiz: Quiz, **values: Any) -> None:
    with publishing.changing(quiz.pk):
        Quiz.objects.filter(pk=quiz.pk).update(**values)


HELD_CHANGES: list[dict[str, Any]] = [
    {"minutes": 60},
    {"minutes": None},
    {"pass_percent": 50},
    {"grade_method": "last"},
    {"at_closing": "full_time"},
    {"shuffle": False},
    {"second_marker": True},
    {"attempts_allowed": 1},
    {"cool_down_minutes": 5},
]
FREE_CHANGES: list[dict[str, Any]] = [
    {"attempts_allowed": 3},
    {"one_page": False},
    {"show_answers": "never"},
    {"show_feedback": "never"},
]


@pytest.mark.parametrize("values", HELD_CHANGES)
def test_what_somebody_has_begun_stays_the_same_for_everybody(values: dict[str, Any]) -> None:
    quiz = sitting().quiz
    with pytest.raises(QuizRefused):
        change(quiz, **values)
    for name in values:
        assert getattr(Quiz.objects.get(pk=quiz.pk), name) == getattr(quiz, name)


@pytest.mark.parametrize("values", [*HELD_CHANGES, *FREE_CHANGES])
def test_before_anybody_begins_everything_can_change(values: dict[str, Any]) -> None:
    quiz = QuizFactory()
    change(quiz, **values)
    assert Quiz.objects.filter(pk=quiz.pk, **values).exists()


@pytest.mark.parametrize("values", FREE_CHANGES)
def test_afterwards_what_hurts_nobody_can_still_change(values: dict[str, Any]) -> None:
    quiz = sitting().quiz
    change(quiz, **values)
    assert Quiz.objects.filter(pk=quiz.pk, **values).exists()


def test_the_sections_of_a_begun_quiz_stay_even_when_it_is_withdrawn() -> None:
    quiz = sitting().quiz
    publishing.withdraw(quiz_id=quiz.pk, at=NOW, by=None)
    for act in (
        lambda: quiz.sections.update(count=3),
        lambda: quiz.sections.update(marks=2),
        lambda: quiz.sections.all().delete(),
        lambda: QuizSection.objects.create(quiz=quiz, order=2, count=1),
    ):
        with pytest.raises(QuizRefused, match="sections"), publishing.changing(quiz.pk):
            act()
    assert [(one.count, one.marks) for one in QuizSection.objects.filter(quiz=quiz)] == [(4, 1)]


def test_a_change_that_would_empty_a_published_quiz_is_refused_but_not_in_a_draft(
    course: Course, bank: QuestionBank
) -> None:
    quiz = publish(draft(course, bank))
    with pytest.raises(QuizRefused, match="10 of the 30"), publishing.changing(quiz.pk):
        QuizSection.objects.filter(quiz=quiz).update(count=30)
    assert QuizSection.objects.get(quiz=quiz).count == 4
    publishing.withdraw(quiz_id=quiz.pk, at=NOW, by=None)
    with publishing.changing(quiz.pk):
        QuizSection.objects.filter(quiz=quiz).update(count=30)
    assert QuizSection.objects.get(quiz=quiz).count == 30


# --- The pages ------------------------------------------------------------------------------------


def form(course: Course, bank: QuestionBank, *sections: dict[str, Any], **more: Any) -> Any:
    data: dict[str, Any] = {
        "course": course.pk,
        "title": "Kiểm tra cuối khóa",
        "required": "on",
        "bank": bank.pk,
        "minutes": 45,
        "pass_percent": 70,
        "attempts_allowed": 2,
        "cool_down_minutes": 0,
        "grade_method": "highest",
        "at_closing": "cut_short",
        "shuffle": "on",
        "one_page": "on",
        "show_result": "submitted",
        "show_marks": "submitted",
        "show_answers": "submitted",
        "show_feedback": "submitted",
        "sections-TOTAL_FORMS": len(sections),
        "sections-INITIAL_FORMS": sum("id" in section for section in sections),
    }
    for place, section in enumerate(sections):
        for name, value in ({"count": 1, "marks": 1} | section).items():
            data[f"sections-{place}-{name}"] = value
    return data | more


def errors(page: Any) -> str:
    found = page.context["form"]
    return str(found.errors) + str([one.errors for one in found.formsets["sections"].forms])


def test_a_trainer_sets_a_test_with_rules_and_a_fixed_question(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    clause_9 = bank.categories.get(path="Điều 9")
    fixed = bank.questions.exclude(category=clause_9)[0]
    data = form(
        course,
        bank,
        {"question": f"#{fixed.pk} · tùy ý", "marks": 3},
        {"category": clause_9.pk, "count": 2},
        {"difficulty": "van-dung", "clause": "9001-8.4", "tags": "a, b"},
    )
    page = at_work(trainer).post(reverse("tests:add"), data, follow=True)
    quiz = Quiz.objects.get()
    kept = [
        (one.question, one.category, one.difficulty, one.clause, one.tags, one.count, one.marks)
        for one in quiz.sections.order_by("order")
    ]
    assert kept == [
        (fixed, None, "", "", "", 1, 3),
        (None, clause_9, "", "", "", 2, 1),
        (None, None, "van-dung", "9001-8.4", "a, b", 1, 1),
    ]
    assert quiz.published_at is None
    assert "has 0 of the 1 questions" in said(page)


def test_a_question_is_found_by_its_identifier_too(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    wanted = bank.questions.order_by("pk")[2]
    assert wanted.identifier
    at_work(trainer).post(reverse("tests:add"), form(course, bank, {"question": wanted.identifier}))
    assert QuizSection.objects.get().question == wanted


@pytest.mark.parametrize("said", ["#999999999", "#0", "không có", "#1e9", "#99999999999999999999"])
def test_a_question_that_is_not_there_is_refused(
    trainer: User, course: Course, bank: QuestionBank, said: str
) -> None:
    page = at_work(trainer).post(reverse("tests:add"), form(course, bank, {"question": said}))
    assert "Choose one of the suggested questions" in errors(page)
    assert not Quiz.objects.exists()


def test_questions_of_other_banks_are_neither_suggested_nor_taken(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    unseen = BankFactory(gift=statements(1, category="Kín"))
    seen = BankFactory(members=[trainer], gift=statements(1, category="Khác"))
    client = at_work(trainer)
    for question, reason in (
        (unseen.questions.get(), "Choose one of the suggested"),
        (seen.questions.get(), "belongs to another bank"),
    ):
        data = form(course, bank, {"question": f"#{question.pk}"})
        assert reason in errors(client.post(reverse("tests:add"), data))
    assert not Quiz.objects.exists()
    suggested = client.get(reverse("tests:add")).context["suggested"]
    assert f"#{seen.questions.get().pk} " in " ".join(suggested)
    assert f"#{unseen.questions.get().pk} " not in " ".join(suggested)


def test_a_fixed_question_with_a_rule_is_refused(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    question = bank.questions.order_by("pk")[0]
    for more in ({"count": 2}, {"clause": "9001-8"}):
        data = form(course, bank, {"question": f"#{question.pk}"} | more)
        page = at_work(trainer).post(reverse("tests:add"), data)
        assert "A fixed question is one question, without a rule." in errors(page)
    assert not Quiz.objects.exists()


def test_a_test_can_check_a_lesson_of_the_course_and_of_no_other(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    lesson = lessons_of(course)[0]
    other = lessons_of(CourseFactory(trainers=[trainer]))[0]
    client = at_work(trainer)
    page = client.post(reverse("tests:add"), form(course, bank, {"count": 2}, lesson=other.pk))
    assert "belongs to another course" in errors(page)
    client.post(reverse("tests:add"), form(course, bank, {"count": 2}, lesson=lesson.pk))
    quiz = Quiz.objects.get()
    assert (quiz.assessment.lesson, quiz.assessment.course) == (lesson, None)
    assert quiz in Quiz.objects.visible_to(trainer)
    assert str(lesson.title) in client.get(reverse("tests:index")).content.decode()
    assert client.get(reverse("tests:edit", args=[quiz.pk])).status_code == 200


def test_the_page_publishes_or_lists_the_reasons(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    quiz = draft(course, bank)
    quiz.sections.update(count=11)
    client = at_work(trainer)
    address = reverse("tests:publish", args=[quiz.pk])
    page = client.get(address)
    assert "10 of the 11" in page.content.decode()
    assert (
        "<button" not in page.content.decode().split('<form method="post">')[1].split("</form>")[0]
    )
    assert client.post(address).status_code == 409
    quiz.sections.update(count=10)
    page = client.post(address, follow=True)
    assert "is published" in said(page)
    quiz.refresh_from_db()
    assert quiz.published_at is not None
    client.post(reverse("tests:withdraw", args=[quiz.pk]))
    quiz.refresh_from_db()
    assert quiz.published_at is None


def test_the_form_of_a_begun_test_holds_what_must_stay_and_takes_the_rest(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    quiz = sitting(quiz=publish(draft(course, bank))).quiz
    client = at_work(trainer)
    address = reverse("tests:edit", args=[quiz.pk])
    page = client.get(address)
    assert page.context["held"]
    assert "sections-TOTAL_FORMS" not in page.content.decode()
    section = quiz.sections.get()
    data = form(
        course,
        bank,
        {"id": section.pk, "count": 1, "marks": 9},
        title="Tên mới",
        minutes=5,
        pass_percent=1,
        attempts_allowed=3,
    )
    page = client.post(address, data)
    assert page.status_code == 302, page.context["form"].errors
    quiz.refresh_from_db()
    assert (quiz.assessment.title, quiz.attempts_allowed) == ("Tên mới", 3)
    assert (quiz.minutes, quiz.pass_percent) == (45, 70)
    section.refresh_from_db()
    assert (section.count, section.marks) == (4, 1)
    page = client.post(address, data | {"attempts_allowed": 1, "title": "Tên khác"})
    assert "attempts can be added" in str(page.context["form"].errors)
    assert Quiz.objects.get().assessment.title == "Tên mới"


def test_saving_a_published_test_that_could_not_be_held_is_refused_on_the_form(
    trainer: User, course: Course, bank: QuestionBank
) -> None:
    quiz = publish(draft(course, bank))
    section = quiz.sections.get()
    data = form(course, bank, {"id": section.pk, "count": 11}, title="Tên mới")
    page = at_work(trainer).post(reverse("tests:edit", args=[quiz.pk]), data)
    assert "10 of the 11" in str(page.context["form"].errors)
    section.refresh_from_db()
    assert section.count == 4
    assert Quiz.objects.get().assessment.title != "Tên mới"


def test_the_pages_of_a_foreign_quiz_are_not_there(trainer: User) -> None:
    quiz = QuizFactory(published=False)
    client = at_work(trainer)
    for view in ("inspect", "publish", "withdraw", "preview", "edit"):
        address = reverse(f"tests:{view}", args=[quiz.pk])
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    quiz.refresh_from_db()
    assert quiz.published_at is None


def test_the_listing_says_the_state_of_many_tests_with_as_many_statements(
    trainer: User, bank: QuestionBank, django_assert_max_num_queries: Any
) -> None:
    client = at_work(trainer)
    for number in range(6):
        draft(CourseFactory(trainers=[trainer]), bank, published_at=NOW if number % 2 else None)
    client.get(reverse("tests:index"))
    with django_assert_max_num_queries(30):
        page = client.get(reverse("tests:index"))
    states = [quiz.state for quiz in page.context["object_list"]]
    assert sorted(states) == ["Not published"] * 3 + ["Published"] * 3
