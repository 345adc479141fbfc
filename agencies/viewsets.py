"""The staff's listings of territories, agencies, quality systems, programmes and documents."""

from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.admin.widgets import AdminDateInput

from agencies.forms import SystemForm
from agencies.models import (
    AdministrativeUnit,
    Agency,
    LegalDocument,
    Phase,
    Programme,
    QualityManagementSystem,
    StandardEdition,
)
from jobs.staff_views import TICKED, ScopedListing, SharedViewSet, fields

EDITED = frozenset({"add", "edit", "history"})


class AgencyFilters(WagtailFilterSet):
    territory = django_filters.ModelChoiceFilter(
        label=_("Territory"), queryset=AdministrativeUnit.objects.order_by("level", "name")
    )
    phases = django_filters.ModelChoiceFilter(
        label=_("Phase of a programme"), queryset=Phase.objects.select_related("programme")
    )
    on = django_filters.DateFilter(
        label=_("In existence on"), method="existing", widget=AdminDateInput
    )

    class Meta:
        model = Agency
        fields = ("level", "kind")

    def existing(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.valid(on=value)


class AgencyViewSet(SharedViewSet):
    model = Agency
    name = "agencies"
    icon = "group"
    offers = EDITED
    list_related = ("territory",)
    folded_fields = ("search_text",)
    filterset_class = AgencyFilters
    list_display = ("name", "level", "kind", "territory", "valid_from", "valid_to")
    list_export = (
        "name",
        "get_level_display",
        "get_kind_display",
        "territory",
        "valid_from",
        "valid_to",
    )
    labels = {"get_level_display": _("Level"), "get_kind_display": _("Kind")}
    export_filename = "agencies"
    panels = fields("name", "kind", "level", "territory", "valid_from", "valid_to")


class UnitViewSet(SharedViewSet):
    model = AdministrativeUnit
    name = "units"
    icon = "site"
    offers = EDITED
    ordering = "name"
    list_related = ("parent",)
    plain_fields = ("name",)
    list_filter = ("level",)
    list_display = ("name", "level", "parent", "valid_from", "valid_to")
    panels = fields("name", "level", "parent", "valid_from", "valid_to")


class SystemListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = (
            super()
            .get_base_queryset()
            .annotate(size=Count("members", filter=Q(members__left_on__isnull=True)))
        )
        return found


class SystemViewSet(SharedViewSet):
    model = QualityManagementSystem
    name = "systems"
    icon = "success"
    index_view_class = SystemListing
    offers = frozenset({"add", "edit", "inspect", "history"})
    ordering = "name"
    plain_fields = ("name",)
    list_display = ("name", Column("size", label=_("Agencies"), sort_key="size"))
    list_export = ("name", "size")
    labels = {"size": _("Agencies")}
    export_filename = "systems"
    inspect_view_fields = ("name", "agencies")
    edit_handler = ObjectList(fields("name", "joining", "joining_on"), base_form_class=SystemForm)


class EditionViewSet(SharedViewSet):
    model = StandardEdition
    name = "editions"
    icon = "doc-full"
    offers = EDITED
    ordering = "name"
    list_related = ("standard",)
    list_display = ("name", "standard", "year", "superseded_on")
    panels = fields("standard", "name", "year", "superseded_on")


class DocumentViewSet(SharedViewSet):
    model = LegalDocument
    name = "legal_documents"
    icon = "doc-full-inverse"
    offers = EDITED
    ordering = "number"
    plain_fields = ("number", "issuer", "title")
    list_display = ("number", "issuer", "issued_on", "title")
    panels = fields("number", "issued_on", "issuer", "title")


class ProgrammeViewSet(SharedViewSet):
    model = Programme
    name = "programmes"
    icon = "list-ol"
    offers = EDITED
    ordering = "-starts_on"
    list_related = ("decision",)
    list_display = ("name", "slug", "decision", "starts_on", "deadline")
    panels = fields(
        "name", "slug", "decision", "starts_on", "deadline", "territories", territories=TICKED
    )


class PhaseListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_base_queryset().annotate(size=Count("agencies"))
        return found


class PhaseViewSet(SharedViewSet):
    model = Phase
    name = "phases"
    icon = "date"
    index_view_class = PhaseListing
    offers = EDITED
    list_related = ("programme",)
    list_filter = ("programme",)
    list_display = (
        "name",
        "programme",
        "order",
        "starts_on",
        "ends_on",
        Column("size", label=_("Agencies"), sort_key="size"),
    )
    panels = fields(
        "programme", "name", "order", "starts_on", "ends_on", "agencies", agencies=TICKED
    )


class AgenciesGroup(ModelViewSetGroup):
    menu_label = _("Agencies")
    menu_icon = "group"
    menu_order = 240
    items = (
        AgencyViewSet,
        SystemViewSet,
        ProgrammeViewSet,
        PhaseViewSet,
        UnitViewSet,
        DocumentViewSet,
        EditionViewSet,
    )
