"""What ``people`` asks of the rooms above, by Wagtail's hook registry, without knowing them.

``person_cards(person, user)`` returns what a room holds of a person that this user may see.
"""

from dataclasses import dataclass
from typing import Any

from wagtail import hooks

from people.models import Person


@dataclass(frozen=True)
class PersonCard:
    """A heading with some lines; ``url`` leads to all of it."""

    heading: str
    lines: list[str]
    url: str = ""


def person_cards(*, person: Person, user: Any) -> list[PersonCard]:
    """The answers of all rooms that hold something."""
    answers = [ask(person, user) for ask in hooks.get_hooks("person_cards")]
    return [answer for answer in answers if answer]
