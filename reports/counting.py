"""Counting facts: turns (lượt), persons (người), certified persons. Units never mix.

A figure and its rows rest on the same query: as many rows as the figure says. Supplementary runs
are counted apart and never added to the others.
"""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from jobs.subqueries import how_many
from people.models import Person
from reports.dimensions import Dimension
from reports.models import Fact, FactQuerySet

TURN = Q(measure=Fact.Measure.TURN)
CERTIFICATE = Q(measure=Fact.Measure.CERTIFICATE)


@dataclass(frozen=True)
class Figures:
    """Turns, the distinct persons behind them, and the persons who were certified."""

    turns: int = 0
    persons: int = 0
    certified: int = 0


@dataclass(frozen=True)
class Totals(Figures):
    """Figures of all runs but the supplementary ones, which have their own."""

    supplementary: Figures = Figures()


@dataclass(frozen=True)
class Line:
    """Figures of one value of a dimension: ``key`` for addresses, ``label`` for people."""

    key: str
    label: str
    supplementary: bool
    figures: Figures


_FIGURES = {
    "turns": Count("pk", filter=TURN),
    "persons": Count("person", filter=TURN, distinct=True),
    "certified": Count("person", filter=CERTIFICATE, distinct=True),
}


def totals(facts: FactQuerySet) -> Totals:
    """All together: a person in two agencies counts once. One statement."""
    rows = _counted(facts).values("supplementary").annotate(**_FIGURES)
    found = {row.pop("supplementary"): Figures(**row) for row in rows}
    regular = found.get(False, Figures())
    return Totals(**vars(regular), supplementary=found.get(True, Figures()))


def by(facts: FactQuerySet, dimension: Dimension) -> list[Line]:
    """Figures per value of ``dimension``, the supplementary ones last. One statement.

    Persons of several lines are not added up: one who studied in two years is in both.
    """
    rows = _counted(facts).values("supplementary", *dimension.fields).annotate(**_FIGURES)
    return [
        Line(
            key=dimension.key(row),
            label=dimension.label(row),
            supplementary=row["supplementary"],
            figures=Figures(row["turns"], row["persons"], row["certified"]),
        )
        for row in sorted(rows, key=lambda row: (row["supplementary"], dimension.order(row)))
    ]


def turns(facts: FactQuerySet) -> FactQuerySet:
    """The rows behind a number of turns."""
    return facts.standing().filter(TURN)


def certificates(facts: FactQuerySet) -> FactQuerySet:
    """The certificates behind a number of certified persons: some persons hold several."""
    return facts.standing().filter(CERTIFICATE)


def persons(facts: FactQuerySet) -> QuerySet[Person]:
    """The rows behind a number of persons, as ``described``."""
    return _described(turns(facts), facts)


def certified(facts: FactQuerySet) -> QuerySet[Person]:
    """The rows behind a number of certified persons, as ``described``."""
    return _described(certificates(facts), facts)


def _described(counted: FactQuerySet, facts: FactQuerySet) -> QuerySet[Person]:
    """Distinct persons with ``turn_count``, ``certificate_count``, and of the latest fact counted
    ``agency_name`` and ``certificate_number``."""
    latest = counted.filter(person=OuterRef("pk")).order_by("-at", "-pk")
    return Person.objects.filter(pk__in=counted.order_by().values("person")).annotate(
        turn_count=how_many(turns(facts).filter(person=OuterRef("pk")), per="person"),
        certificate_count=how_many(certificates(facts).filter(person=OuterRef("pk")), per="person"),
        agency_name=Subquery(latest.values("agency__name")[:1]),
        certificate_number=Subquery(
            certificates(facts)
            .filter(person=OuterRef("pk"))
            .order_by("-at", "-pk")
            .values("certificate_number")[:1]
        ),
    )


def _counted(facts: FactQuerySet) -> FactQuerySet:
    """Without completions, which would give lines of nothing but zeros."""
    return facts.standing().filter(TURN | CERTIFICATE).order_by()
