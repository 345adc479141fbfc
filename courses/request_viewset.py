"""Requests for a place: the focal point of the agency decides; DOST officers see all."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet

from agencies.models import Agency
from courses import approving, seating
from courses.enrolling import EnrolmentRefused
from courses.models import CourseRun, EnrolmentRequest
from jobs.staff_views import ScopedInspecting, ScopedViewSet

State = EnrolmentRequest.State


def runs_asked_for(request: Any) -> Any:
    seen = EnrolmentRequest.objects.visible_to(request.user)
    return CourseRun.objects.filter(pk__in=seen.values("run"))


def agencies_asking(request: Any) -> Any:
    seen = EnrolmentRequest.objects.visible_to(request.user)
    return Agency.objects.filter(pk__in=seen.values("agency"))


class RequestFilters(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"), choices=State.choices, widget=forms.CheckboxSelectMultiple
    )
    run = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Course run"), queryset=runs_asked_for
    )
    agency = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Agency"), queryset=agencies_asking
    )

    class Meta:
        model = EnrolmentRequest
        fields: tuple[str, ...] = ()


class RequestPage(ScopedInspecting):
    """One request; POST approves it, or refuses it with a reason."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "place": seating.place_in_queue(self.object),
            "may_decide": self.request.user.has_perm("courses.change_enrolmentrequest"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("courses.change_enrolmentrequest"):
            raise PermissionDenied
        about = {"request_id": self.object.pk, "at": timezone.now(), "by": request.user}
        try:
            if request.POST.get("do") == "approve":
                decided = approving.approve(**about)
            else:
                typed = request.POST.get("reason", "").replace("\x00", "")  # PostgreSQL keeps none
                decided = approving.refuse(reason=typed[:1000], **about)
        except EnrolmentRefused as refused:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
            )
        else:
            messages.success(request, decided.get_state_display())
        return redirect("enrolment_requests:inspect", self.object.pk)


class RequestViewSet(ScopedViewSet):
    model = EnrolmentRequest
    name = "enrolment_requests"
    icon = "user"
    inspect_view_class = RequestPage
    inspect_template_name = "courses/admin/request.html"
    offers = frozenset({"inspect"})
    ordering = "asked_at"
    list_related = ("person", "run", "run__course", "agency")
    folded_fields = ("person__search_text",)
    filterset_class = RequestFilters
    list_display = ("person", "run", "agency", "state", "asked_at", "decided_at")
    inspect_view_fields = (
        "person",
        "agency",
        "run",
        "state",
        "asked_at",
        "decided_at",
        "decided_by",
        "reason",
    )
    list_export = (
        "person",
        "agency",
        "run.course",
        "run",
        "get_state_display",
        "asked_at",
        "decided_at",
        "reason",
    )
    labels = {
        "person": gettext_lazy("Full name"),
        "agency": gettext_lazy("Agency"),
        "run.course": gettext_lazy("Course"),
        "run": gettext_lazy("Course run"),
        "get_state_display": gettext_lazy("State"),
    }
    export_filename = "requests"
