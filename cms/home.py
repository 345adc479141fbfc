"""What the home page shows."""

from typing import Any

from django.http import HttpRequest

from courses import catalogue, learning
from courses.models import CoursePage
from reports import counting
from reports.models import Fact

# The rest is one press away, under "My courses".
MOST_OWN = 3


def view(*, page: Any, request: HttpRequest) -> dict[str, Any]:
    """Context of the home page: ``cards``, ``figures``, and ``own``, what the learner is at."""
    facts = Fact.objects.all()
    if page.programme_id:
        facts = facts.filter(programme=page.programme_id)
    person_id = request.user.person_id if request.user.is_authenticated else None
    own = learning.cards(person_id=person_id) if person_id else []
    return {
        "cards": catalogue.cards(CoursePage.objects.live()),
        "figures": counting.totals(facts),
        "own": [card for card in own if card.step in ("lessons", "tests")][:MOST_OWN],
    }
