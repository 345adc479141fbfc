from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses import spans, watching
from courses.models import Enrolment, LessonPage, LessonProgress, RunLesson
from courses.running import close_run
from courses.watching import Watched, record_watching
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LENGTH = 600


@pytest.fixture
def enrolment() -> Enrolment:
    """In a run whose first lesson has a video of ten minutes; the second has ten seconds."""
    course = factories.CourseFactory()
    page = factories.lessons_of(course)[0]
    LessonPage.objects.filter(pk=page.pk).update(seconds=LENGTH)
    enrolment: Enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course))
    return enrolment


@pytest.fixture
def page(enrolment: Enrolment) -> LessonPage:
    return factories.lessons_of(enrolment.run.course)[0]


def report(
    enrolment: Enrolment,
    page: LessonPage,
    *pairs: list[float],
    after: float = 0,
    position: float = 0,
) -> Watched:
    return record_watching(
        enrolment=enrolment,
        page_id=page.pk,
        raw_spans=list(pairs),
        position=position,
        at=NOW + timedelta(seconds=after),
    )


def test_watching_in_order_is_counted_second_by_second(
    enrolment: Enrolment, page: LessonPage
) -> None:
    for turn in range(1, 7):
        seen = report(
            enrolment, page, [(turn - 1) * 5, turn * 5], after=turn * 5, position=turn * 5
        )
    assert seen == Watched(
        percent=5, needed=90, complete=False, covered=[[0, 30]], seconds=30, position=30
    )


def test_a_first_report_of_the_whole_video_counts_only_what_a_report_can_hold(
    enrolment: Enrolment, page: LessonPage
) -> None:
    assert report(enrolment, page, [0, LENGTH]).covered == [[0, 12]]


def test_no_more_is_counted_than_the_clock_allows(enrolment: Enrolment, page: LessonPage) -> None:
    report(enrolment, page, [0, 5])
    seen = report(enrolment, page, [5, LENGTH], after=10)
    assert seen.covered == [[0, 5 + 10 * 2 + 2]]


def test_double_speed_is_counted_in_full(enrolment: Enrolment, page: LessonPage) -> None:
    for turn in range(1, 31):
        seen = report(enrolment, page, [(turn - 1) * 10, turn * 10], after=turn * 5)
    assert seen.covered == [[0, 300]]


def test_what_was_skipped_is_not_counted(enrolment: Enrolment, page: LessonPage) -> None:
    report(enrolment, page, [0, 5])
    seen = report(enrolment, page, [LENGTH - 5, LENGTH], after=5, position=LENGTH)
    assert seen.covered == [[0, 5], [LENGTH - 5, LENGTH]]
    assert (seen.seconds, seen.complete, seen.position) == (10, False, LENGTH)


def test_watching_the_same_again_adds_nothing(enrolment: Enrolment, page: LessonPage) -> None:
    for after in (0, 60, 120):
        seen = report(enrolment, page, [0, 10], after=after)
    assert seen.seconds == 10


def test_a_report_that_comes_twice_counts_once(enrolment: Enrolment, page: LessonPage) -> None:
    report(enrolment, page, [0, 5])
    first = report(enrolment, page, [5, 10], after=5)
    assert report(enrolment, page, [5, 10], after=5) == first


def test_two_devices_that_play_at_once_gain_no_more_than_the_clock_allows(
    enrolment: Enrolment, page: LessonPage
) -> None:
    for turn in range(1, 11):
        report(enrolment, page, [(turn - 1) * 10, turn * 10], after=turn * 5)
        seen = report(enrolment, page, [300 + (turn - 1) * 10, 300 + turn * 10], after=turn * 5)
    slack = watching.SLACK_SECONDS * 20 + watching.FIRST_REPORT_SECONDS
    assert seen.seconds <= 50 * watching.FASTEST + slack


def test_a_device_with_a_late_clock_takes_no_time_back(
    enrolment: Enrolment, page: LessonPage
) -> None:
    report(enrolment, page, [0, 10], after=100)
    report(enrolment, page, [10, 60], after=50)
    assert LessonProgress.objects.get().last_at == NOW + timedelta(seconds=100)
    seen = report(enrolment, page, [10, LENGTH], after=101)
    assert seen.seconds <= 10 + 2 + 2 + 2


def test_a_lesson_is_complete_at_its_share_and_stays_so(
    enrolment: Enrolment, page: LessonPage
) -> None:
    start = report(enrolment, page, [0, 10])
    assert not start.complete
    at_share = report(enrolment, page, [10, 540], after=300)
    assert (at_share.percent, at_share.complete) == (90, True)
    completed_at = LessonProgress.objects.get().completed_at
    assert completed_at == NOW + timedelta(seconds=300)
    assert report(enrolment, page, [540, 600], after=900).complete
    assert LessonProgress.objects.get().completed_at == completed_at


def test_one_second_less_is_not_enough(enrolment: Enrolment, page: LessonPage) -> None:
    report(enrolment, page, [0, 10])
    seen = report(enrolment, page, [10, 539.99], after=300)
    assert (seen.percent, seen.complete) == (89, False)


def test_the_last_lesson_evaluates_participation(enrolment: Enrolment, page: LessonPage) -> None:
    factories.watch(enrolment, factories.lessons_of(enrolment.run.course)[1])
    enrolment.refresh_from_db()
    assert enrolment.participated_at is None
    report(enrolment, page, [0, 10])
    report(enrolment, page, [10, LENGTH], after=300)
    enrolment.refresh_from_db()
    assert enrolment.participated_at == NOW + timedelta(seconds=300)


def test_the_length_frozen_at_opening_counts_not_todays(
    enrolment: Enrolment, page: LessonPage
) -> None:
    LessonPage.objects.filter(pk=page.pk).update(seconds=5)
    assert report(enrolment, page, [0, 10]).percent == 1


def test_a_lesson_of_another_course_is_not_in_the_run(enrolment: Enrolment) -> None:
    foreign = factories.lessons_of(factories.CourseFactory())[0]
    with pytest.raises(RunLesson.DoesNotExist):
        report(enrolment, foreign, [0, 5])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)), max_size=4),
            st.integers(0, 30),
        ),
        max_size=8,
    )
)
def test_whatever_devices_report_progress_only_grows_and_keeps_to_the_clock(
    enrolment: Enrolment, page: LessonPage, reports: list[tuple[list[Any], int]]
) -> None:
    clock, before = 0.0, 0.0
    covered: list[spans.Span] = []
    with transaction.atomic():
        for pairs, pause in reports:
            clock += pause
            seen = report(enrolment, page, *[list(pair) for pair in pairs], after=clock)
            assert seen.seconds >= before
            assert seen.seconds == spans.total(seen.covered) <= LENGTH
            assert spans.subtract(covered, seen.covered) == []
            before, covered = seen.seconds, seen.covered
        slack = watching.FIRST_REPORT_SECONDS + watching.SLACK_SECONDS * len(reports)
        assert before <= clock * watching.FASTEST + slack + 0.01 * len(reports)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_devices_that_report_at_the_same_moment_lose_nothing(
    enrolment: Enrolment, page: LessonPage
) -> None:
    def device(start: float) -> Any:
        return lambda: report(enrolment, page, [start, start + 1], after=60)

    report(enrolment, page, [0, 1])
    answers = together([device(start) for start in (10, 20, 30, 40)])
    assert all(isinstance(one, Watched) for one in answers)
    kept = LessonProgress.objects.get()
    assert kept.spans == [[0, 1], [10, 11], [20, 21], [30, 31], [40, 41]]


def test_the_database_keeps_one_progress_per_lesson(enrolment: Enrolment, page: LessonPage) -> None:
    report(enrolment, page, [0, 5])
    kept = LessonProgress.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonProgress.objects.create(
            enrolment=enrolment, lesson=kept.lesson, first_at=NOW, last_at=NOW
        )


# --- Over the API ---------------------------------------------------------------------------------


@pytest.fixture
def learner(client: Client, enrolment: Enrolment) -> Client:
    client.force_login(factories.UserFactory(person=enrolment.person))
    return client


def post(client: Client, enrolment: Enrolment, page_id: int, data: Any) -> Any:
    address = reverse("api:watching", args=[enrolment.pk, page_id])
    return client.post(address, data, content_type="application/json")


def test_the_api_answers_with_what_the_server_counts(
    learner: Client, enrolment: Enrolment, page: LessonPage
) -> None:
    answer = post(learner, enrolment, page.pk, {"spans": [[0, 10]], "position": 10})
    assert answer.status_code == 200
    assert answer.json() == {
        "percent": 1,
        "needed": 90,
        "complete": False,
        "covered": [[0.0, 10.0]],
        "seconds": 10.0,
        "position": 10.0,
        "next": None,
    }


def test_a_complete_lesson_leads_on_to_the_next_thing(
    learner: Client, enrolment: Enrolment
) -> None:
    first, second = factories.lessons_of(enrolment.run.course)
    LessonProgress.objects.create(
        enrolment=enrolment,
        lesson=enrolment.run.lessons.get(page=first),
        spans=[[0, 590]],
        seconds=590,
        first_at=NOW,
        last_at=NOW,
    )
    answer = post(learner, enrolment, first.pk, {"spans": [[590, 591]], "position": 591})
    assert (answer.json()["complete"], answer.json()["next"]) == (True, second.url)
    last = post(learner, enrolment, second.pk, {"spans": [[0, 10]], "position": 10})
    onwards = reverse("courses:next", args=[enrolment.pk])
    assert (last.json()["complete"], last.json()["next"]) == (True, onwards)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "nonsense",
        '{"spans": [[0, 1]]}',
        '{"spans": "0-1", "position": 1}',
        '{"spans": [[0, 1, 2]], "position": 1}',
        '{"spans": [["a", "b"]], "position": 1}',
        '{"spans": [[0, NaN]], "position": 1}',
        '{"spans": [[0, 1e999]], "position": 1}',
        '{"spans": [[0, 1' + "0" * 400 + ']], "position": 1}',
        '{"spans": [[0, 1]], "position": -1}',
        '{"spans": [[0, 1]], "position": NaN}',
        '{"spans": [[0, 1]], "position": 1' + "0" * 400 + "}",
        '{"spans": ' + "[" * 5000 + "]" * 5000 + ', "position": 1}',
    ],
)
def test_what_is_no_report_is_a_400_with_the_reason_and_changes_nothing(
    learner: Client, enrolment: Enrolment, page: LessonPage, data: str
) -> None:
    answer = post(learner, enrolment, page.pk, data)
    assert answer.status_code == 400
    assert {"code", "detail"} <= answer.json().keys()
    assert not LessonProgress.objects.exists()


def test_a_foreign_enrolment_and_a_foreign_lesson_are_not_there(
    learner: Client, enrolment: Enrolment, page: LessonPage
) -> None:
    data = {"spans": [[0, 5]], "position": 5}
    foreign = factories.EnrolmentFactory()
    foreign_page = factories.lessons_of(foreign.run.course)[0]
    assert post(learner, foreign, foreign_page.pk, data).status_code == 404
    assert post(learner, enrolment, foreign_page.pk, data).status_code == 404
    assert post(learner, enrolment, 0, data).status_code == 404
    assert not LessonProgress.objects.exists()


def test_a_visitor_reports_nothing(client: Client, enrolment: Enrolment, page: LessonPage) -> None:
    answer = post(client, enrolment, page.pk, {"spans": [[0, 5]], "position": 5})
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_authenticated"


def test_the_time_of_a_report_is_the_servers(
    learner: Client, enrolment: Enrolment, page: LessonPage
) -> None:
    data = {"spans": [[0, 5]], "position": 5, "at": "2001-01-01T00:00:00Z"}
    before = timezone.now()
    assert post(learner, enrolment, page.pk, data).status_code == 200
    kept: datetime = LessonProgress.objects.get().last_at
    assert before <= kept <= timezone.now()


def test_a_closed_run_takes_no_new_evidence_and_shows_what_is_known() -> None:
    enrolment = factories.EnrolmentFactory()
    page = factories.lessons_of(enrolment.run.course)[0]
    close_run(run_id=enrolment.run_id, at=timezone.now())
    factories.watch(enrolment, page)
    assert not LessonProgress.objects.filter(enrolment=enrolment).exists()
