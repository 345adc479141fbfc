"""Reminding learners of the last day, and telling focal points who is late."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as playing
from hypothesis import strategies as st

from agencies.models import Agency
from courses.correspondence import digesting, reminding
from courses.correspondence.reminding import Reminded, remind, remind_due
from courses.models import CourseRun, Enrolment, Reminder
from jobs import mailing
from jobs.models import Mail
from people.models import User
from tests.factories import (
    AgencyFactory,
    CourseFactory,
    EnrolmentFactory,
    PersonFactory,
    RunFactory,
    UserFactory,
)
from tests.together import together

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
pytestmark = pytest.mark.django_db


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, 0, tzinfo=LOCAL)


@pytest.fixture
def run() -> CourseRun:
    found: CourseRun = RunFactory(name="Đợt 1")
    return found


@pytest.fixture
def enrolment(run: CourseRun) -> Enrolment:
    found: Enrolment = EnrolmentFactory(run=run, person=PersonFactory(email="a@khanhhoa.gov.vn"))
    return found


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


def day(run: CourseRun, stage: int) -> datetime:
    """Noon of the day that lies so many days after the last day of the run."""
    return noon(run.ends_on + timedelta(days=stage))


# --- At one press ---------------------------------------------------------------------------------


def test_a_learner_is_reminded_at_most_once_a_day(enrolment: Enrolment, officer: User) -> None:
    at = timezone.now()
    ids = [enrolment.pk, enrolment.pk]
    assert remind(enrolment_ids=ids, by=officer, at=at) == Reminded(queued=1)
    assert remind(enrolment_ids=ids, by=officer, at=at) == Reminded(reminded_today=1)
    later = at + timedelta(days=1)
    assert remind(enrolment_ids=ids, by=officer, at=later) == Reminded(queued=1)
    assert Mail.objects.count() == Reminder.objects.count() == 2


def test_a_reminder_says_how_far_and_until_when(enrolment: Enrolment, officer: User) -> None:
    remind(enrolment_ids=[enrolment.pk], by=officer, at=day(enrolment.run, -3))
    mail = Mail.objects.get()
    assert enrolment.run.ends_on.strftime("%d/%m/%Y") in mail.text
    assert "0" in mail.text
    assert f"/hoc-tap/{enrolment.pk}/" in mail.text
    assert enrolment.run.course.title in mail.subject


def test_who_cannot_or_need_not_be_reminded_is_counted(run: CourseRun, officer: User) -> None:
    without = EnrolmentFactory(run=run)
    done = EnrolmentFactory(run=run, completed=True, person=PersonFactory(email="b@x.vn"))
    left = EnrolmentFactory(run=run, person=PersonFactory(email="c@x.vn"))
    Enrolment.objects.filter(pk=left.pk).update(withdrawn_at=timezone.now())
    closed = EnrolmentFactory(person=PersonFactory(email="d@x.vn"))
    CourseRun.objects.filter(pk=closed.run_id).update(state=CourseRun.State.CLOSED)
    ids = [without.pk, done.pk, left.pk, closed.pk, 0]
    found = remind(enrolment_ids=ids, by=officer, at=timezone.now())
    assert found == Reminded(without_address=1, nothing_to_do=3)


def test_the_address_of_the_account_serves_where_the_person_has_none(
    run: CourseRun, officer: User
) -> None:
    enrolment = EnrolmentFactory(run=run)
    user = UserFactory(person=enrolment.person)
    user.email = "konto@khanhhoa.gov.vn"
    user.save()
    remind(enrolment_ids=[enrolment.pk], by=officer, at=timezone.now())
    assert Mail.objects.get().to == "konto@khanhhoa.gov.vn"


def test_a_focal_point_reminds_the_people_of_the_own_agencies_only() -> None:
    own, foreign = AgencyFactory(), AgencyFactory()
    point = UserFactory(focal_point=True, focal_point_of=[own])
    course = CourseFactory()
    ids = [
        EnrolmentFactory(
            run=RunFactory(course=course), person=PersonFactory(agency=agency, email=email)
        ).pk
        for agency, email in ((own, "own@x.vn"), (foreign, "foreign@x.vn"))
    ]
    assert remind(enrolment_ids=ids, by=point, at=timezone.now()) == Reminded(queued=1)
    assert Mail.objects.get().to == "own@x.vn"


@pytest.mark.django_db(transaction=True)
def test_many_presses_at_once_are_one_mail(enrolment: Enrolment, officer: User) -> None:
    at = timezone.now()
    together([lambda: remind(enrolment_ids=[enrolment.pk], by=officer, at=at)] * 5)
    assert Mail.objects.count() == Reminder.objects.count() == 1


# --- By itself ------------------------------------------------------------------------------------


def test_a_learner_is_reminded_before_the_last_day_and_when_late(enrolment: Enrolment) -> None:
    reminded = []
    for stage in range(-12, 20):
        if remind_due(day(enrolment.run, stage)):
            reminded.append(stage)
        assert remind_due(day(enrolment.run, stage)) == 0
    assert reminded == [-7, -1, 1, 7]
    assert len(set(Mail.objects.values_list("subject", flat=True))) == 4


def test_a_sweep_that_did_not_run_for_two_days_still_reminds(enrolment: Enrolment) -> None:
    assert remind_due(day(enrolment.run, -5)) == 1
    assert remind_due(day(enrolment.run, -4)) == 0
    assert remind_due(day(enrolment.run, 4)) == 0


def test_who_enrols_after_the_day_is_not_reminded_of_it(run: CourseRun) -> None:
    person = PersonFactory(email="late@khanhhoa.gov.vn")
    enrolled = day(run, -7) + timedelta(hours=1)
    Enrolment.objects.create(person=person, run=run, enrolled_at=enrolled)
    assert remind_due(day(run, -6)) == 0
    assert remind_due(day(run, -1)) == 1


def test_who_has_completed_or_left_is_left_in_peace(run: CourseRun) -> None:
    EnrolmentFactory(run=run, completed=True, person=PersonFactory(email="b@x.vn"))
    left = EnrolmentFactory(run=run, person=PersonFactory(email="c@x.vn"))
    Enrolment.objects.filter(pk=left.pk).update(withdrawn_at=timezone.now())
    assert remind_due(day(run, -1)) == remind_due(day(run, 1)) == 0


def test_a_run_that_is_prolonged_reminds_anew(enrolment: Enrolment) -> None:
    run = enrolment.run
    assert remind_due(day(run, -1)) == 1
    CourseRun.objects.filter(pk=run.pk).update(ends_on=run.ends_on + timedelta(days=30))
    run.refresh_from_db()
    assert remind_due(day(run, -1)) == 1


def test_the_days_can_be_chosen(enrolment: Enrolment, settings: Any) -> None:
    settings.REMIND_DAYS_BEFORE, settings.REMIND_DAYS_LATE = [3], []
    found = [stage for stage in range(-12, 12) if remind_due(day(enrolment.run, stage))]
    assert found == [-3]


def test_what_is_queued_at_night_goes_out_in_the_morning(enrolment: Enrolment) -> None:
    midnight = day(enrolment.run, -1).replace(hour=0, minute=5)
    assert remind_due(midnight) == 1
    assert mailing.send_due(midnight) == 0
    assert Mail.objects.get().not_before == midnight.replace(hour=6, minute=30)


@given(st.lists(st.integers(-240, 240), max_size=10))
@playing(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whenever_the_sweep_runs_nobody_is_reminded_twice(
    enrolment: Enrolment, hours: list[int]
) -> None:
    Reminder.objects.all().delete()
    Mail.objects.all().delete()
    for hour in hours:
        remind_due(day(enrolment.run, 0) + timedelta(hours=hour))
    stages = [row.stage for row in Reminder.objects.all()]
    assert len(stages) == len(set(stages)) == Mail.objects.count()
    assert set(stages) <= {-7, -1, 1, 7}


def test_many_learners_are_reminded_in_batches(
    run: CourseRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "BATCH", 2)
    monkeypatch.setattr(reminding, "SWEEP_MOST", 5)
    for number in range(7):
        EnrolmentFactory(run=run, person=PersonFactory(email=f"{number}@x.vn"))
    assert [remind_due(day(run, -1)) for _time in range(3)] == [5, 2, 0]


# --- Digest ---------------------------------------------------------------------------------------


@pytest.fixture
def agency() -> Agency:
    found: Agency = AgencyFactory(name="Ủy ban nhân dân xã Vĩnh Hải")
    return found


@pytest.fixture
def point(agency: Agency) -> User:
    user: User = UserFactory(focal_point=True, focal_point_of=[agency])
    user.email = "dau-moi@khanhhoa.gov.vn"
    user.save()
    return user


def monday_after(run: CourseRun) -> datetime:
    days = (7 - run.ends_on.weekday()) % 7 or 7
    return day(run, days)


def test_a_focal_point_is_told_once_a_week_who_is_late(
    run: CourseRun, agency: Agency, point: User
) -> None:
    EnrolmentFactory(run=run, person=PersonFactory(agency=agency, full_name="Lê Hoàng Ánh"))
    EnrolmentFactory(run=run, person=PersonFactory(full_name="Võ Thị Bích Hạnh"))
    monday = monday_after(run)
    found = [digesting.digest_due(monday + timedelta(days=n)) for n in range(14)]
    assert found == [1, *[0] * 6, 1, *[0] * 6]
    assert digesting.digest_due(monday) == 0
    first = Mail.objects.earliest("created_at")
    assert first.to == point.email
    assert "Lê Hoàng Ánh" in first.text
    assert "Võ Thị Bích Hạnh" not in first.text


def test_nobody_is_told_when_nobody_is_late(run: CourseRun, agency: Agency, point: User) -> None:
    EnrolmentFactory(run=run, completed=True, person=PersonFactory(agency=agency))
    assert digesting.digest_due(monday_after(run)) == 0
    EnrolmentFactory(run=run, person=PersonFactory(agency=agency))
    assert digesting.digest_due(monday_after(run) - timedelta(days=14)) == 0


def test_a_long_list_ends_with_how_many_more(
    run: CourseRun, agency: Agency, point: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "LONGEST", 2)
    for _number in range(5):
        EnrolmentFactory(run=run, person=PersonFactory(agency=agency))
    digesting.digest_due(monday_after(run))
    mail = Mail.objects.get()
    assert "5" in mail.subject
    assert mail.text.count("\n- ") == 3


def test_the_days_of_the_digest_can_be_chosen(
    run: CourseRun, agency: Agency, point: User, settings: Any
) -> None:
    settings.DIGEST_DAYS = [2, 4]
    EnrolmentFactory(run=run, person=PersonFactory(agency=agency))
    monday = monday_after(run)
    found = [digesting.digest_due(monday + timedelta(days=n)) for n in range(7)]
    assert found == [0, 1, 0, 1, 0, 0, 0]


def test_a_last_day_that_was_moved_is_reminded_of_at_every_stage_again(
    run: CourseRun, enrolment: Enrolment
) -> None:
    assert [remind_due(day(run, stage)) for stage in (-7, -1)] == [1, 1]
    CourseRun.objects.filter(pk=run.pk).update(ends_on=run.ends_on + timedelta(days=30))
    run.refresh_from_db()
    assert [remind_due(day(run, stage)) for stage in (-7, -1)] == [1, 1]
