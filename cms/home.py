"""What the home page shows."""

from typing import Any

from django.http import HttpRequest

from courses import catalogue, learning
from courses.models import CoursePage
from reports import counting
from reports.models import Fact


def view(*, page: Any, request: HttpRequest) -> dict[str, Any]:
    """Context of the home page: ``cards``, ``figures``, and ``own`` (the learner's enrolments)."""
    facts = Fact.objects.all()
    if page.programme_id:
        facts = facts.filter(programme=page.programme_id)
    person_id = request.user.person_id if request.user.is_authenticated else None
    return {
        "cards": catalogue.cards(CoursePage.objects.live()),
        "figures": counting.totals(facts),
        "own": learning.cards(person_id=person_id) if person_id else [],
    }
