"""Tests of lessons: frozen into a run with its lessons, offered on the lesson's page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses import running
from courses.amending import amend_run
from courses.authoring import add_assessment, publish_lesson
from courses.models import Assessment, Course, CourseRun
from courses.paper.entering import tests_of as paper_tests_of
from courses.relisting import drop, not_begun, take_in
from courses.running import RunRefused, open_run
from quizzes import attempts
from quizzes.models import Quiz
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def course() -> Course:
    found: Course = factories.CourseFactory()
    return found


def check(course: Course, *, lesson: int = 0, required: bool = True, **values: Any) -> Quiz:
    """A published quiz of a lesson."""
    page = factories.lessons_of(course)[lesson]
    assessment = add_assessment(lesson=page, title=f"Kiểm tra {page.title}", required=required)
    quiz: Quiz = factories.QuizFactory(assessment=assessment, **values)
    return quiz


def final(course: Course) -> Assessment:
    return factories.assessment_of(course)


def test_opening_freezes_the_checks_of_published_lessons_of_this_course_only(
    course: Course,
) -> None:
    first, second = check(course), check(course, lesson=1)
    voluntary = check(course, required=False)
    check(factories.CourseFactory())
    factories.lessons_of(course)[1].unpublish()
    run = factories.RunFactory(course=course)
    assert run.rules["assessments"] == sorted([final(course).pk, first.assessment_id])
    assert run.rules["voluntary"] == [voluntary.assessment_id]
    assert second.assessment_id not in running.offered(run)


def test_a_required_check_that_cannot_be_held_keeps_the_run_from_opening(course: Course) -> None:
    quiz = check(course, published=False)
    draft = factories.RunFactory(course=course, opened=False)
    with pytest.raises(RunRefused, match=quiz.assessment.title):
        open_run(run_id=draft.pk, at=NOW)
    Quiz.objects.update(published_at=NOW)
    assert open_run(run_id=draft.pk, at=NOW).state == CourseRun.State.OPEN


def test_a_course_is_completed_only_with_its_required_checks(course: Course) -> None:
    quiz = check(course)
    run = factories.RunFactory(course=course)
    enrolment = factories.EnrolmentFactory(run=run, watched=True)
    factories.pass_on_paper(enrolment, assessment_id=final(course).pk)
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None
    attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=NOW)
    factories.answer_all(attempt)
    assert attempts.finish(attempt_id=attempt.pk, at=NOW).passed
    enrolment.refresh_from_db()
    assert enrolment.completed_at


def test_a_voluntary_check_can_be_taken_and_counts_for_nothing(course: Course) -> None:
    quiz = check(course, required=False)
    enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course), watched=True)
    attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=NOW)
    attempts.finish(attempt_id=attempt.pk, at=NOW)
    factories.pass_on_paper(enrolment, assessment_id=final(course).pk)
    enrolment.refresh_from_db()
    assert enrolment.completed_at


def test_the_page_of_a_lesson_leads_to_its_check(course: Course) -> None:
    quiz, voluntary = check(course), check(course, required=False)
    elsewhere = check(course, lesson=1)
    user = factories.UserFactory()
    enrolment = factories.EnrolmentFactory(
        run=factories.RunFactory(course=course), person=user.person
    )
    client = Client()
    client.force_login(user)
    page = client.get(factories.lessons_of(course)[0].url).content.decode()
    for one in (quiz, voluntary):
        assert reverse("quizzes:quiz", args=[enrolment.pk, one.pk]) in page
    assert reverse("quizzes:quiz", args=[enrolment.pk, elsewhere.pk]) not in page
    overview = client.get(reverse("courses:enrolment", args=[enrolment.pk])).content.decode()
    for one in (quiz, voluntary, elsewhere):
        assert reverse("quizzes:quiz", args=[enrolment.pk, one.pk]) in overview


def test_a_check_can_be_required_and_released_by_an_amendment(course: Course) -> None:
    quiz = check(course, required=False)
    run = factories.RunFactory(course=course)
    by = factories.UserFactory(trainer=True)
    about: dict[str, Any] = {"run_id": run.pk, "by": by, "reason": "Vì sao", "at": NOW}
    amend_run(changes={"assessments": [quiz.assessment, final(course)]}, **about)
    run.refresh_from_db()
    assert quiz.assessment_id in run.rules["assessments"]
    assert run.rules["voluntary"] == []
    amend_run(changes={"assessments": [final(course)]}, **about)
    run.refresh_from_db()
    assert run.rules["assessments"] == [final(course).pk]
    assert run.rules["voluntary"] == [quiz.assessment_id]
    foreign = check(factories.CourseFactory())
    with pytest.raises(RunRefused):
        amend_run(changes={"assessments": [foreign.assessment]}, **about)


def test_the_check_of_a_lesson_can_be_held_on_paper(course: Course) -> None:
    quiz = check(course)
    run = factories.RunFactory(course=course)
    assert quiz.assessment in paper_tests_of(run)
    assert quiz.assessment not in paper_tests_of(factories.RunFactory())


def relist(change: Any, run: CourseRun, page: Any) -> CourseRun:
    change(run_id=run.pk, page_id=page.pk, by=None, reason="Bổ sung", at=NOW)
    return CourseRun.objects.get(pk=run.pk)


def test_a_lesson_that_is_taken_in_brings_its_checks_and_takes_them_along_when_it_leaves(
    course: Course,
) -> None:
    run: CourseRun = factories.RunFactory(course=course)
    as_opened = run.rules
    page = publish_lesson(course=course, title="Bài bổ sung", seconds=10)
    required = check(course, lesson=2)
    voluntary = check(course, lesson=2, required=False)
    run = relist(take_in, run, page)
    assert run.rules["assessments"] == sorted([final(course).pk, required.assessment_id])
    assert run.rules["voluntary"] == [voluntary.assessment_id]
    assert required.assessment.title in str(run.amendments.get().changes)
    enrolment = factories.EnrolmentFactory(run=run)
    assert voluntary.assessment_id in running.offered(run)
    run = relist(drop, run, page)
    assert run.rules == as_opened
    with pytest.raises(attempts.NotOffered):
        attempts.start(quiz=required, enrolment=enrolment, at=NOW)


def test_a_lesson_whose_required_check_cannot_be_held_is_not_taken_in(course: Course) -> None:
    run = factories.RunFactory(course=course)
    page = publish_lesson(course=course, title="Bài bổ sung", seconds=10)
    quiz = check(course, lesson=2, published=False)
    with pytest.raises(RunRefused, match=quiz.assessment.title):
        relist(take_in, run, page)
    assert run.lessons.count() == 2


def test_a_lesson_stays_in_the_run_when_somebody_has_a_result_of_its_check(course: Course) -> None:
    quiz = check(course, lesson=1)
    run = factories.RunFactory(course=course)
    factories.pass_on_paper(factories.EnrolmentFactory(run=run), assessment_id=quiz.assessment_id)
    with pytest.raises(RunRefused):
        relist(drop, run, factories.lessons_of(course)[1])
    assert [one.page for one in not_begun(run)] == factories.lessons_of(course)[:1]


def test_a_lesson_stays_in_the_run_while_somebody_sits_its_check(course: Course) -> None:
    quiz = check(course, required=False)
    run = factories.RunFactory(course=course)
    lesson = factories.lessons_of(course)[0]
    enrolment = factories.EnrolmentFactory(run=run)
    assert lesson.pk in not_begun(run).values_list("page", flat=True)
    attempts.start(quiz=quiz, enrolment=enrolment, at=NOW)
    assert lesson.pk not in not_begun(run).values_list("page", flat=True)
    with pytest.raises(RunRefused, match="Bài 1"):
        drop(run_id=run.pk, page_id=lesson.pk, by=None, reason="Bớt bài", at=NOW)
