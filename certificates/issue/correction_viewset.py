"""The pages on which focal points and officers settle what holders want corrected."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput

from agencies.models import Agency
from certificates.issue import confirming
from certificates.models import Certificate, Correction
from jobs.forms import offer
from jobs.staff_views import NARROW, ScopedInspecting, ScopedViewSet

ON_HOME = 5


class SettleForm(forms.Form):
    """The person as it should be printed, and what the holder is told."""

    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=120)
    date_of_birth = forms.DateField(
        label=gettext_lazy("Date of birth"), required=False, widget=AdminDateInput
    )
    agency = forms.ModelChoiceField(
        label=gettext_lazy("Agency to be printed"),
        queryset=Agency.objects.none(),
        required=False,
        widget=NARROW,
    )
    answer = forms.CharField(
        label=gettext_lazy("What was done"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "agency", confirming.agencies(certificate, on=timezone.localdate()))
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)
        assert certificate.enrolment
        field.empty_label = _("As at the enrolment: %(agency)s") % {
            "agency": certificate.enrolment.agency or "–"
        }


class CorrectionFilters(WagtailFilterSet):
    class Meta:
        model = Correction
        fields = ("asked_at",)


class CorrectionInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        correction = self.object
        certificate = correction.certificate
        person = certificate.person
        now = {
            "full_name": person.full_name,
            "date_of_birth": person.date_of_birth,
            "agency": certificate.printed_agency_id,
        }
        corrected = correction.corrected or {}
        return context | {
            "correction": correction,
            "person": person,
            "born": parse_date(correction.shown.get("date_of_birth") or ""),
            "corrected": corrected,
            "born_corrected": parse_date(corrected.get("date_of_birth") or ""),
            "form": SettleForm(initial=now, certificate=certificate),
            "may_settle": correction.is_open and self.user_has_permission("change"),
        }


class Settle(PermissionCheckedMixin, View):
    """POST corrects the person and has the holder asked again."""

    model = Correction
    permission_required = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        correction = get_object_or_404(Correction.objects.visible_to(request.user), pk=pk)
        form = SettleForm(request.POST, certificate=correction.certificate)
        problem = ""
        if form.is_valid():
            try:
                confirming.settle(
                    correction_id=correction.pk,
                    by=request.user,
                    at=timezone.now(),
                    **form.cleaned_data,
                )
            except (confirming.NotDone, ValidationError) as reason:
                problem = " ".join(getattr(reason, "messages", [str(reason)]))
        else:
            problem = " ".join(str(one) for errors in form.errors.values() for one in errors)
        if problem:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": problem}
            )
        else:
            messages.success(request, _("Settled. The holder is asked again."))
        return redirect("corrections:inspect", correction.pk)


class CorrectionViewSet(ScopedViewSet):
    model = Correction
    name = "corrections"
    icon = "edit"
    inspect_view_class = CorrectionInspecting
    inspect_template_name = "certificates/admin/correction.html"
    offers = frozenset({"inspect"})
    ordering = ("settled_at", "-asked_at", "-pk")
    list_related = ("certificate__person", "certificate__enrolment__agency", "settled_by__person")
    folded_fields = ("certificate__person__search_text",)
    filterset_class = CorrectionFilters
    list_display = (
        TitleColumn("person", label=gettext_lazy("Full name"), accessor="certificate.person"),
        Column("agency", label=gettext_lazy("Agency"), accessor="certificate.enrolment.agency"),
        "text",
        "asked_at",
        "settled_at",
        "settled_by",
    )
    list_export = (
        "certificate.person",
        "certificate.enrolment.agency",
        "text",
        "asked_at",
        "answer",
        "settled_at",
    )
    labels = {
        "certificate.person": gettext_lazy("Full name"),
        "certificate.enrolment.agency": gettext_lazy("Agency"),
    }
    export_filename = "corrections"
    inspect_view_fields = ("text", "asked_at", "answer", "settled_at", "settled_by")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("settle/<int:pk>/", Settle.as_view(), name="settle"),
        ]


class CorrectionsPanel(Component):
    """The wishes that wait for somebody to settle them."""

    name = "corrections"
    order = 104
    template_name = "certificates/admin/home_corrections.html"

    def __init__(self, found: list[Correction], number: int) -> None:
        super().__init__()
        self.found, self.number = found, number

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"corrections": self.found, "number": self.number}


def add_panel(request: Any, panels: list[Any]) -> None:
    """Wagtail's ``construct_homepage_panels``: only where something is to be settled."""
    if not request.user.has_perm("certificates.change_correction"):
        return
    waiting = Correction.objects.visible_to(request.user).open()
    if number := waiting.count():
        shown = waiting.select_related("certificate__person").order_by("asked_at")[:ON_HOME]
        panels.append(CorrectionsPanel(list(shown), number))
