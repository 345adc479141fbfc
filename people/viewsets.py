"""The staff's listing of people: one's own agencies, or everybody for DOST officers."""

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column

from agencies.models import Agency
from jobs.staff_views import ScopedInspecting, ScopedListing, ScopedViewSet
from people import asking
from people.forms import NewPersonForm, PersonForm
from people.models import Person, Posting


def agencies_seen(request: Any) -> QuerySet[Agency]:
    """The agencies of the people whom the user may see."""
    people = Person.objects.visible_to(request.user)
    return Agency.objects.filter(
        postings__person__in=people, postings__left_on__isnull=True
    ).distinct()


class PersonFilters(WagtailFilterSet):
    agency = django_filters.ModelChoiceFilter(
        label=_("Agency"), queryset=agencies_seen, method="serving"
    )

    class Meta:
        model = Person
        fields = ("staff_category",)

    def serving(self, queryset: Any, name: str, value: Agency) -> Any:
        open_ = Posting.objects.filter(agency=value, left_on__isnull=True)
        return queryset.filter(pk__in=open_.values("person"))


def workplace(person: Any) -> str:
    """Where a listed person serves; several agencies are possible."""
    return "; ".join(posting.agency.name for posting in person.serving)


class PersonListing(ScopedListing):
    title_sort_key = "sort_name"

    def get_base_queryset(self) -> QuerySet[Any]:
        serving = Posting.objects.filter(left_on__isnull=True).select_related("agency")
        found: QuerySet[Any] = super().get_base_queryset()
        return found.prefetch_related(Prefetch("postings", serving, to_attr="serving"))

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        item.workplace = workplace(item)
        row: dict[str, Any] = super().to_row_dict(item)
        return row


class PersonInspecting(ScopedInspecting):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.object
        return context | {
            "postings": person.postings.select_related("agency").order_by("-joined_on"),
            "cards": asking.person_cards(person=person, user=self.request.user),
        }


class PersonViewSet(ScopedViewSet):
    model = Person
    name = "persons"
    icon = "user"
    menu_order = 230
    add_to_admin_menu = True
    index_view_class = PersonListing
    inspect_view_class = PersonInspecting
    inspect_template_name = "people/admin/person.html"
    offers = frozenset({"add", "edit", "inspect", "history"})
    folded_fields = ("search_text",)
    filterset_class = PersonFilters
    list_display = (
        "full_name",
        Column("workplace", label=_("Agency"), accessor=workplace),
        "date_of_birth",
        "staff_category",
    )
    list_export = (
        "full_name",
        "date_of_birth",
        "workplace",
        "get_staff_category_display",
        "email",
    )
    labels = {
        "workplace": _("Agency"),
        "get_staff_category_display": _("Staff category"),
    }
    export_filename = "people"
    inspect_view_fields = ("full_name", "date_of_birth", "staff_category", "email", "language")

    def get_form_class(self, for_update: bool = False) -> Any:
        return PersonForm if for_update else NewPersonForm
