from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from courses.authoring import add_assessment, publish_lesson
from courses.models import Assessment, CourseRun, LessonPage
from courses.running import (
    RunRefused,
    close_run,
    open_run,
    start_run,
    warnings_before_opening,
)
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def frozen(run: CourseRun) -> object:
    run.refresh_from_db()
    lessons = run.lessons.values_list("page", "order", "seconds", "share")
    return run.frozen_rules, list(lessons)


def test_opening_freezes_the_rules_and_the_published_lessons_in_their_order() -> None:
    course = factories.CourseFactory()
    first, second = factories.lessons_of(course)
    run = open_run(run_id=factories.RunFactory(course=course, opened=False).pk, at=NOW)
    assert (run.state, run.opened_at) == (CourseRun.State.OPEN, NOW)
    assert frozen(run) == (
        {
            "participation": course.participation_rule,
            "completion": course.completion_rule,
            "assessments": [factories.assessment_of(course).pk],
            "voluntary": [],
        },
        [(first.pk, 1, 10, 90), (second.pk, 2, 10, 90)],
    )


def test_what_is_published_later_changes_no_running_class() -> None:
    course = factories.CourseFactory()
    run = factories.RunFactory(course=course)
    before = frozen(run)
    course.watched_percent = 10
    course.participation_rule = course.completion_rule = {"lessons": 1}
    course.save()
    publish_lesson(course=course, title="Bài thêm", seconds=60)
    page = factories.lessons_of(course)[0]
    page.seconds = 3600
    page.save_revision().publish()
    factories.lessons_of(course)[1].unpublish()
    add_assessment(course=course, title="Bài kiểm tra thêm")
    Assessment.objects.filter(course=course).update(required=False)
    assert frozen(run) == before
    again = open_run(run_id=run.pk, at=NOW)
    assert again.opened_at == run.opened_at
    assert frozen(run) == before


def test_lessons_in_draft_and_optional_assessments_do_not_enter_a_run() -> None:
    course = factories.CourseFactory(assessments=0)
    optional = add_assessment(course=course, title="Tự kiểm tra", required=False)
    hidden = factories.lessons_of(course)[0]
    hidden.unpublish()
    run = factories.RunFactory(course=course)
    assert optional.pk not in run.frozen_rules["assessments"]
    assert [lesson.page_id for lesson in run.lessons.all()] == [factories.lessons_of(course)[1].pk]


def test_a_run_that_cannot_be_held_says_every_reason() -> None:
    course = factories.CourseFactory()
    for number in (1, 2):
        LessonPage.objects.filter(pk=factories.lessons_of(course)[number - 1].pk).update(seconds=0)
    run = factories.RunFactory(course=course, opened=False)
    with translation.override("en"), pytest.raises(RunRefused) as refused:
        open_run(run_id=run.pk, at=NOW)
    assert [("Bài 1" in one, "Bài 2" in one) for one in refused.value.reasons] == [
        (True, False),
        (False, True),
    ]
    run.refresh_from_db()
    assert run.state == CourseRun.State.DRAFT
    assert not run.lessons.exists()


def test_only_a_class_in_person_can_do_without_lessons() -> None:
    course = factories.CourseFactory(lessons=0)
    online = factories.RunFactory(course=course, opened=False)
    with pytest.raises(RunRefused):
        open_run(run_id=online.pk, at=NOW)
    in_person = factories.RunFactory(course=course, mode=CourseRun.Mode.IN_PERSON)
    assert in_person.state == CourseRun.State.OPEN


def test_a_draft_is_not_closed_and_a_closed_run_stays_closed() -> None:
    draft = factories.RunFactory(opened=False)
    with pytest.raises(RunRefused):
        close_run(run_id=draft.pk, at=NOW)
    run = factories.RunFactory()
    for _time in range(2):
        assert close_run(run_id=run.pk, at=NOW).state == CourseRun.State.CLOSED
    assert open_run(run_id=run.pk, at=NOW).state == CourseRun.State.CLOSED


def test_a_run_is_opened_begun_and_closed_each_at_its_time() -> None:
    run = factories.RunFactory(opened=False)
    with pytest.raises(RunRefused):
        start_run(run_id=run.pk, at=NOW)
    times = [NOW + timedelta(days=day) for day in range(3)]
    for step, at in zip((open_run, start_run, close_run), times, strict=True):
        step(run_id=run.pk, at=at)
    for step in (open_run, close_run):
        step(run_id=run.pk, at=NOW + timedelta(days=9))
    with pytest.raises(RunRefused):
        start_run(run_id=run.pk, at=NOW)
    run.refresh_from_db()
    assert run.state == CourseRun.State.CLOSED
    assert [run.opened_at, run.started_at, run.closed_at] == times


@pytest.mark.parametrize("open_to", ["agencies", "levels", "phase"])
def test_a_run_for_nobody_in_particular_is_not_opened(open_to: str) -> None:
    run = factories.RunFactory(opened=False, open_to=open_to)
    with pytest.raises(RunRefused) as refused:
        open_run(run_id=run.pk, at=NOW)
    assert len(refused.value.reasons) == 1


def test_enrolment_does_not_last_longer_than_the_run() -> None:
    run = factories.RunFactory(opened=False)
    CourseRun.objects.filter(pk=run.pk).update(enrol_until=run.ends_on + timedelta(days=1))
    with pytest.raises(RunRefused):
        open_run(run_id=run.pk, at=NOW)


def test_a_run_whose_test_cannot_be_drawn_is_not_opened() -> None:
    quiz = factories.QuizFactory(sections=((None, 4),))
    quiz.sections.update(count=100)
    run = factories.RunFactory(course=quiz.assessment.course, opened=False)
    with pytest.raises(RunRefused) as refused:
        open_run(run_id=run.pk, at=NOW)
    (reason,) = refused.value.reasons
    assert quiz.assessment.title in reason
    assert "100" in reason
    Assessment.objects.filter(pk=quiz.assessment_id).update(required=False)
    assert open_run(run_id=run.pk, at=NOW).state == CourseRun.State.OPEN


def test_what_to_think_about_is_said_and_is_not_in_the_way() -> None:
    course = factories.CourseFactory(assessments=0)
    run = factories.RunFactory(course=course, opened=False, mode="blended", open_to="invited")
    with translation.override("en"):
        warnings = " ".join(warnings_before_opening(run, at=NOW + timedelta(days=900)))
    for word in ("class meeting", "invited", "last day", "complete"):
        assert word in warnings
    assert open_run(run_id=run.pk, at=NOW).state == CourseRun.State.OPEN


def test_the_database_knows_no_open_run_without_frozen_rules() -> None:
    run = factories.RunFactory(opened=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRun.objects.filter(pk=run.pk).update(state=CourseRun.State.OPEN)
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRun.objects.filter(pk=run.pk).update(ends_on=run.starts_on - timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRun.objects.filter(pk=run.pk).update(capacity=0)


@pytest.mark.django_db(transaction=True)
def test_two_who_open_a_run_at_once_open_it_once() -> None:
    run = factories.RunFactory(opened=False)
    answers = together([lambda: open_run(run_id=run.pk, at=NOW)] * 4)
    assert answers == [run] * 4
    assert run.lessons.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_close_a_run_at_once_close_it_at_one_time() -> None:
    run = factories.RunFactory()
    times = [NOW + timedelta(minutes=minute) for minute in range(4)]
    answers = together([lambda at=at: close_run(run_id=run.pk, at=at) for at in times])  # type: ignore[misc]
    run.refresh_from_db()
    assert run.closed_at in times
    assert {one.closed_at for one in answers if isinstance(one, CourseRun)} == {run.closed_at}


@pytest.mark.django_db(transaction=True)
def test_a_run_begun_and_closed_at_once_ends_closed() -> None:
    run = factories.RunFactory()
    together(
        [
            lambda: start_run(run_id=run.pk, at=NOW),
            lambda: close_run(run_id=run.pk, at=NOW),
            lambda: open_run(run_id=run.pk, at=NOW),
        ]
    )
    run.refresh_from_db()
    assert (run.state, run.closed_at) == (CourseRun.State.CLOSED, NOW)


def test_a_trainer_sees_the_runs_of_the_own_courses_a_dost_officer_all() -> None:
    trainer = factories.UserFactory(trainer=True)
    own = factories.RunFactory(course=factories.CourseFactory(trainers=[trainer]))
    foreign = factories.RunFactory()
    visible = CourseRun.objects.visible_to
    assert list(visible(trainer)) == [own]
    assert set(visible(factories.UserFactory(officer=True))) == {own, foreign}
    assert not visible(factories.UserFactory()).exists()
