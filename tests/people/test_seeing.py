from datetime import date

import pytest
from django.utils import timezone

from people.models import Person, Posting
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_learner_sees_only_oneself() -> None:
    user = factories.UserFactory()
    factories.PersonFactory(agency=user.person.agency(on=timezone.localdate()))
    assert list(Person.objects.visible_to(user)) == [user.person]


def test_an_account_without_person_or_role_sees_nobody() -> None:
    factories.PersonFactory()
    assert not Person.objects.visible_to(factories.UserFactory(person=None)).exists()


def test_a_focal_point_sees_who_serves_in_the_own_agency_now() -> None:
    agency = factories.AgencyFactory()
    here = factories.PersonFactory(agency=agency)
    gone = factories.PersonFactory(agency=agency)
    Posting.objects.filter(person=gone).update(left_on=date(2020, 1, 1))
    factories.PersonFactory()
    focal_point = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    assert list(Person.objects.visible_to(focal_point)) == [here]


def test_a_person_of_two_own_agencies_is_seen_once() -> None:
    agencies = [factories.AgencyFactory(), factories.AgencyFactory()]
    person = factories.PersonFactory(agency=agencies[0])
    Posting.objects.create(person=person, agency=agencies[1], joined_on=date(2020, 1, 1))
    focal_point = factories.UserFactory(focal_point=True, focal_point_of=agencies)
    assert list(Person.objects.visible_to(focal_point)) == [person]


def test_a_trainer_sees_nobody_outside_the_own_courses() -> None:
    factories.PersonFactory()
    assert not Person.objects.visible_to(factories.UserFactory(trainer=True)).exists()


def test_a_dost_officer_sees_everybody() -> None:
    people = [factories.PersonFactory(), factories.PersonFactory()]
    officer = factories.UserFactory(officer=True)
    assert set(Person.objects.visible_to(officer)) == set(people)
