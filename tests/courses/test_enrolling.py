from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from courses import enrolling
from courses.enrolling import Enrolled, EnrolmentRefused, enrol
from courses.models import CourseRun, Enrolment
from courses.running import close_run
from people.models import Posting
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture(autouse=True)
def english() -> object:
    with translation.override("en"):
        yield


def test_a_person_is_enrolled_from_the_agency_of_that_day() -> None:
    person, run = factories.PersonFactory(), factories.RunFactory()
    agency = person.agency(on=timezone.localdate())
    officer = factories.UserFactory(officer=True)
    enrolled = enrol(person=person, run_id=run.pk, at=NOW, by=officer)
    assert enrolled.created
    kept = Enrolment.objects.get()
    assert (kept.person, kept.run, kept.agency) == (person, run, agency)
    assert (kept.enrolled_at, kept.enrolled_by) == (NOW, officer)
    assert kept.participated_at is kept.completed_at is None


def test_moving_to_another_agency_afterwards_moves_no_enrolment() -> None:
    enrolment = factories.EnrolmentFactory()
    agency = enrolment.agency
    enrolment.person.postings.update(left_on=timezone.localdate() - timedelta(days=1))
    Posting.objects.create(
        person=enrolment.person, agency=factories.AgencyFactory(), joined_on=timezone.localdate()
    )
    enrolment.refresh_from_db()
    assert enrolment.agency == agency != enrolment.person.agency(on=timezone.localdate())


def test_asking_again_gives_the_first_enrolment_and_changes_nothing() -> None:
    person, run = factories.PersonFactory(), factories.RunFactory()
    first = enrol(person=person, run_id=run.pk, at=NOW)
    again = enrol(person=person, run_id=run.pk, at=NOW + timedelta(minutes=1))
    assert not again.created
    assert again.enrolment == first.enrolment
    assert Enrolment.objects.get().enrolled_at == NOW


def test_a_drafted_a_closed_and_a_past_run_take_nobody() -> None:
    person = factories.PersonFactory()
    draft = factories.RunFactory(opened=False)
    closed = factories.RunFactory()
    close_run(run_id=closed.pk, at=NOW)
    past = factories.RunFactory(
        starts_on=timezone.localdate() - timedelta(days=30),
        ends_on=timezone.localdate() - timedelta(days=1),
    )
    for run in (draft, closed, past):
        with pytest.raises(EnrolmentRefused, match="not open"):
            enrol(person=person, run_id=run.pk, at=NOW)
    assert not Enrolment.objects.exists()


def test_one_can_enrol_on_the_last_day() -> None:
    run = factories.RunFactory(ends_on=timezone.localdate())
    assert enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW).created


def test_an_enrolment_stands_when_its_run_is_closed_and_asked_for_again() -> None:
    enrolment = factories.EnrolmentFactory()
    close_run(run_id=enrolment.run_id, at=NOW)
    again = enrol(person=enrolment.person, run_id=enrolment.run_id, at=NOW)
    assert (again.enrolment, again.created) == (enrolment, False)


def test_a_run_that_is_not_there_says_so() -> None:
    with pytest.raises(CourseRun.DoesNotExist):
        enrol(person=factories.PersonFactory(), run_id=0, at=NOW)


def test_a_prerequisite_must_be_completed_not_only_begun() -> None:
    first = factories.CourseFactory(title="Nhận thức")
    second = factories.CourseFactory(prerequisites=[first])
    run = factories.RunFactory(course=second)
    person = factories.PersonFactory()
    begun = factories.EnrolmentFactory(
        person=person, run=factories.RunFactory(course=first), watched=True
    )
    with pytest.raises(EnrolmentRefused, match="First complete: Nhận thức"):
        enrol(person=person, run_id=run.pk, at=NOW)
    factories.pass_all(begun)
    assert enrol(person=person, run_id=run.pk, at=NOW).created


def test_what_others_have_completed_does_not_count() -> None:
    first = factories.CourseFactory()
    second = factories.CourseFactory(prerequisites=[first])
    factories.EnrolmentFactory(run=factories.RunFactory(course=first), completed=True)
    person = factories.PersonFactory()
    assert enrolling.missing_prerequisites(person=person, course=second) == [first]


def test_a_prerequisite_completed_in_any_of_its_runs_counts() -> None:
    first = factories.CourseFactory()
    second = factories.CourseFactory(prerequisites=[first])
    person = factories.PersonFactory()
    for completed in (True, False):
        factories.EnrolmentFactory(
            person=person, run=factories.RunFactory(course=first), completed=completed
        )
    assert enrolling.missing_prerequisites(person=person, course=second) == []


def test_the_last_seat_is_given_once() -> None:
    run = factories.RunFactory(capacity=1)
    assert enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW).created
    with pytest.raises(EnrolmentRefused, match="seats"):
        enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW)


def test_the_database_itself_refuses_a_second_enrolment() -> None:
    enrolment = factories.EnrolmentFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(person=enrolment.person, run=enrolment.run, enrolled_at=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_ask_for_the_last_seat_at_once_one_gets_it() -> None:
    run = factories.RunFactory(capacity=1)
    people = factories.PersonFactory.create_batch(20)

    def ask(person: object) -> object:
        return lambda: enrol(person=person, run_id=run.pk, at=NOW)  # type: ignore[arg-type]

    answers = together([ask(person) for person in people])  # type: ignore[misc]
    assert len([one for one in answers if isinstance(one, Enrolled)]) == 1
    assert len([one for one in answers if isinstance(one, EnrolmentRefused)]) == 19
    assert run.enrolments.count() == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_clicks_of_one_person_give_one_enrolment_to_all() -> None:
    person, run = factories.PersonFactory(), factories.RunFactory()
    answers = together([lambda: enrol(person=person, run_id=run.pk, at=NOW)] * 5)
    kept = Enrolment.objects.get()
    assert [one.enrolment for one in answers] == [kept] * 5  # type: ignore[union-attr]
    assert sum(one.created for one in answers) == 1  # type: ignore[union-attr]


def test_a_double_click_ends_on_the_same_page_as_one_click(client: Client) -> None:
    user, run = factories.UserFactory(), factories.RunFactory()
    client.force_login(user)
    address = reverse("courses:enrol", args=[run.pk])
    first, second = client.post(address), client.post(address)
    enrolment = Enrolment.objects.get(person=user.person)
    assert first.url == second.url == reverse("courses:enrolment", args=[enrolment.pk])


def test_who_is_refused_is_told_why_on_the_course_page(client: Client) -> None:
    run = factories.RunFactory()
    yesterday = timezone.localdate() - timedelta(days=1)
    CourseRun.objects.filter(pk=run.pk).update(enrol_until=yesterday)
    client.force_login(factories.UserFactory())
    client.cookies["django_language"] = "en"
    response = client.post(reverse("courses:enrol", args=[run.pk]), follow=True)
    assert response.redirect_chain[-1][0] == run.course.page.url
    assert "The last day of enrolment was" in response.text


def test_an_account_without_a_person_cannot_be_enrolled(client: Client) -> None:
    run = factories.RunFactory()
    client.force_login(factories.UserFactory(person=None))
    assert client.post(reverse("courses:enrol", args=[run.pk])).status_code == 403
    client.force_login(factories.UserFactory())
    assert client.post(reverse("courses:enrol", args=[0])).status_code == 404
    assert client.get(reverse("courses:enrol", args=[run.pk])).status_code == 405
    assert not Enrolment.objects.exists()
