"""Correcting what is known of a person; what stood before stays in the history."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from people.models import Person


def correct_person(
    *,
    person_id: int,
    full_name: str,
    date_of_birth: date | None,
    reason: str,
    by: Any,
    at: datetime,
) -> bool:
    """Write name and date of birth as they should be; False where they are so already.

    Raises ValidationError where the name is empty.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person_id)
        before = (person.full_name, person.date_of_birth)
        person.full_name, person.date_of_birth = full_name.strip(), date_of_birth
        person.full_clean()
        if (person.full_name, person.date_of_birth) == before:
            return False
        history: Any = person
        history._history_user, history._history_date = by, at
        history._change_reason = reason[:100]
        person.save()
    return True
