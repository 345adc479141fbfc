"""The staff's listings of certificates, of the register and of what is issued for which course."""

from typing import Any

import django_filters
from django import forms
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSetGroup

from certificates import holding
from certificates.designer_views import TemplateViewSet
from certificates.models import Certificate, IssuingRule, Register, RegisterEntry
from courses.models import Course
from jobs.staff_views import (
    ScopedInspecting,
    ScopedListing,
    ScopedViewSet,
    SharedViewSet,
    fields,
)


class CertificateFilters(WagtailFilterSet):
    course = django_filters.ModelChoiceFilter(
        label=_("Course"), field_name="rule__course", queryset=Course.objects.all()
    )
    register = django_filters.ModelChoiceFilter(
        label=_("Register"), field_name="rule__register", queryset=Register.objects.all()
    )
    braked = django_filters.ChoiceFilter(
        label=_("Problem"),
        choices=[("yes", _("With a problem")), ("no", _("Without"))],
        method="with_problem",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = Certificate
        fields = ("state",)

    def with_problem(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.exclude(problem="") if value == "yes" else queryset.filter(problem="")


class CertificateListing(ScopedListing):
    title_sort_key = "person__sort_name"

    def get_base_queryset(self) -> QuerySet[Any]:
        numbered = RegisterEntry.objects.filter(
            certificate=OuterRef("pk"), kind__in=RegisterEntry.NUMBERED
        ).order_by("-position")
        found: QuerySet[Any] = (
            super()
            .get_base_queryset()
            .annotate(
                number=Subquery(numbered.values("number")[:1]),
                agency=F("enrolment__agency__name"),
            )
        )
        return found


class CertificateInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | holding.overview(certificate=self.object)


class CertificateViewSet(ScopedViewSet):
    model = Certificate
    name = "issued"
    url_prefix = "certificates"
    icon = "success"
    index_view_class = CertificateListing
    inspect_view_class = CertificateInspecting
    inspect_template_name = "certificates/admin/certificate.html"
    offers = frozenset({"inspect"})
    list_related = ("person", "rule__course")
    folded_fields = ("person__search_text",)
    exact_fields = ("number",)
    filterset_class = CertificateFilters
    list_display = (
        "person",
        Column("number", label=_("Number"), sort_key="number"),
        Column("course", label=_("Course"), accessor="rule.course"),
        "state",
        "pending_since",
        "problem",
    )
    list_export = (
        "person",
        "number",
        "rule.course",
        "agency",
        "get_state_display",
        "pending_since",
        "problem",
    )
    labels = {
        "person": _("Full name"),
        "number": _("Number"),
        "rule.course": _("Course"),
        "agency": _("Agency"),
        "get_state_display": _("State"),
        "rule": _("Course title as printed"),
    }
    export_filename = "certificates"
    inspect_view_fields = ("person", "rule", "state", "pending_since", "problem")


class EntryFilters(WagtailFilterSet):
    register = django_filters.ModelChoiceFilter(
        label=_("Register"), queryset=Register.objects.all()
    )

    class Meta:
        model = RegisterEntry
        fields = ("register", "kind", "year")


class EntryInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"content": sorted(self.object.content.items())}


class EntryViewSet(SharedViewSet):
    model = RegisterEntry
    name = "register_entries"
    icon = "list-ol"
    inspect_view_class = EntryInspecting
    inspect_template_name = "certificates/admin/entry.html"
    offers = frozenset({"inspect"})
    ordering = ("register", "-position")
    list_related = ("register", "certificate__person", "by")
    folded_fields = ("certificate__person__search_text",)
    exact_fields = ("number",)
    filterset_class = EntryFilters
    list_display = (
        "position",
        "register",
        "kind",
        "number",
        "entry_number",
        Column("holder", label=_("Holder"), accessor="certificate.person"),
        "at",
    )
    list_export = (
        "register",
        "position",
        "get_kind_display",
        "year",
        "number",
        "entry_number",
        "certificate.person",
        "decision_number",
        "decision_date",
        "reason",
        "at",
        "previous_hash",
        "hash",
    )
    labels = {
        "register": _("Register"),
        "get_kind_display": _("Kind"),
        "certificate.person": _("Holder"),
        "hash": _("Hash of this entry"),
        "previous_hash": _("Hash of the entry before"),
    }
    export_filename = "register-entries"
    inspect_view_fields = (
        "register",
        "position",
        "kind",
        "year",
        "number",
        "entry_number",
        "of",
        "decision_number",
        "decision_date",
        "reason",
        "at",
        "by",
        "previous_hash",
        "hash",
    )


class RegisterViewSet(SharedViewSet):
    model = Register
    name = "registers"
    icon = "folder-inverse"
    offers = frozenset({"add", "edit", "history"})
    ordering = "code"
    list_display = ("name", "code", "number_format", "issuing_body", "signer_name")
    panels = fields(
        "code",
        "name",
        "number_format",
        "parent_body",
        "issuing_body",
        "place",
        "signer_authority",
        "signer_title",
        "signer_name",
    )


class RuleViewSet(SharedViewSet):
    model = IssuingRule
    name = "issuing_rules"
    icon = "cog"
    offers = frozenset({"add", "edit", "history"})
    ordering = "course__code"
    list_related = ("course", "register", "template")
    list_display = ("printed_title", "course", "register", "result", "issued_when", "template")
    panels = fields("course", "register", "printed_title", "result", "issued_when", "template")


class CertificatesGroup(ModelViewSetGroup):
    menu_label = _("Certificates")
    menu_icon = "success"
    menu_order = 130
    items = (CertificateViewSet, EntryViewSet, RegisterViewSet, RuleViewSet, TemplateViewSet)
