"""What the staff's home page says about long answers."""

from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from wagtail.admin.ui.components import Component

from quizzes import marking_queue


class MarkingPanel(Component):
    """Long answers that wait for this person."""

    name = "long_answers"
    order = 112
    template_name = "quizzes/admin/home_marking.html"

    def __init__(self, counts: dict[str, Any]) -> None:
        super().__init__()
        self.counts = counts

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"counts": self.counts}


def add_panel(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``: only where something waits."""
    if not request.user.has_perm("quizzes.change_markingtask"):
        return
    waiting = marking_queue.open_to(request.user, at=timezone.now()).order_by()
    counts = waiting.aggregate(number=Count("pk"), since=Min("attempt__submitted_at"))
    if counts["number"]:
        panels.append(MarkingPanel(counts))
