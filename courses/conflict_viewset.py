"""The DOST officer's list of conflicts of evidence, and deciding one of them."""

from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton

from courses import asking, completion, conflicts, rules
from courses.models import EvidenceConflict
from jobs.forms import FormPage
from jobs.staff_views import ScopedInspecting, SharedViewSet

LONGEST_DECISION = 2000


class ConflictFilters(WagtailFilterSet):
    open = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("yes", _("To be decided")), ("no", _("Decided"))],
        method="is_open",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = EvidenceConflict
        fields = ("event",)

    def is_open(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(resolved_at__isnull=value == "yes")


def facts(conflict: EvidenceConflict) -> dict[str, Any]:
    """What stands, what the evidence says now, and what rests on it now."""
    enrolment = conflict.enrolment
    known = completion.evidence(enrolment)
    event = EvidenceConflict.Event.COMPLETED
    rule = "completion" if conflict.event == event else "participation"
    return {
        "conflict": conflict,
        "enrolment": enrolment,
        "conditions": rules.describe(enrolment.run.rules[rule], known),
        "resting_now": asking.consequences([enrolment]),
    }


class ConflictInspecting(ScopedInspecting):
    @property
    def header_buttons(self) -> list[Any]:
        if self.object.resolved_at or not self.user_has_permission("change"):
            return []
        address = reverse("conflicts:decide", args=[self.object.pk])
        return [HeaderButton(_("Decide"), url=address, icon_name="check")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | facts(self.object)


class DecisionForm(forms.Form):
    decision = forms.CharField(
        label=_("What was decided, and why"),
        max_length=LONGEST_DECISION,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class Decide(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormPage):
    model = EvidenceConflict
    permission_required = "change"
    page_title = _("Decide a conflict of evidence")
    header_icon = "warning"
    template_name = "courses/admin/decide_conflict.html"
    form_class = DecisionForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        related = EvidenceConflict.objects.select_related(
            "enrolment__person", "enrolment__run__course"
        )
        self.conflict = get_object_or_404(related, pk=kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        here = reverse("conflicts:inspect", args=[self.conflict.pk])
        return [
            *self.breadcrumbs_items,
            {"url": reverse("conflicts:index"), "label": _("Conflicts of evidence")},
            {"url": here, "label": str(self.conflict)},
            {"url": "", "label": _("Decide")},
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.conflict.resolved_at:
            return redirect("conflicts:inspect", self.conflict.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | facts(self.conflict)

    def form_valid(self, form: Any) -> HttpResponse:
        said = form.cleaned_data["decision"]
        decided = conflicts.resolve(
            conflict_id=self.conflict.pk, decision=said, by=self.request.user, at=timezone.now()
        )
        if decided.resolved_by == self.request.user and decided.resolution == said.strip():
            messages.success(self.request, _("The decision is kept."))
        else:
            messages.warning(
                self.request, _("It was decided before; that decision stands. Nothing was changed.")
            )
        return redirect("conflicts:inspect", decided.pk)


class ConflictViewSet(SharedViewSet):
    model = EvidenceConflict
    name = "conflicts"
    menu_label = _("Conflicts of evidence")
    icon = "warning"
    offers = frozenset({"inspect"})
    inspect_view_class = ConflictInspecting
    inspect_template_name = "courses/admin/conflict.html"
    list_related = ("enrolment__person", "enrolment__run", "resolved_by__person")
    folded_fields = ("enrolment__person__search_text",)
    filterset_class = ConflictFilters
    list_display = ("enrolment", "event", "found_at", "resolved_at", "resolution")
    inspect_view_fields = ("event", "found_at", "resolved_at", "resolved_by", "resolution")
    list_export = ("enrolment", "event", "found_at", "resolved_at", "resolved_by", "resolution")
    labels = {"enrolment": _("Learner and run"), "resolved_by": _("Decided by")}
    export_filename = "evidence-conflicts"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("decide/<int:pk>/", Decide.as_view(), name="decide"),
        ]
