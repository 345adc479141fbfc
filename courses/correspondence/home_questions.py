"""What the staff's home page says about questions of learners."""

from typing import Any

from django.db.models import Count, Min
from wagtail.admin.ui.components import Component

from courses.models import RunQuestion


class QuestionsPanel(Component):
    """Questions that wait for an answer."""

    name = "questions"
    order = 115
    template_name = "courses/correspondence/admin/home_questions.html"

    def __init__(self, counts: dict[str, Any]) -> None:
        super().__init__()
        self.counts = counts

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"counts": self.counts}


def add_panel(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``: only where somebody waits."""
    if not request.user.has_perm("courses.change_runquestion"):
        return
    waiting = RunQuestion.objects.visible_to(request.user).filter(answered_at__isnull=True)
    counts = waiting.order_by().aggregate(number=Count("pk"), since=Min("asked_at"))
    if counts["number"]:
        panels.append(QuestionsPanel(counts))
