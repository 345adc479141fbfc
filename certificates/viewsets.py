"""The staff's listings of certificates and of the register, and their menu."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.widgets import AdminDateInput

from certificates.holder import holding
from certificates.issue.batch_viewset import IssueBatchViewSet
from certificates.issue.brake_viewset import BrakeViewSet
from certificates.issue.correction_viewset import CorrectionViewSet
from certificates.issue.lists.viewset import IssueListViewSet
from certificates.issue.rule_viewset import RuleViewSet
from certificates.models import Certificate, Register, RegisterEntry
from certificates.paper.designer_views import TemplateViewSet
from certificates.register import decision_views
from certificates.signature.outside_views import UnsignedFileViewSet
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
    problem = django_filters.ChoiceFilter(
        label=_("Problem"),
        choices=[("yes", _("With a problem")), ("no", _("Without"))],
        method="with_problem",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )
    braked = django_filters.ChoiceFilter(
        label=_("Brake"),
        choices=[("yes", _("Braked"))],
        method="held_by_brake",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    in_force_on = django_filters.DateFilter(
        label=_("In force on"), method="in_force", widget=AdminDateInput
    )

    class Meta:
        model = Certificate
        fields = ("state",)

    def in_force(self, queryset: Any, name: str, value: date) -> Any:
        return queryset.in_force(on=value)

    def with_problem(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.exclude(problem="") if value == "yes" else queryset.filter(problem="")

    def held_by_brake(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.braked()


class CertificateListing(ScopedListing):
    title_sort_key = "person__sort_name"

    def get_base_queryset(self) -> QuerySet[Any]:
        numbered = (
            RegisterEntry.objects.numbered()
            .filter(certificate=OuterRef("pk"))
            .order_by("-position")
        )
        ended = RegisterEntry.objects.filter(
            certificate=OuterRef("pk"), kind__in=RegisterEntry.ENDING
        )
        found: QuerySet[Any] = (
            super()
            .get_base_queryset()
            .annotate(
                number=Subquery(numbered.values("number")[:1]),
                valid_until=Subquery(numbered.values("valid_until")[:1]),
                ended_on=Subquery(ended.values("decision_date")[:1]),
                agency=F("enrolment__agency__name"),
                course=Coalesce(
                    Subquery(numbered.values(title=KT("content__course_title"))[:1]),
                    F("rule__printed_title"),
                    output_field=TextField(),
                ),
            )
        )
        return found


class CertificateInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        offered = decision_views.offered(self.object, self.request.user)
        return context | holding.overview(certificate=self.object) | {"decisions": offered}


class CertificateViewSet(ScopedViewSet):
    model = Certificate
    name = "issued"
    url_prefix = "certificates"
    icon = "success"
    index_view_class = CertificateListing
    inspect_view_class = CertificateInspecting
    inspect_template_name = "certificates/admin/certificate.html"
    offers = frozenset({"inspect"})
    list_related = ("person",)
    folded_fields = ("person__search_text",)
    exact_fields = ("number",)
    filterset_class = CertificateFilters
    list_display = (
        "person",
        Column("number", label=_("Number"), sort_key="number"),
        Column("course", label=_("Course")),
        "state",
        Column("valid_until", label=_("Valid until")),
        Column("ended_on", label=_("Taken back on")),
        "pending_since",
        "problem",
    )
    list_export = (
        "person",
        "number",
        "course",
        "agency",
        "get_state_display",
        "valid_until",
        "ended_on",
        "pending_since",
        "problem",
    )
    labels = {
        "person": _("Full name"),
        "valid_until": _("Valid until"),
        "ended_on": _("Taken back on"),
        "number": _("Number"),
        "course": _("Course"),
        "agency": _("Agency"),
        "get_state_display": _("State"),
        "rule": _("Course title as printed"),
    }
    export_filename = "certificates"
    inspect_view_fields = (
        "person",
        "rule",
        "state",
        "pending_since",
        "problem",
        "refusal",
        "refused_by",
        "refused_at",
    )


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
        "in_force_from",
        "valid_until",
        "valid_edition",
        "transition_months",
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
    list_display = (
        "name",
        "code",
        "number_format",
        "issuing_body",
        "signer_name",
        "signing",
        TitleColumn(
            "book",
            label=_("Register book"),
            accessor=lambda _register: gettext("Open the book"),
            get_url=lambda register: reverse("register_books", args=[register.pk]),
        ),
        TitleColumn(
            "paper",
            label=_("Paper certificates"),
            accessor=lambda register: gettext("Enter a list") if register.legacy else "",
            get_url=lambda register: (
                reverse("paper_certificates", args=[register.pk]) if register.legacy else None
            ),
        ),
    )
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
        "signing",
        "legacy",
    )


class CertificatesGroup(ModelViewSetGroup):
    menu_label = _("Certificates")
    menu_icon = "success"
    menu_order = 130
    items = (
        CertificateViewSet,
        IssueListViewSet,
        IssueBatchViewSet,
        BrakeViewSet,
        CorrectionViewSet,
        UnsignedFileViewSet,
        EntryViewSet,
        RegisterViewSet,
        RuleViewSet,
        TemplateViewSet,
    )
