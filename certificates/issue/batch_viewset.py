"""The officers' pages of issues of many: how far, what failed and why; pause, resume, try again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from certificates.issue import batching, issuing, pausing
from certificates.models import Brake, Certificate, IssueBatch
from jobs import progress
from jobs.staff_views import ScopedInspecting, ScopedViewSet

REFRESH_SECONDS = "2"
MOST_FAILURES = 500


class BatchInspecting(ScopedInspecting):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().get(request, *args, **kwargs)
        if self.is_moving:
            # The bar moves without JavaScript.
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        batch = self.object
        standing = batching.standing(batch)
        unfinished = batch.certificates.unfinished()
        brake = Brake.objects.open().filter(rule=batch.rule).first()
        self.is_moving = (
            batch.paused_at is None
            and brake is None
            and (batch.work.is_going or unfinished.ready(at=timezone.now()).exists())
        )
        return context | {
            "batch": batch,
            "work": batch.work,
            "standing": standing,
            "waiting": unfinished.count(),
            "asked_of_holders": unfinished.to_be_confirmed(at=timezone.now()).count(),
            "brake": brake,
            "failures": unfinished.exclude(problem="")
            .select_related("person")
            .order_by("person__sort_name", "pk")[:MOST_FAILURES],
            "left_out": batching.left_out(batch),
            "may_change": self.user_has_permission("change"),
        }


class BatchAction(PermissionCheckedMixin, View):
    """POST with ``do``: pause, resume, again (what failed), go_on (where the asking stopped)."""

    model = IssueBatch
    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = get_object_or_404(IssueBatch.objects.visible_to(request.user), pk=pk)
        do, now = request.POST.get("do"), timezone.now()
        if do == "pause" and pausing.pause(batch_id=batch.pk, by=request.user, at=now):
            messages.success(request, _("Paused. What has its number already is finished."))
        elif do == "resume" and pausing.resume(batch_id=batch.pk, at=now):
            messages.success(request, _("The issue goes on."))
        elif do == "go_on":
            progress.try_again(progress_id=batch.work_id, at=now)
        elif do == "again":
            failed = batch.certificates.unfinished().exclude(problem="")
            _retry(request, list(failed.values_list("pk", flat=True)))
        return redirect("issue_batches:inspect", batch.pk)


class Retry(PermissionCheckedMixin, View):
    """POST tries one certificate again that a problem has stopped."""

    model = Certificate
    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        seen = Certificate.objects.visible_to(request.user)
        certificate = get_object_or_404(seen, pk=certificate_id)
        _retry(request, [certificate.pk])
        return redirect("issued:inspect", certificate.pk)


def _retry(request: HttpRequest, certificate_ids: list[int]) -> None:
    tried = issuing.retry(certificate_ids=certificate_ids, at=timezone.now())
    words = ngettext(
        "%(count)s certificate is tried again.", "%(count)s certificates are tried again.", tried
    )
    messages.success(request, words % {"count": tried})


class IssueBatchViewSet(ScopedViewSet):
    model = IssueBatch
    name = "issue_batches"
    icon = "tasks"
    menu_label = gettext_lazy("Issues of many")
    inspect_view_class = BatchInspecting
    inspect_template_name = "certificates/admin/batch.html"
    offers = frozenset({"inspect"})
    ordering = ("-at", "-pk")
    list_related = ("run", "rule", "by__person", "work")
    list_display = (
        TitleColumn("people", label=gettext_lazy("Course run or list"), accessor=str),
        "rule",
        "at",
        "by",
        "paused_at",
    )
    inspect_view_fields = ("run", "rule", "by", "at", "paused_at", "paused_by")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("act/<int:pk>/", BatchAction.as_view(), name="act"),
            path("again/<int:certificate_id>/", Retry.as_view(), name="retry"),
        ]
