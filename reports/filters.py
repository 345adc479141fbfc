"""Under which conditions facts are counted and listed: the same ones on every page of counts."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField
from wagtail.admin.filters import WagtailFilterSet

from agencies.models import Agency, Level, Phase, Programme
from courses.models import Course
from people.models import AgencyRole
from reports.dimensions import (
    NONE,
    NOT_SUPPLEMENTARY,
    ONLY_SUPPLEMENTARY,
    WITHOUT_AGENCY,
    WITHOUT_PROGRAMME,
)
from reports.models import Fact, FactQuerySet


class _OptionalField(ModelChoiceField):
    """Says in words what no value means; Wagtail shows it beside the filters in force."""

    def label_from_instance(self, obj: Any) -> str:
        return str(self.null_label if obj == self.null_value else obj)


class _OptionalFilter(django_filters.ModelChoiceFilter):
    field_class = _OptionalField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(null_value=NONE, **kwargs)


class _ShortChoiceFilter(django_filters.ChoiceFilter):
    """All choices in sight, as Wagtail shows its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.RadioSelect, empty_label=_("All"), **kwargs)


def agencies_visible_to(user: Any) -> QuerySet[Agency]:
    """Agencies whose facts ``user`` may see: another agency is not even known."""
    agencies = Agency.objects.order_by("search_text", "pk")
    if user.has_perm("reports.view_all_facts"):
        return agencies
    return agencies.filter(pk__in=AgencyRole.objects.filter(user=user).values("agency"))


class FactFilterSet(WagtailFilterSet):
    """One filter for each dimension of Fact, named like its field."""

    programme = _OptionalFilter(
        label=_("Programme"),
        queryset=Programme.objects.order_by("-starts_on", "name"),
        null_label=WITHOUT_PROGRAMME,
    )
    phase = _OptionalFilter(
        label=_("Phase"),
        queryset=Phase.objects.select_related("programme").order_by(
            "-programme__starts_on", "programme", "order"
        ),
        null_label=WITHOUT_PROGRAMME,
    )
    year = _ShortChoiceFilter(label=_("Year"))
    course_kind = _ShortChoiceFilter(label=_("Kind of course"), choices=Course.Kind.choices)
    level = _ShortChoiceFilter(
        label=_("Level"), choices=[*Level.choices, (NONE, WITHOUT_AGENCY)], method="filter_level"
    )
    agency = _OptionalFilter(
        label=_("Agency"),
        queryset=lambda request: agencies_visible_to(request.user),
        null_label=WITHOUT_AGENCY,
    )
    supplementary = _ShortChoiceFilter(
        label=_("Supplementary runs"),
        choices=[(ONLY_SUPPLEMENTARY, _("Only these")), (NOT_SUPPLEMENTARY, _("Left out"))],
    )

    class Meta:
        model = Fact
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = Fact.objects.visible_to(self.request.user).order_by("-year").values_list("year")
        self.filters["year"].extra["choices"] = [(year, str(year)) for (year,) in years.distinct()]

    def filter_level(self, facts: FactQuerySet, name: str, value: str) -> FactQuerySet:
        return facts.filter(level="" if value == NONE else value)
