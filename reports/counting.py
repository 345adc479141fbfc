"""Counting facts: turns (lượt), persons (người), certified persons. Units never mix.

Every figure is a query over facts that can be opened to its rows with the same conditions.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from reports.models import Fact

TURNS = Q(measure=Fact.Measure.TURN)
CERTIFIED = Q(measure=Fact.Measure.CERTIFICATE)


@dataclass(frozen=True)
class Figures:
    """Turns, the distinct persons behind them, and the persons who hold a certificate."""

    turns: int
    persons: int
    certified: int


@dataclass(frozen=True)
class Line:
    """Figures of one value of a dimension: ``key`` for links, ``label`` for people."""

    key: Any
    label: str
    figures: Figures


# Persons are counted where their facts add up to more than nothing: none is taken back yet.
_SUMS = {
    "turns": Sum("amount", filter=TURNS, default=0),
    "persons": Count("person", filter=TURNS, distinct=True),
    "certified": Count("person", filter=CERTIFIED, distinct=True),
}


def totals(facts: QuerySet[Fact]) -> Figures:
    """All together: a person in two agencies counts once. One statement."""
    return Figures(**facts.aggregate(**_SUMS))


def by(facts: QuerySet[Fact], *, key: str, label: str | None = None) -> list[Line]:
    """Figures per value of ``key`` (a field of Fact), labelled by ``label``. One statement."""
    names = [key] if label is None else [key, label]
    rows = facts.order_by().values(*names).annotate(**_SUMS).order_by(*names[::-1])
    return [
        Line(
            key=row[key],
            label=str(row[label or key] or ""),
            figures=Figures(row["turns"], row["persons"], row["certified"]),
        )
        for row in rows
    ]
