"""Entering people and their accounts."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import Group
from django.db import transaction

from agencies.models import Agency
from people.models import AgencyRole, Person, Posting, StaffCategory, User
from people.roles import Role


def register_person(
    *,
    full_name: str,
    agency: Agency,
    joined_on: date,
    position: str = "",
    date_of_birth: date | None = None,
    staff_category: StaffCategory | str = "",
    email: str = "",
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
        )
        Posting.objects.create(person=person, agency=agency, position=position, joined_on=joined_on)
    return person


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
