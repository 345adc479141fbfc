"""What ``courses`` tells the staff about a person (hook ``person_cards``)."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from courses.models import Enrolment
from people.asking import PersonCard
from people.models import Person


def card(person: Person, user: Any) -> PersonCard | None:
    """The person's enrolments, as far as the user may see them."""
    if not user.has_perm("courses.view_enrolment"):
        return None
    seen = Enrolment.objects.visible_to(user).filter(person=person)
    lines = [
        f"{enrolment.run}: {_state(enrolment)}"
        for enrolment in seen.select_related("run").order_by("-enrolled_at")
    ]
    if not lines:
        return None
    address = f"{reverse('enrolments:index')}?{urlencode({'q': person.full_name})}"
    return PersonCard(_("Enrolments"), lines, address)


def _state(enrolment: Enrolment) -> str:
    if enrolment.completed_at:
        return _("completed")
    return _("took part") if enrolment.participated_at else _("under way")
