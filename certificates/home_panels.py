"""What the staff's home page says about certificates."""

from typing import Any

from django.db.models import Count, Min, Q
from wagtail.admin.ui.components import Component

from certificates.models import Certificate


class PendingPanel(Component):
    """Certificates on their way, those that something holds back, and those to be signed."""

    name = "pending_certificates"
    order = 130
    template_name = "certificates/admin/home_pending.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        seen = Certificate.objects.visible_to(user)
        unsigned = Q(state=Certificate.State.UNSIGNED)
        counts = seen.exclude(state=Certificate.State.FILED).aggregate(
            waiting=Count("pk", filter=~unsigned),
            braked=Count("pk", filter=~Q(problem="")),
            since=Min("pending_since", filter=~unsigned),
            unsigned=Count("pk", filter=unsigned),
        )
        return {"counts": counts, "signs": user.has_perm("certificates.add_certificate")}


def add_panel(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``."""
    if request.user.has_perm("certificates.view_certificate"):
        panels.append(PendingPanel())
