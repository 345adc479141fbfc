"""The staff's courses, runs and enrolments."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency
from courses import rules
from courses.models import Course, CourseRun, Enrolment
from courses.revising import revise_run
from courses.running import RunRefused, close_run, open_run
from people.models import User
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    RunFactory,
    UserFactory,
    days,
)
from tests.staff import at_work, said, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def course(trainer: User) -> Course:
    found: Course = CourseFactory(trainers=[trainer])
    return found


def run_form(course: Course, **changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "course": course.pk,
        "name": "Đợt 1",
        "mode": "online",
        "starts_on": today.isoformat(),
        "ends_on": (today + days(30)).isoformat(),
        "provider": "",
        "capacity": "",
        "open_to": "everyone",
    } | changes


def form_of(run: CourseRun, **changes: Any) -> dict[str, Any]:
    said = {"starts_on": run.starts_on.isoformat(), "ends_on": run.ends_on.isoformat()}
    return run_form(run.course, name=run.name, **said) | changes


def test_a_trainer_sees_the_runs_of_the_own_courses_only(trainer: User, course: Course) -> None:
    own, foreign = RunFactory(course=course), RunFactory()
    page = at_work(trainer).get(reverse("runs:index"))
    assert list(page.context["object_list"]) == [own]
    assert foreign.name not in page.content.decode()


@pytest.mark.parametrize(
    "view",
    ["inspect", "edit", "delete", "history", "open", "start", "close", "amend", "lessons", "copy"],
)
def test_a_foreign_run_is_not_there(trainer: User, view: str) -> None:
    foreign = RunFactory(opened=False)
    address = reverse(f"runs:{view}", args=[foreign.pk])
    assert at_work(trainer).get(address).status_code == 404
    assert at_work(trainer).post(address).status_code in (404, 405)
    foreign.refresh_from_db()
    assert foreign.state == CourseRun.State.DRAFT


def test_a_run_is_drafted_then_opened_and_closed_by_pressing(trainer: User, course: Course) -> None:
    client = at_work(trainer)
    client.post(reverse("runs:add"), run_form(course))
    run = CourseRun.objects.get()
    assert run.state == CourseRun.State.DRAFT
    opening = reverse("runs:open", args=[run.pk])
    assert len(client.get(opening).context["lessons"]) == 2
    run.refresh_from_db()
    assert run.state == CourseRun.State.DRAFT
    assert "is open" in said(client.post(opening, follow=True))
    run.refresh_from_db()
    assert (run.state, run.lessons.count()) == (CourseRun.State.OPEN, 2)
    opened_at = run.opened_at
    client.post(opening)
    run.refresh_from_db()
    assert run.opened_at == opened_at
    client.post(reverse("runs:close", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == CourseRun.State.CLOSED


def test_a_run_that_cannot_be_opened_says_why_and_stays_a_draft(trainer: User) -> None:
    run = RunFactory(course=CourseFactory(trainers=[trainer], lessons=0), opened=False)
    page = at_work(trainer).post(reverse("runs:open", args=[run.pk]))
    assert page.status_code == 409
    assert list(page.context["reasons"]) == ["The course has no published lesson."]
    run.refresh_from_db()
    assert run.state == CourseRun.State.DRAFT


def test_a_trainer_drafts_no_run_of_a_foreign_course(trainer: User) -> None:
    page = at_work(trainer).post(reverse("runs:add"), run_form(CourseFactory()))
    assert "course" in page.context["form"].errors
    assert not CourseRun.objects.exists()


def test_an_opened_run_is_amended_and_a_closed_one_only_looked_at(
    trainer: User, course: Course
) -> None:
    run = RunFactory(course=course)
    client, address = at_work(trainer), reverse("runs:edit", args=[run.pk])
    for answer in (client.get(address), client.post(address, form_of(run, name="Đợt một"))):
        assert answer["Location"] == reverse("runs:amend", args=[run.pk])
    close_run(run_id=run.pk, at=timezone.now())
    for answer in (client.get(address), client.post(address, form_of(run, name="Đợt một"))):
        assert answer["Location"] == reverse("runs:inspect", args=[run.pk])
    before = run.name
    run.refresh_from_db()
    assert run.name == before


def test_a_form_loaded_before_the_run_was_opened_changes_nothing(course: Course) -> None:
    run = RunFactory(course=course, opened=False)
    open_run(run_id=run.pk, at=timezone.now())
    with pytest.raises(RunRefused):
        revise_run(run_id=run.pk, changes={"mode": "in_person"})
    run.refresh_from_db()
    assert (run.mode, run.state) == ("online", CourseRun.State.OPEN)


def test_a_draft_can_be_deleted_and_an_open_run_cannot(trainer: User, course: Course) -> None:
    draft, run = RunFactory(course=course, opened=False), RunFactory(course=course)
    client = at_work(trainer)
    client.post(reverse("runs:delete", args=[draft.pk]))
    page = client.post(reverse("runs:delete", args=[run.pk]), follow=True)
    assert "Only a draft can be deleted" in said(page)
    assert list(CourseRun.objects.all()) == [run]


# --- Enrolments -----------------------------------------------------------------------------------


@pytest.fixture
def agency() -> Agency:
    found: Agency = AgencyFactory()
    return found


def test_a_focal_point_sees_the_enrolments_of_the_own_agency_only(agency: Agency) -> None:
    own = EnrolmentFactory(person=PersonFactory(agency=agency))
    foreign = EnrolmentFactory()
    client = at_work(UserFactory(focal_point=True, focal_point_of=[agency]))
    page = client.get(reverse("enrolments:index"))
    assert list(page.context["object_list"]) == [own]
    assert client.get(reverse("enrolments:inspect", args=[own.pk])).status_code == 200
    assert client.get(reverse("enrolments:inspect", args=[foreign.pk])).status_code == 404


def test_the_filters_offer_nothing_of_other_agencies(agency: Agency) -> None:
    EnrolmentFactory(person=PersonFactory(agency=agency))
    foreign = EnrolmentFactory()
    client = at_work(UserFactory(focal_point=True, focal_point_of=[agency]))
    page = client.get(reverse("enrolments:index"))
    filters = page.context["filters"].form.fields
    assert list(filters["agency"].queryset) == [agency]
    assert foreign.run not in filters["run"].queryset


def test_enrolments_are_filtered_by_state_and_run() -> None:
    run = RunFactory()
    going = EnrolmentFactory(run=run)
    completed = EnrolmentFactory(run=run, completed=True)
    turn = EnrolmentFactory(watched=True)
    client = at_work(UserFactory(officer=True))

    def found(**filters: Any) -> set[Enrolment]:
        page = client.get(reverse("enrolments:index"), filters)
        return set(page.context["object_list"])

    assert found(state="going") == {going, turn}
    assert found(state="turn") == {completed, turn}
    assert found(state="completed") == {completed}
    assert found(run=run.pk) == {going, completed}
    assert found(agency=turn.agency.pk) == {turn}


def test_the_progress_is_that_of_the_run() -> None:
    done = EnrolmentFactory(watched=True)
    page = at_work(UserFactory(officer=True)).get(reverse("enrolments:index"))
    (listed,) = page.context["object_list"]
    assert (listed, listed.done, listed.wanted) == (done, 2, 2)


def test_enrolments_are_taken_away_as_a_workbook_without_formulas() -> None:
    EnrolmentFactory(person=PersonFactory(full_name='=HYPERLINK("http://x","Đức")'))
    page = at_work(UserFactory(officer=True)).get(reverse("enrolments:index"), {"export": "xlsx"})
    heading, row = sheet(page)
    assert heading[0] == "Full name"
    assert row[0] == '=HYPERLINK("http://x","Đức")'
    assert "FORMULA" not in row


def test_the_listing_asks_as_much_for_many_as_for_few(django_assert_max_num_queries: Any) -> None:
    run = RunFactory()
    officer = UserFactory(officer=True)
    people = PersonFactory.create_batch(12)
    for person in people[:3]:
        EnrolmentFactory(person=person, run=run)
    client = at_work(officer)
    client.get(reverse("enrolments:index"))
    with django_assert_max_num_queries(100) as few:
        client.get(reverse("enrolments:index"))
    for person in people[3:]:
        EnrolmentFactory(person=person, run=run)
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = client.get(reverse("enrolments:index"))
    assert len(page.context["object_list"]) == 12


# --- Courses --------------------------------------------------------------------------------------


def course_form(course: Course, **changes: Any) -> dict[str, Any]:
    return {
        "code": course.code,
        "title": course.title,
        "kind": course.kind,
        "edition": course.edition_id,
        "hours": course.hours,
        "watched_percent": 90,
        "turn_lessons": 50,
        "turn_attendance": "",
        "turn_joined": "either",
        "complete_attendance": "",
        "complete_joined": "either",
        "complete_lessons": 100,
        "complete_tests": "on",
    } | changes


def test_an_officer_says_what_counts_and_who_teaches(trainer: User) -> None:
    course = CourseFactory()
    data = course_form(course, complete_lessons="", teachers=[trainer.pk])
    at_work(UserFactory(officer=True)).post(reverse("courses_taught:edit", args=[course.pk]), data)
    course.refresh_from_db()
    assert course.participation_rule == {"lessons": 50}
    assert course.completion_rule == {"assessments": "required"}
    assert [teacher.user for teacher in course.trainers.all()] == [trainer]


def test_a_trainer_edits_the_own_course_and_names_no_trainers(
    trainer: User, course: Course
) -> None:
    other = UserFactory(trainer=True)
    data = course_form(course, hours=16, teachers=[other.pk])
    at_work(trainer).post(reverse("courses_taught:edit", args=[course.pk]), data)
    course.refresh_from_db()
    assert course.hours == 16
    assert [teacher.user for teacher in course.trainers.all()] == [trainer]


def test_a_course_must_be_completed_by_something(course: Course) -> None:
    data = course_form(course, complete_lessons="")
    del data["complete_tests"]
    address = reverse("courses_taught:edit", args=[course.pk])
    page = at_work(UserFactory(officer=True)).post(address, data)
    assert "complete_lessons" in page.context["form"].errors
    course.refresh_from_db()
    assert course.completion_rule == rules.default_completion()


def test_a_rule_of_another_form_is_shown_and_left_as_it_is(course: Course) -> None:
    rule = {"any": [{"lessons": 30}, {"assessments": "required"}]}
    Course.objects.filter(pk=course.pk).update(participation_rule=rule)
    data = course_form(course, hours=8)
    at_work(UserFactory(officer=True)).post(reverse("courses_taught:edit", args=[course.pk]), data)
    course.refresh_from_db()
    assert (course.participation_rule, course.hours) == (rule, 8)


def test_lessons_class_hours_and_tests_make_a_rule(course: Course) -> None:
    client = at_work(UserFactory(officer=True))
    address = reverse("courses_taught:edit", args=[course.pk])

    def save(**changes: Any) -> Course:
        client.post(address, course_form(course, **changes))
        course.refresh_from_db()
        return course

    save(turn_attendance=60, complete_attendance=80)
    assert course.participation_rule == {"any": [{"lessons": 50}, {"attendance": 60}]}
    assert course.completion_rule == {
        "all": [{"any": [{"lessons": 100}, {"attendance": 80}]}, {"assessments": "required"}]
    }
    save(turn_lessons="", turn_attendance=75, complete_attendance=90, complete_joined="both")
    assert course.participation_rule == {"attendance": 75}
    assert course.completion_rule == {
        "all": [{"lessons": 100}, {"attendance": 90}, {"assessments": "required"}]
    }


def test_a_rule_that_says_the_same_keeps_its_form(course: Course) -> None:
    written = {"all": [{"lessons": 50}]}
    Course.objects.filter(pk=course.pk).update(participation_rule=written)
    at_work(UserFactory(officer=True)).post(
        reverse("courses_taught:edit", args=[course.pk]), course_form(course)
    )
    course.refresh_from_db()
    assert course.participation_rule == written


@pytest.mark.parametrize("share", ["0", "101", "-5", "80%", "9" * 40, "=1+1"])
def test_a_share_is_a_percentage(course: Course, share: str) -> None:
    page = at_work(UserFactory(officer=True)).post(
        reverse("courses_taught:edit", args=[course.pk]), course_form(course, turn_attendance=share)
    )
    assert "turn_attendance" in page.context["form"].errors


def test_a_foreign_course_is_not_there(trainer: User) -> None:
    address = reverse("courses_taught:edit", args=[CourseFactory().pk])
    assert at_work(trainer).get(address).status_code == 404


def test_the_home_page_shows_the_own_runs(trainer: User, course: Course) -> None:
    own, foreign = RunFactory(course=course), RunFactory()
    text = at_work(trainer).get(reverse("wagtailadmin_home")).content.decode()
    assert own.name in text
    assert foreign.name not in text
