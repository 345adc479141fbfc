"""What the staff's home page says about mails."""

from typing import Any

from django.db.models import Count, Q
from wagtail.admin.ui.components import Component

from jobs.models import Mail
from jobs.models.mail import RETRIABLE


class MailsPanel(Component):
    """Mails about which a person must decide."""

    name = "mails"
    order = 140
    template_name = "jobs/admin/home_mails.html"

    def __init__(self, counts: dict[str, int]) -> None:
        super().__init__()
        self.counts = counts

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"counts": self.counts}


def add_panel(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``: only where something is to be decided."""
    stuck = Mail.objects.visible_to(request.user).filter(state__in=RETRIABLE)
    counts = stuck.aggregate(
        failed=Count("pk", filter=Q(state=Mail.State.FAILED)),
        uncertain=Count("pk", filter=Q(state=Mail.State.UNCERTAIN)),
    )
    if any(counts.values()):
        panels.append(MailsPanel(counts))
