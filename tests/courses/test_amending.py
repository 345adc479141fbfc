"""An opened run is changed in the open: who, why, what before and after."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Level
from courses import reevaluating
from courses.amending import amend_run
from courses.attendance.holding import hold
from courses.authoring import add_assessment, publish_lesson
from courses.enrolling import ask, enrol
from courses.models import Amendment, CourseRun, Enrolment, LessonPage
from courses.relisting import drop, not_begun, published_since, take_in
from courses.running import RunRefused, close_run
from people.models import User
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def trainer() -> User:
    user: User = factories.UserFactory(trainer=True)
    return user


@pytest.fixture
def run() -> CourseRun:
    made: CourseRun = factories.RunFactory()
    return made


def amend(run: CourseRun, by: Any = None, **changes: Any) -> CourseRun:
    said = {"reason": "Theo đề nghị của các đơn vị", "at": NOW} | {
        name: changes.pop(name) for name in ("reason", "seen") if name in changes
    }
    return amend_run(run_id=run.pk, changes=changes, by=by, **said)


def settle(run: CourseRun) -> None:
    """What a worker does after the commit."""
    assert reevaluating.reevaluate(run_id=run.pk, at=NOW)


def test_what_changed_is_kept_in_words_with_its_reason(run: CourseRun, trainer: User) -> None:
    last = run.ends_on + timedelta(days=7)
    amend(run, by=trainer, name="Đợt học mới", ends_on=last, capacity=40, trainers=[trainer])
    run.refresh_from_db()
    assert (run.name, run.ends_on, run.capacity) == ("Đợt học mới", last, 40)
    assert list(run.trainers.all()) == [trainer]
    amendment = run.amendments.get()
    assert (amendment.by, amendment.at) == (trainer, NOW)
    assert amendment.reason == "Theo đề nghị của các đơn vị"
    assert ["Đợt học mới", "40", str(trainer)] == [
        after for _before, after in amendment.changes.values() if "/" not in after
    ]
    assert f"{last:%d/%m/%Y}" in [after for _before, after in amendment.changes.values()]


def test_the_words_are_in_the_language_of_the_service(run: CourseRun) -> None:
    with translation.override("en"):
        amend(run, needs_approval=True)
    (values,) = run.amendments.get().changes.values()
    assert values == ["Không", "Có"]


def test_saying_what_is_so_already_changes_nothing(run: CourseRun) -> None:
    amend(run, name=run.name, capacity=run.capacity, trainers=[], levels=[], reason="")
    assert not run.amendments.exists()


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_nothing_changes_without_a_reason(run: CourseRun, reason: str) -> None:
    with pytest.raises(RunRefused):
        amend(run, name="Khác", reason=reason)
    before = run.name
    run.refresh_from_db()
    assert run.name == before


def test_a_draft_and_a_closed_run_are_not_amended(run: CourseRun) -> None:
    with pytest.raises(RunRefused):
        amend(factories.RunFactory(opened=False), name="Khác")
    close_run(run_id=run.pk, at=NOW)
    with pytest.raises(RunRefused):
        amend(run, name="Khác")
    assert not Amendment.objects.exists()


def test_what_contradicts_itself_is_refused_and_nothing_changes(run: CourseRun) -> None:
    factories.EnrolmentFactory.create_batch(2, run=run)
    meeting = timezone.make_aware(
        timezone.datetime.combine(run.ends_on, timezone.datetime.min.time())  # type: ignore[attr-defined]
    )
    hold(
        run_id=run.pk,
        title="Buổi cuối",
        starts_at=meeting + timedelta(hours=8),
        ends_at=meeting + timedelta(hours=10),
        place="Hội trường",
        at=NOW,
    )
    foreign = factories.assessment_of(factories.CourseFactory())
    wrong: list[dict[str, Any]] = [
        {"ends_on": run.starts_on - timedelta(days=1)},
        {"ends_on": run.ends_on - timedelta(days=1)},
        {"enrol_until": run.ends_on + timedelta(days=1)},
        {"capacity": 1},
        {"capacity": 0},
        {"open_to": "agencies"},
        {"open_to": "levels"},
        {"open_to": "phase"},
        {"name": "x" * 201},
        {"name": ""},
        {"assessments": [foreign]},
        {"assessments": []},
        {"completion": {"all": [{"attendance": 50}, {"assessments": "required"}]}, "capacity": 1},
    ]
    for changes in wrong:
        with pytest.raises(RunRefused) as refused:
            amend(run, **changes)
        assert all(str(reason) for reason in refused.value.reasons)
    fresh = CourseRun.objects.get(pk=run.pk)
    assert (fresh.capacity, fresh.ends_on, fresh.open_to) == (None, run.ends_on, "everyone")
    assert fresh.frozen_rules == run.frozen_rules
    assert not run.amendments.exists()


def test_what_is_counted_under_is_not_amended(run: CourseRun) -> None:
    for name in ("course", "starts_on", "phase", "state", "frozen_rules"):
        with pytest.raises(ValueError, match="not amendable"):
            amend(run, **{name: None})


def test_the_audience_of_an_opened_run_can_be_widened(run: CourseRun) -> None:
    agencies = factories.AgencyFactory.create_batch(12)
    amend(run, open_to="agencies", agencies=agencies[:11])
    amend(run, agencies=agencies)
    _before, after = next(iter(run.amendments.first().changes.values()))
    assert after.startswith("12")
    assert str(agencies[11]) in after
    assert str(agencies[0]) not in after
    amend(run, open_to="levels", levels=[Level.COMMUNE])
    run.refresh_from_db()
    assert run.levels == ["commune"]


def test_more_seats_go_to_those_who_wait_in_their_order() -> None:
    run = factories.RunFactory(capacity=1)
    people = factories.PersonFactory.create_batch(4)
    for number, person in enumerate(people):
        ask(person=person, run_id=run.pk, at=NOW - timedelta(hours=9 - number))
    assert run.enrolments.count() == 1
    amend(run, capacity=3)
    assert set(run.enrolments.values_list("person", flat=True)) == {one.pk for one in people[:3]}
    amend(run, capacity=None)
    assert run.enrolments.count() == 4


def test_changed_rules_are_carried_into_everybodys_evidence() -> None:
    run = factories.RunFactory(course=factories.CourseFactory(lessons=4))
    first, *_others = factories.lessons_of(run.course)
    enrolments = factories.EnrolmentFactory.create_batch(3, run=run)
    for enrolment in enrolments[:2]:
        factories.watch(enrolment, first)
    amend(run, participation={"lessons": 25})
    run.refresh_from_db()
    assert run.unsettled_since == NOW
    settle(run)
    run.refresh_from_db()
    assert run.unsettled_since is None
    assert run.enrolments.filter(participated_at__isnull=False).count() == 2
    assert not reevaluating.reevaluate(run_id=run.pk, at=NOW)
    amend(run, participation={"lessons": 100}, reason="Nhầm")
    assert reevaluating.unsettled(NOW) == 1
    assert not run.enrolments.filter(participated_at__isnull=False).exists()


def test_a_required_test_can_be_added_and_taken_out() -> None:
    run = factories.RunFactory()
    enrolment = factories.EnrolmentFactory(run=run, completed=True)
    first = factories.assessment_of(run.course)
    second = add_assessment(course=run.course, title="Bài tập tình huống")
    amend(run, assessments=[first, second])
    settle(run)
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None
    amend(run, assessments=[first], reason="Không đủ thời gian")
    settle(run)
    enrolment.refresh_from_db()
    assert enrolment.completed_at
    assert ["Bài tập tình huống" in str(one.changes) for one in run.amendments.all()] == [True] * 2


def test_a_lesson_published_since_is_taken_in_as_the_last() -> None:
    run = factories.RunFactory()
    enrolment = factories.EnrolmentFactory(run=run, watched=True)
    assert enrolment.participated_at
    page = publish_lesson(course=run.course, title="Bài bổ sung", seconds=10)
    assert published_since(run) == [page]
    for _time in range(2):
        take_in(run_id=run.pk, page_id=page.pk, by=None, reason="Bổ sung", at=NOW)
    assert [(one.order, one.page_id) for one in run.lessons.all()][-1] == (3, page.pk)
    assert run.amendments.count() == 1
    assert not published_since(run)
    settle(run)
    enrolment.refresh_from_db()
    assert enrolment.participated_at is None
    factories.watch(enrolment, page)
    enrolment.refresh_from_db()
    assert enrolment.participated_at


def test_only_lessons_of_the_course_that_can_be_watched_are_taken_in(run: CourseRun) -> None:
    foreign = factories.lessons_of(factories.CourseFactory())[0]
    silent = publish_lesson(course=run.course, title="Chưa có phim", seconds=10)
    LessonPage.objects.filter(pk=silent.pk).update(seconds=0)
    with pytest.raises(LessonPage.DoesNotExist):
        take_in(run_id=run.pk, page_id=foreign.pk, by=None, reason="Bổ sung", at=NOW)
    with pytest.raises(RunRefused):
        take_in(run_id=run.pk, page_id=silent.pk, by=None, reason="Bổ sung", at=NOW)
    with pytest.raises(RunRefused):
        take_in(run_id=run.pk, page_id=silent.pk, by=None, reason=" ", at=NOW)
    assert run.lessons.count() == 2


def test_a_lesson_that_nobody_has_begun_is_taken_out_and_the_order_closes() -> None:
    run = factories.RunFactory(course=factories.CourseFactory(lessons=4))
    first, second, third, fourth = factories.lessons_of(run.course)
    factories.watch(factories.EnrolmentFactory(run=run), first)
    assert [one.page_id for one in not_begun(run)] == [second.pk, third.pk, fourth.pk]
    with pytest.raises(RunRefused):
        drop(run_id=run.pk, page_id=first.pk, by=None, reason="Thừa", at=NOW)
    for _time in range(2):
        drop(run_id=run.pk, page_id=second.pk, by=None, reason="Thừa", at=NOW)
    kept = [(1, first.pk), (2, third.pk), (3, fourth.pk)]
    assert list(run.lessons.values_list("order", "page")) == kept
    assert run.amendments.count() == 1


def test_the_last_lesson_stays(run: CourseRun) -> None:
    first, second = factories.lessons_of(run.course)
    drop(run_id=run.pk, page_id=first.pk, by=None, reason="Thừa", at=NOW)
    with pytest.raises(RunRefused):
        drop(run_id=run.pk, page_id=second.pk, by=None, reason="Thừa", at=NOW)
    assert run.lessons.get().page_id == second.pk


def test_an_amendment_is_never_changed_or_deleted(run: CourseRun) -> None:
    amend(run, name="Khác")
    for spoil in (
        lambda: run.amendments.update(reason="Lý do khác"),
        lambda: run.amendments.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


amendments = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(min_size=1, max_size=30, alphabet="aăâbcdđeê "),
        "capacity": st.none() | st.integers(-1, 50),
        "provider": st.text(max_size=20, alphabet="xyz"),
        "needs_approval": st.booleans(),
        "open_to": st.sampled_from(["everyone", "levels", "agencies", "invited"]),
        "levels": st.lists(st.sampled_from(Level.values), unique=True),
        "participation": st.sampled_from([{"lessons": 10}, {"attendance": 80}]),
    },
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(amendments, max_size=4))
def test_no_amendment_touches_another_run(run: CourseRun, said: list[dict[str, Any]]) -> None:
    foreign = factories.RunFactory(course=run.course, capacity=7)
    factories.EnrolmentFactory(run=foreign, watched=True)

    def of(which: CourseRun) -> Any:
        rows = Enrolment.objects.filter(run=which).values_list().order_by("pk")
        lessons = which.lessons.values_list()
        return (
            CourseRun.objects.filter(pk=which.pk).values().get(),
            list(rows),
            list(lessons),
            which.amendments.count(),
        )

    before = of(foreign)
    for changes in said:
        try:
            amend(run, **changes)
        except RunRefused:
            continue
    reevaluating.unsettled(NOW)
    assert of(foreign) == before


# --- Several at once ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_amend_what_both_have_seen_one_is_told_to_look_again() -> None:
    run = factories.RunFactory()
    answers = together(
        [lambda name=name: amend(run, name=name, seen=0) for name in ("Một", "Hai")]  # type: ignore[misc]
    )
    refused = [one for one in answers if isinstance(one, RunRefused)]
    assert len(refused) == 1
    run.refresh_from_db()
    (values,) = run.amendments.get().changes.values()
    assert values[1] == run.name


@pytest.mark.django_db(transaction=True)
def test_amendments_of_different_things_at_once_all_stand() -> None:
    run = factories.RunFactory()
    together(
        [
            lambda: amend(run, name="Một"),
            lambda: amend(run, capacity=30),
            lambda: amend(run, provider="Viện Năng suất Việt Nam"),
            lambda: amend(run, participation={"lessons": 50}),
        ]
    )
    run.refresh_from_db()
    assert (run.name, run.capacity, run.provider) == ("Một", 30, "Viện Năng suất Việt Nam")
    assert run.rules["participation"] == {"lessons": 50}
    assert run.amendments.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_run_closed_while_it_is_amended_is_one_or_the_other() -> None:
    run = factories.RunFactory()
    together([lambda: amend(run, name="Một"), lambda: close_run(run_id=run.pk, at=NOW)])
    run.refresh_from_db()
    assert run.state == CourseRun.State.CLOSED
    assert (run.name == "Một") == run.amendments.exists()


@pytest.mark.django_db(transaction=True)
def test_fewer_seats_and_the_last_seat_at_once_never_overfill() -> None:
    run = factories.RunFactory(capacity=3)
    factories.EnrolmentFactory(run=run)
    people = factories.PersonFactory.create_batch(3)
    together(
        [
            lambda: amend(run, capacity=1),
            *(
                lambda person=person: enrol(person=person, run_id=run.pk, at=NOW)  # type: ignore[misc]
                for person in people
            ),
        ]
    )
    run.refresh_from_db()
    assert run.capacity is not None
    assert run.enrolments.count() <= run.capacity
