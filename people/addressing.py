"""Where people get their mail, and in which language."""

from dataclasses import dataclass

from django.conf import settings

from people.models import Person, User


@dataclass(frozen=True)
class Addressee:
    """``email`` is empty for who has none and gets no mail."""

    name: str
    email: str
    language: str


def of_person(person: Person) -> Addressee:
    """The person's own address, else that of the account."""
    user = getattr(person, "user", None)
    address = person.email or (user.email if user else "")
    return Addressee(person.full_name, address, person.language)


def of_user(user: User) -> Addressee:
    """The account's address, else that of its person."""
    person = user.person
    return Addressee(
        name=user.get_full_name() or user.username,
        email=user.email or (person.email if person else ""),
        language=person.language if person else settings.LANGUAGE_CODE,
    )
