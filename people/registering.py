"""Entering people and their accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from agencies.models import Agency
from people.models import AgencyRole, Person, Posting, StaffCategory, User
from people.roles import Role
from vietnamese.text import fold, sort_key


def register_person(
    *,
    full_name: str,
    agency: Agency,
    joined_on: date,
    position: str = "",
    date_of_birth: date | None = None,
    staff_category: StaffCategory | str = "",
    email: str = "",
    language: str = settings.LANGUAGE_CODE,
) -> Person:
    """A new person who serves in an agency from that day.

    Two people may share a name: finding out whether they are one is left to people.
    """
    with transaction.atomic():
        person = Person.objects.create(
            full_name=full_name,
            date_of_birth=date_of_birth,
            staff_category=staff_category,
            email=email,
            language=language,
        )
        Posting.objects.create(person=person, agency=agency, position=position, joined_on=joined_on)
    return person


@dataclass(frozen=True)
class Newcomer:
    """A person to be entered, with the agency in which the person serves."""

    full_name: str
    agency_id: int
    date_of_birth: date | None = None
    position: str = ""
    email: str = ""


def register_people(
    *, newcomers: Sequence[Newcomer], joined_on: date, at: datetime, by: Any = None
) -> list[Person]:
    """As ``register_person`` for some hundred at once, in their order, in four statements.

    ``at`` and ``by`` stand in the history of each.
    """
    if not newcomers:
        return []
    with transaction.atomic():
        # A bulk statement calls no ``save``: what it derives is derived here.
        people: list[Person] = bulk_create_with_history(
            [
                Person(
                    full_name=one.full_name,
                    date_of_birth=one.date_of_birth,
                    email=one.email,
                    sort_name=sort_key(one.full_name),
                    search_text=fold(one.full_name),
                )
                for one in newcomers
            ],
            Person,
            default_user=by,
            default_date=at,
        )
        Posting.objects.bulk_create(
            Posting(
                person=person, agency_id=one.agency_id, position=one.position, joined_on=joined_on
            )
            for person, one in zip(people, newcomers, strict=True)
        )
    return people


def open_account(
    *,
    username: str,
    person: Person | None = None,
    password: str | None = None,
    roles: Iterable[Role] = (),
    focal_point_of: Iterable[Agency] = (),
) -> User:
    """An account; without a password nobody can log in until one is set.

    Raises IntegrityError if the name is taken or the person has an account.
    """
    with transaction.atomic():
        user = User.objects.create_user(username, password=password)
        if person:
            user.person = person
            user.email = person.email
            user.save(update_fields=["person", "email"])
        user.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
        for agency in focal_point_of:
            AgencyRole.objects.create(user=user, agency=agency)
    return user
