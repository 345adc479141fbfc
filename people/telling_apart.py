"""Telling people of one name apart, where somebody must choose among them."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import Person, Posting
from vietnamese.dates import format_date


def told_apart(people: QuerySet[Person]) -> dict[int, str]:
    """By key: name, date of birth, and the agencies in which each serves today. Two statements."""
    serving = Posting.objects.in_force(on=timezone.localdate()).select_related("agency")
    found: Any = people.prefetch_related(Prefetch("postings", serving, to_attr="serving"))
    named = {}
    for person in found:
        born = person.date_of_birth
        parts = [
            person.full_name,
            format_date(born) if born else _("birth date not on file"),
            *(posting.agency.name for posting in person.serving),
        ]
        named[person.pk] = " · ".join(parts)
    return named
