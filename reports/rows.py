"""The rows behind a figure: turns one by one, persons, certified persons, one person's facts."""

from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn

from people.models import Person
from reports import counting
from reports.models import Fact, FactQuerySet
from reports.over_facts import OverFacts
from reports.tables import NumberColumn, rows_url


class FactsView(OverFacts):
    """Facts one by one, the latest first."""

    model = Fact
    paginate_by = 50
    default_ordering = "-at"
    list_export = ["at", "person", "agency", "course", "run", "certificate"]
    export_headings = {
        "at": _("Date"),
        "person": _("Person"),
        "agency": _("Agency at the time"),
        "course": _("Course"),
        "run": _("Course run"),
        "certificate": _("Certificate number"),
    }

    @cached_property
    def columns(self) -> list[Column]:
        return [
            Column("at", label=_("Date"), accessor=_day, sort_key="at"),
            TitleColumn(
                "person",
                label=_("Person"),
                sort_key="person__sort_name",
                get_url=lambda fact: _person_url(fact.person_id, self.conditions),
            ),
            Column("agency", label=_("Agency at the time"), sort_key="agency__search_text"),
            Column("course", label=_("Course"), accessor="course.title"),
            Column("run", label=_("Course run"), sort_key="run__name"),
            Column("certificate", label=_("Certificate number")),
        ]

    def counted(self) -> FactQuerySet:
        return self.facts.standing()

    def get_base_queryset(self) -> FactQuerySet:
        """With ``certificate``, the number of the certificate that the enrolment brought."""
        certificate = counting.certificates(Fact.objects.all()).filter(
            enrolment=OuterRef("enrolment")
        )
        return (
            self.counted()
            .select_related("person", "agency", "course", "run")
            .annotate(certificate=Subquery(certificate.values("certificate_number")[:1]))
        )

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.order_by(self.ordering, "-pk")


class TurnsView(FactsView):
    page_title = _("Training turns")
    url_name = "turns"
    export_filename = "turns"

    def counted(self) -> FactQuerySet:
        return counting.turns(self.facts)


class PersonView(FactsView):
    """What is counted of one person; 404 where that is nothing the user may see."""

    url_name = "person"
    export_filename = "person"

    @cached_property
    def person(self) -> Person:
        seen = Fact.objects.visible_to(self.request.user).filter(person=self.kwargs["person_id"])
        if not seen.exists():
            raise Http404
        return get_object_or_404(Person, pk=self.kwargs["person_id"])

    def counted(self) -> FactQuerySet:
        return self.facts.standing().filter(person=self.person)

    def get_page_title(self) -> str:
        return self.person.full_name

    @cached_property
    def columns(self) -> list[Column]:
        date, _person, *rest = super().columns
        return [date, Column("measure", label=_("What"), accessor="get_measure_display"), *rest]


class PersonsView(OverFacts):
    """Distinct persons with their number of turns."""

    model = Person
    page_title = _("Persons")
    url_name = "persons"
    export_filename = "persons"
    paginate_by = 50
    default_ordering = "sort_name"
    list_export = [
        "full_name",
        "agency_name",
        "turn_count",
        "certificate_count",
        "certificate_number",
    ]
    export_headings = {
        "full_name": _("Person"),
        "agency_name": _("Agency at the time"),
        "turn_count": _("Training turns"),
        "certificate_count": _("Certificates"),
        "certificate_number": _("Latest certificate number"),
    }

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "full_name",
                label=_("Person"),
                sort_key="sort_name",
                get_url=lambda person: _person_url(person.pk, self.conditions),
            ),
            Column("agency_name", label=_("Agency at the time")),
            NumberColumn("turn_count", label=_("Training turns"), sort_key="turn_count"),
            NumberColumn("certificate_count", label=_("Certificates")),
            Column("certificate_number", label=_("Latest certificate number")),
        ]

    def get_base_queryset(self) -> QuerySet[Person]:
        return counting.persons(self.facts)

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.order_by(self.ordering, "pk")


class CertifiedView(PersonsView):
    """Distinct persons who hold at least one certificate."""

    page_title = _("Certified persons")
    url_name = "certified"
    export_filename = "certified-persons"

    def get_base_queryset(self) -> QuerySet[Person]:
        return counting.certified(self.facts)


def _day(fact: Fact) -> str:
    return date_format(timezone.localdate(fact.at), "SHORT_DATE_FORMAT")


def _person_url(person_id: int, conditions: Any) -> str:
    return rows_url("person", conditions, person_id=person_id)
