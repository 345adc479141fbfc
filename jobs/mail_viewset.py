"""The staff's listing of mails: what was not sent comes first, with its reason."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from jobs import mailing
from jobs.models import Mail
from jobs.models.mail import RETRIABLE
from jobs.staff_views import ScopedInspecting, ScopedListing, ScopedViewSet


class MailFilters(WagtailFilterSet):
    class Meta:
        model = Mail
        fields = ("state", "language")


class MailListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        found: Any = super().get_base_queryset()
        worst_first: QuerySet[Any] = found.worst_first()
        return worst_first


class MailInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        retriable = self.object.state in RETRIABLE and self.user_has_permission("change")
        return context | {"retriable": retriable}


class RetryMail(PermissionCheckedMixin, View):
    """Put a mail back into the queue; a second press changes nothing."""

    model = Mail
    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mail = get_object_or_404(Mail.objects.visible_to(request.user), pk=pk)
        if mailing.retry_mail(mail_id=mail.pk, at=timezone.now()):
            messages.success(request, _("The mail is in the queue again."))
        return redirect("mails:inspect", mail.pk)


class MailViewSet(ScopedViewSet):
    model = Mail
    name = "mails"
    icon = "mail"
    menu_order = 260
    add_to_admin_menu = True
    index_view_class = MailListing
    inspect_view_class = MailInspecting
    inspect_template_name = "jobs/admin/mail.html"
    offers = frozenset({"inspect"})
    ordering = ("place", "-created_at", "-pk")
    exact_fields = ("to", "key")
    plain_fields = ("subject",)
    filterset_class = MailFilters
    list_display = ("subject", "to", "state", "problem", "tries", "created_at", "sent_at")
    list_export = (
        "subject",
        "to",
        "language",
        "get_state_display",
        "problem",
        "tries",
        "created_at",
        "sent_at",
    )
    labels = {"get_state_display": _("State")}
    export_filename = "mails"
    inspect_view_fields = (
        "to",
        "language",
        "state",
        "problem",
        "tries",
        "created_at",
        "not_before",
        "sent_at",
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("retry/<int:pk>/", RetryMail.as_view(), name="retry"),
        ]
