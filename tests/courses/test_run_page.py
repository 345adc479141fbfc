"""A run at a glance: its figures, its pictures, its learners."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.amending import amend_run
from courses.attendance.holding import hold
from courses.authoring import publish_lesson
from courses.copying import copy_run
from courses.models import Attendance, Course, CourseRun, Enrolment
from courses.running import close_run
from people.models import User
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    RunFactory,
    UserFactory,
    days,
    lessons_of,
    watch,
)
from tests.staff import at_work, said, sheet

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def trainer() -> User:
    user: User = UserFactory(trainer=True)
    return user


@pytest.fixture
def course(trainer: User) -> Course:
    found: Course = CourseFactory(trainers=[trainer])
    return found


@pytest.fixture
def run(course: Course) -> CourseRun:
    made: CourseRun = RunFactory(course=course, capacity=20)
    return made


@pytest.fixture
def client(trainer: User) -> Client:
    return at_work(trainer)


def page(client: Client, run: CourseRun, **asked: Any) -> Any:
    answer = client.get(reverse("runs:inspect", args=[run.pk]), asked)
    assert answer.status_code == 200
    return answer


def withdraw(enrolment: Enrolment) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(withdrawn_at=NOW)


def test_the_figures_are_those_of_the_run_and_of_who_is_in_it(
    client: Client, run: CourseRun
) -> None:
    EnrolmentFactory(run=run, completed=True)
    begun = EnrolmentFactory(run=run)
    watch(begun, lessons_of(run.course)[0])
    withdraw(EnrolmentFactory(run=run, watched=True))
    EnrolmentFactory(run=RunFactory(course=run.course), completed=True)
    meeting = hold(
        run_id=run.pk,
        title="Buổi 1",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        place="Hội trường",
        at=NOW,
    )
    Attendance.objects.create(
        session=meeting, enrolment=begun, present=True, source="roster", entered_at=NOW
    )
    shown = page(client, run)
    listed = shown.context["object"]
    assert (listed.enrolled, listed.withdrawn, listed.turns, listed.completed) == (2, 1, 2, 1)
    assert {one.name: [row[2] for row in one.rows] for one in shown.context["sections"]} == {
        "lessons": [[2, 2], [1, 1]],
        "meetings": [[1]],
        "tests": [[1, 0]],
    }


def test_every_picture_has_its_table_on_the_same_scale(client: Client, run: CourseRun) -> None:
    for _number in range(4):
        EnrolmentFactory(run=run)
    watch(Enrolment.objects.earliest("pk"), lessons_of(run.course)[0])
    html = page(client, run).content.decode()
    pictures = re.findall(r'<svg class="bars".*?</svg>', html, re.DOTALL)
    assert len(pictures) == 2
    assert all(re.search(r'aria-labelledby="(.+?)">\s*<title id="\1">', one) for one in pictures)
    widths = re.findall(r'<rect [^>]* width="([^"]*)%"', pictures[0])
    assert [float(width) for width in widths] == [6.75, 6.75, 0, 0]
    assert html.count("<table") >= 3


def test_learners_are_found_by_state_and_by_name_without_diacritics(
    client: Client, run: CourseRun
) -> None:
    completed = EnrolmentFactory(run=run, completed=True)
    turn = EnrolmentFactory(run=run, watched=True)
    idle = EnrolmentFactory(run=run, person=PersonFactory(full_name="Nguyễn Đức Ổn"))
    left = EnrolmentFactory(run=run)
    withdraw(left)

    def found(**asked: Any) -> set[Enrolment]:
        return set(page(client, run, **asked).context["learners"])

    assert found() == {completed, turn, idle}
    assert found(state="completed") == {completed}
    assert found(state="turn") == {completed, turn}
    assert found(state="going") == {turn, idle}
    assert found(state="unbegun") == {idle}
    assert found(state="withdrawn") == {left}
    assert found(state="late") == set()
    assert found(q="nguyen duc") == {idle}
    assert found(q="khong co ai") == set()
    CourseRun.objects.filter(pk=run.pk).update(
        starts_on=run.starts_on - days(90), ends_on=timezone.localdate() - days(1)
    )
    assert found(state="late") == {turn, idle}
    assert page(client, run).context["object"].late == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "'; DROP TABLE"},
        {"q": "%_\\" * 200},
        {"q": "\x00"},
        {"p": "-1"},
        {"p": "x"},
        {"p": "9" * 30},
    ],
)
def test_what_nobody_can_mean_shows_a_page_all_the_same(
    client: Client, run: CourseRun, asked: dict[str, str]
) -> None:
    EnrolmentFactory(run=run)
    page(client, run, **asked)


def test_fifty_learners_are_on_a_page(client: Client, run: CourseRun) -> None:
    CourseRun.objects.update(capacity=None)
    others = PersonFactory.create_batch(53, agency=AgencyFactory())
    Enrolment.objects.bulk_create(Enrolment(person=one, run=run, enrolled_at=NOW) for one in others)
    first, second = page(client, run), page(client, run, p="2")
    assert [len(first.context["learners"]), len(second.context["learners"])] == [50, 3]
    assert "p=2" in first.content.decode()
    assert "p=1" in page(client, run, p="2", state="unbegun").content.decode()


def test_amendments_stand_on_the_page_with_their_reason(
    client: Client, run: CourseRun, trainer: User
) -> None:
    amend_run(run_id=run.pk, changes={"capacity": 25}, by=trainer, reason="Thêm phòng", at=NOW)
    html = page(client, run).content.decode()
    assert "Thêm phòng" in html
    assert "20 → 25" in html


# --- Forms ----------------------------------------------------------------------------------------


def amend_form(run: CourseRun, **changes: Any) -> dict[str, Any]:
    run.refresh_from_db()
    return {
        "name": run.name,
        "ends_on": run.ends_on.isoformat(),
        "enrol_until": "",
        "capacity": run.capacity or "",
        "provider": run.provider,
        "open_to": run.open_to,
        "turn_lessons": 80,
        "turn_attendance": 80,
        "turn_joined": "either",
        "complete_lessons": 100,
        "complete_attendance": 80,
        "complete_joined": "either",
        "complete_tests": "on",
        "assessments": run.rules["assessments"],
        "reason": "Theo đề nghị",
        "seen": run.amendments.count(),
    } | changes


def test_a_run_is_amended_in_a_form_that_takes_only_what_was_changed(
    client: Client, run: CourseRun, trainer: User
) -> None:
    address = reverse("runs:amend", args=[run.pk])
    form = client.get(address).context["form"]
    assert (form.initial["turn_lessons"], form.initial["turn_joined"]) == (80, "either")
    assert "Nothing" in said(client.post(address, amend_form(run), follow=True))
    assert not run.amendments.exists()
    data = amend_form(run, name="Đợt mới", capacity=30, turn_lessons=50)
    assert "amended" in said(client.post(address, data, follow=True))
    run.refresh_from_db()
    assert (run.name, run.capacity) == ("Đợt mới", 30)
    assert run.rules["participation"] == {"any": [{"lessons": 50}, {"attendance": 80}]}
    amendment = run.amendments.get()
    assert (amendment.by, len(amendment.changes)) == (trainer, 3)


def test_a_form_filled_before_somebody_else_amended_is_shown_again(
    client: Client, run: CourseRun
) -> None:
    data = amend_form(run, name="Một")
    amend_run(run_id=run.pk, changes={"name": "Hai"}, by=None, reason="Khác", at=NOW)
    answer = client.post(reverse("runs:amend", args=[run.pk]), data)
    assert answer.status_code == 409
    assert answer.context["form"]["name"].value() == "Một"
    run.refresh_from_db()
    assert run.name == "Hai"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"reason": "x" * 2001},
        {"name": ""},
        {"name": "x" * 201},
        {"ends_on": "hôm nay"},
        {"capacity": "-3"},
        {"capacity": "nhiều"},
        {"open_to": "friends"},
        {"open_to": "agencies"},
        {"levels": ["village"]},
        {"trainers": ["999999"]},
        {"assessments": ["999999"]},
        {"turn_lessons": "", "turn_attendance": ""},
        {"seen": "x"},
    ],
)
def test_wrong_input_changes_nothing(client: Client, run: CourseRun, wrong: dict[str, Any]) -> None:
    answer = client.post(reverse("runs:amend", args=[run.pk]), amend_form(run, **wrong))
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not run.amendments.exists()


def test_the_lessons_are_changed_in_a_form(client: Client, run: CourseRun) -> None:
    page_ = publish_lesson(course=run.course, title="Bài bổ sung", seconds=10)
    foreign = lessons_of(CourseFactory())[0]
    address = reverse("runs:lessons", args=[run.pk])

    def post(lesson: str, **more: Any) -> Any:
        seen = run.amendments.count()
        data = {"lesson": lesson, "reason": "Bổ sung", "seen": seen}
        return client.post(address, data | more, follow=True)

    for wrong in (f"in-{foreign.pk}", "in-x", "", "out-999999"):
        assert post(wrong).context["form"].errors
    assert post(f"in-{page_.pk}", reason="").context["form"].errors
    assert "changed" in said(post(f"in-{page_.pk}"))
    assert post(f"in-{page_.pk}").context["form"].errors
    assert run.lessons.count() == 3
    assert post(f"out-{page_.pk}", seen=0).status_code == 409
    post(f"out-{page_.pk}")
    assert run.lessons.count() == 2
    assert run.amendments.count() == 2


def test_a_run_is_copied_in_a_form(client: Client, run: CourseRun) -> None:
    address = reverse("runs:copy", args=[run.pk])
    suggested = client.get(address).context["form"].initial
    assert suggested["starts_on"].weekday() == run.starts_on.weekday()
    assert suggested["starts_on"] >= timezone.localdate()
    for wrong in (
        {"name": "", "starts_on": "2030-01-07"},
        {"name": "x" * 201, "starts_on": "2030-01-07"},
        {"name": "Đợt sau", "starts_on": "ngày mai"},
        {"name": "Đợt sau", "starts_on": "9999-12-31"},
    ):
        assert client.post(address, wrong).status_code in (200, 409)
    assert CourseRun.objects.count() == 1
    client.post(address, {"name": "Đợt sau", "starts_on": "2030-01-07"})
    assert CourseRun.objects.get(name="Đợt sau").state == CourseRun.State.DRAFT


def test_a_closed_run_is_neither_amended_nor_begun(client: Client, run: CourseRun) -> None:
    data = amend_form(run, name="Khác")
    close_run(run_id=run.pk, at=NOW)
    for view in ("amend", "lessons", "start"):
        address = reverse(f"runs:{view}", args=[run.pk])
        assert client.get(address).status_code == 302
    client.post(reverse("runs:amend", args=[run.pk]), data)
    assert client.post(reverse("runs:start", args=[run.pk])).status_code == 409
    assert not run.amendments.exists()


def test_what_speaks_against_opening_is_said_before_and_what_to_think_of(
    client: Client, course: Course
) -> None:
    draft = RunFactory(course=course, opened=False, mode="in_person", open_to="levels")
    answer = client.get(reverse("runs:open", args=[draft.pk]))
    assert any("levels" in reason for reason in answer.context["reasons"])
    assert any("class meeting" in warning for warning in answer.context["warnings"])
    assert client.post(reverse("runs:open", args=[draft.pk])).status_code == 409
    draft.refresh_from_db()
    assert draft.state == CourseRun.State.DRAFT


def test_a_draft_says_to_whom_it_is_open(client: Client, course: Course) -> None:
    agency = AgencyFactory()
    today = timezone.localdate()
    data = {
        "course": course.pk,
        "name": "Đợt 1",
        "mode": "blended",
        "starts_on": today.isoformat(),
        "ends_on": (today + days(30)).isoformat(),
        "enrol_until": (today + days(10)).isoformat(),
        "open_to": "agencies",
        "needs_approval": "on",
        "capacity": "40",
        "levels": ["commune"],
    }
    assert "agencies" in client.post(reverse("runs:add"), data).context["form"].errors
    late = data | {"agencies": [agency.pk], "enrol_until": (today + days(31)).isoformat()}
    assert "enrol_until" in client.post(reverse("runs:add"), late).context["form"].errors
    client.post(reverse("runs:add"), data | {"agencies": [agency.pk]})
    run = CourseRun.objects.get()
    assert list(run.agencies.all()) == [agency]
    assert (run.open_to, run.levels, run.needs_approval) == ("agencies", ["commune"], True)
    edit = reverse("runs:edit", args=[run.pk])
    assert client.get(edit).context["form"].initial["levels"] == ["commune"]
    client.post(edit, data | {"open_to": "levels", "levels": ["commune", "province"]})
    run.refresh_from_db()
    assert (run.levels, list(run.agencies.all())) == (["commune", "province"], [])


# --- The listing ----------------------------------------------------------------------------------


def test_the_listing_says_how_full_and_how_far(client: Client, run: CourseRun) -> None:
    EnrolmentFactory(run=run, completed=True)
    EnrolmentFactory(run=run)
    withdraw(EnrolmentFactory(run=run))
    html = client.get(reverse("runs:index")).content.decode()
    assert "2/20" in html
    assert re.search(r'<progress value="1"\s+max="2"', html)
    assert "50 %" in html


def test_runs_are_filtered_by_day_territory_and_kind(client: Client, course: Course) -> None:
    today = timezone.localdate()
    early = RunFactory(course=course, starts_on=today - days(100), supplementary=True)
    recent = RunFactory(course=course, territory=AgencyFactory().territory, mode="blended")

    def found(**asked: Any) -> set[CourseRun]:
        return set(client.get(reverse("runs:index"), asked).context["object_list"])

    assert found(starts_on_from=(today - days(20)).isoformat()) == {recent}
    assert found(starts_on_to=(today - days(20)).isoformat()) == {early}
    assert found(territory=recent.territory_id) == {recent}
    assert found(supplementary="true") == {early}
    assert found(mode="blended") == {recent}
    assert found(starts_on_from="hôm nay", mode="nothing") <= {early, recent}


def test_runs_are_taken_away_as_a_workbook(client: Client, run: CourseRun) -> None:
    CourseRun.objects.filter(pk=run.pk).update(name="=1+1")
    EnrolmentFactory(run=run, completed=True)
    heading, row = sheet(client.get(reverse("runs:index"), {"export": "xlsx"}))
    figures = dict(zip(heading, row, strict=True))
    assert row[0] == "=1+1"
    assert [figures[name] for name in ("Enrolled", "Turns", "Completed")] == [1, 1, 1]


def test_the_listing_costs_the_same_for_many_runs(
    client: Client,
    course: Course,
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    first = RunFactory(course=course, territory=AgencyFactory().territory)
    address = reverse("runs:index")
    client.get(address)
    with django_assert_max_num_queries(100) as few:
        client.get(address)
    for number in range(5):
        copied = copy_run(run_id=first.pk, name=f"Đợt {number}", starts_on=first.starts_on, at=NOW)
        assert copied.pk
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(address)
