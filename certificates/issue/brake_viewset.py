"""The officers' pages of brakes: who waits and why, letting them go, stopping a rule by hand."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from certificates.issue import braking
from certificates.models import Brake, Certificate
from certificates.posted import keys
from jobs.staff_views import NARROW, ScopedAdding, ScopedInspecting, ScopedViewSet

PER_PAGE = 2000


class PullForm(WagtailAdminModelForm):
    """Which rule is stopped, and why."""

    class Meta:
        model = Brake
        fields = ("rule", "reason")
        widgets = {"rule": NARROW}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class BrakeFilters(WagtailFilterSet):
    class Meta:
        model = Brake
        fields = ("rule", "cause")


class Pulling(ScopedAdding):
    def save_instance(self) -> Any:
        return braking.pull(
            rule_id=self.form.cleaned_data["rule"].pk,
            reason=self.form.cleaned_data["reason"],
            by=self.request.user,
            at=timezone.now(),
        )

    def get_success_buttons(self) -> list[Any]:
        return []


class BrakeInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        brake = self.object
        people = Certificate.objects.select_related(
            "person", "printed_agency", "enrolment__agency", "enrolment__run"
        ).order_by("person__sort_name", "pk")
        waiting = people.waiting().filter(rule=brake.rule) if brake.is_open else people.none()
        page = Paginator(waiting, PER_PAGE).get_page(self.request.GET.get("p"))
        return context | {
            "brake": brake,
            "changes": braking.changes(brake),
            "page": page,
            "waiting": page.paginator.count,
            "seen_up_to": waiting.order_by("-pk").values_list("pk", flat=True).first() or 0,
            "refused": people.filter(
                rule=brake.rule, state=Certificate.State.REFUSED, refused_at=brake.released_at
            )
            if not brake.is_open
            else [],
            "may_release": brake.is_open and self.user_has_permission("change"),
        }


class BrakeAction(PermissionCheckedMixin, View):
    model = Brake
    permission_required = "change"
    http_method_names = ("post",)


class Release(BrakeAction):
    """POST lets those go who were seen, but those ticked to be taken out."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        brake = get_object_or_404(Brake.objects.visible_to(request.user), pk=pk)
        try:
            go = braking.release(
                brake_id=brake.pk,
                reason=request.POST.get("reason", ""),
                by=request.user,
                at=timezone.now(),
                seen_up_to=next(iter(keys(request.POST.getlist("seen_up_to"))), 0),
                taken_out=keys(request.POST.getlist("taken_out")),
            )
        except braking.NotReleased as reason:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": reason}
            )
        else:
            words = ngettext("%(count)s certificate goes on.", "%(count)s certificates go on.", go)
            messages.success(request, words % {"count": go})
        return redirect("brakes:inspect", brake.pk)


class TakeBackIn(BrakeAction):
    """POST asks again for a certificate that was taken out."""

    def post(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        if braking.take_back_in(certificate_id=certificate_id, at=timezone.now()):
            messages.success(request, _("The certificate is asked for again."))
        return redirect("issued:inspect", certificate_id)


class BrakeViewSet(ScopedViewSet):
    model = Brake
    name = "brakes"
    icon = "warning"
    menu_label = gettext_lazy("Brakes")
    add_view_class = Pulling
    inspect_view_class = BrakeInspecting
    inspect_template_name = "certificates/admin/brake.html"
    offers = frozenset({"add", "inspect"})
    ordering = ("-pulled_at", "-pk")
    list_related = ("rule", "released_by__person")
    filterset_class = BrakeFilters
    list_display = ("rule", "cause", "pulled_at", "released_at", "released_by")
    list_export = (
        "rule",
        "get_cause_display",
        "reason",
        "pulled_at",
        "released_at",
        "released_by",
        "release_reason",
    )
    labels = {"cause": gettext_lazy("Cause"), "get_cause_display": gettext_lazy("Cause")}
    export_filename = "brakes"
    inspect_view_fields = ("rule", "pulled_at", "released_at", "released_by", "release_reason")

    def get_form_class(self, for_update: bool = False) -> Any:
        return PullForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("release/<int:pk>/", Release.as_view(), name="release"),
            path("again/<int:certificate_id>/", TakeBackIn.as_view(), name="take_back_in"),
        ]
