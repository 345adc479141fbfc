"""What the staff's home page says about certificates."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from wagtail.admin.ui.components import Component

from certificates.models import Brake, Certificate, Register, RegisterCheck


class PendingPanel(Component):
    """Certificates on their way, and those that a problem or a brake holds back."""

    name = "pending_certificates"
    order = 130
    template_name = "certificates/admin/home_pending.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        seen = Certificate.objects.visible_to(parent_context["request"].user)
        counts = seen.unfinished().aggregate(
            waiting=Count("pk"),
            stuck=Count("pk", filter=~Q(problem="")),
            since=Min("pending_since"),
        )
        return {
            "counts": counts,
            "brakes": Brake.objects.visible_to(parent_context["request"].user)
            .open()
            .select_related("rule")
            .annotate(
                waiting=Count(
                    "rule__certificates",
                    filter=Q(rule__certificates__state=Certificate.State.PENDING),
                )
            ),
        }


class VerificationPanel(Component):
    """What the last nightly verification of the register found."""

    name = "register_verification"
    order = 135
    template_name = "certificates/admin/home_verification.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        last = RegisterCheck.objects.filter(ok__isnull=False).order_by("-day").first()
        late = last is None or last.day < timezone.localdate() - timedelta(days=1)
        return {"last": last, "late": late and Register.objects.exists()}


def add_panel(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``."""
    if request.user.has_perm("certificates.view_certificate"):
        panels.append(PendingPanel())
        panels.append(VerificationPanel())
