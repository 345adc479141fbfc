import unicodedata
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from people.models import Person, Posting
from people.registering import open_account, register_person
from tests import factories

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ánh Đức"


def test_a_name_in_decomposed_unicode_is_stored_composed() -> None:
    person = factories.PersonFactory(full_name=f"  {unicodedata.normalize('NFD', NAME)} ")
    assert person.full_name == NAME
    person.refresh_from_db()
    assert person.full_name == NAME


def test_a_decomposed_name_is_stored_composed_by_an_update_too() -> None:
    person = factories.PersonFactory()
    Person.objects.filter(pk=person.pk).update(full_name=unicodedata.normalize("NFD", NAME))
    person.refresh_from_db()
    assert person.full_name == NAME


@pytest.mark.parametrize("words", ["nguyen thi anh duc", "ĐỨC", "anh đưc", "  Nguyễn   Thị "])
def test_people_are_found_without_diacritics(words: str) -> None:
    person = factories.PersonFactory(full_name=NAME)
    factories.PersonFactory(full_name="Trần Văn Hòa")
    assert list(Person.objects.search(words)) == [person]


def test_people_are_listed_by_given_name_in_vietnamese_order() -> None:
    for name in ("Lê Văn Đức", "Trần Thị Ân", "Phạm Duy", "Nguyễn An", "Võ Anh", "Lê Ăn"):
        factories.PersonFactory(full_name=name)
    names = list(Person.objects.values_list("full_name", flat=True))
    assert names == ["Nguyễn An", "Võ Anh", "Lê Ăn", "Trần Thị Ân", "Phạm Duy", "Lê Văn Đức"]


def test_a_person_without_a_name_is_refused_with_the_reason() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.PersonFactory(full_name="  ")
    assert not Person.objects.exists()
    person = Person(full_name="x")
    person.full_name = ""
    with translation.override("en"), pytest.raises(ValidationError, match="needs a name"):
        person.validate_constraints()


def test_two_people_may_share_a_name_and_a_birthday() -> None:
    first, second = (factories.PersonFactory(full_name=NAME) for _time in range(2))
    assert first.pk != second.pk


def test_the_agency_of_a_day_is_that_of_the_latest_posting_in_force() -> None:
    before, after = factories.AgencyFactory(), factories.AgencyFactory()
    person = factories.PersonFactory(agency=before, joined_on=date(2015, 3, 1))
    Posting.objects.filter(person=person).update(left_on=date(2025, 6, 30))
    Posting.objects.create(person=person, agency=after, joined_on=date(2025, 6, 1))
    assert person.agency(on=date(2015, 2, 28)) is None
    assert person.agency(on=date(2015, 3, 1)) == before
    assert person.agency(on=date(2025, 5, 31)) == before
    assert person.agency(on=date(2025, 6, 30)) == after
    assert person.agency(on=date(2026, 1, 1)) == after


def test_nobody_serves_twice_at_once_in_one_agency() -> None:
    person = factories.PersonFactory()
    agency = person.postings.get().agency
    again = Posting(person=person, agency=agency, joined_on=date(2020, 1, 1))
    with translation.override("en"), pytest.raises(ValidationError, match="already serves"):
        again.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_a_posting_does_not_end_before_it_begins() -> None:
    posting = factories.PersonFactory().postings.get()
    posting.left_on = date(2015, 2, 28)
    with translation.override("en"), pytest.raises(ValidationError, match="before the first"):
        posting.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        posting.save()


def test_a_person_and_the_posting_are_entered_together_or_not_at_all() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        register_person(full_name=NAME, agency=None, joined_on=date(2020, 1, 1))  # type: ignore[arg-type]
    assert not Person.objects.exists()


def test_a_person_has_at_most_one_account() -> None:
    user = factories.UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        open_account(username="another", person=user.person)


def test_an_account_without_a_password_lets_nobody_in() -> None:
    user = open_account(username="no-password", person=factories.PersonFactory())
    assert not user.has_usable_password()


def test_an_account_goes_by_the_name_of_its_person() -> None:
    user = factories.UserFactory(person__full_name=NAME)
    assert user.get_full_name() == str(user) == NAME
    assert str(factories.UserFactory(person=None, username="admin")) == "admin"


def test_changes_of_a_person_are_kept_in_the_history() -> None:
    person = factories.PersonFactory(full_name="Lê Thị Hoa")
    person.full_name = "Lê Thị Hoà"
    person.save()
    names = list(person.history.order_by("history_id").values_list("full_name", flat=True))
    assert names == ["Lê Thị Hoa", "Lê Thị Hoà"]
