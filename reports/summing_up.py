"""The province and its programmes in figures, all from rows; nothing that was only reported.

The names are those of the acceptance figures (``data/programmes.yaml``), so that both compare.
"""

from typing import Any

from django.db.models import Count, F, Q, QuerySet

from agencies.models import Agency, Phase, Programme, QualityManagementSystem
from courses.models import CourseRun, RunLesson
from quizzes.models import Quiz
from reports import counting
from reports.dimensions import COURSE_KIND
from reports.models import Fact, FactQuerySet

Summary = dict[str, Any]

_IN_SYSTEM_DURING_PHASE = Q(
    Q(agencies__memberships__left_on=None) | Q(agencies__memberships__left_on__gte=F("starts_on")),
    Q(ends_on=None) | Q(agencies__memberships__joined_on__lte=F("ends_on")),
)
# An agency of two phases, or a system of several agencies, counts once.
_COVERED = {
    "agency_count": Count("agencies", distinct=True),
    "system_count": Count(
        "agencies__memberships__system", distinct=True, filter=_IN_SYSTEM_DURING_PHASE
    ),
}


def everything() -> Summary:
    """All agencies and systems ever entered, all facts, and every programme by its code."""
    return {
        "agencies": Agency.objects.count(),
        "systems": QualityManagementSystem.objects.count(),
        **_training(Fact.objects.all(), CourseRun.objects.all()),
        "programmes": {programme.slug: of(programme) for programme in Programme.objects.all()},
    }


def of(programme: Programme) -> Summary:
    """A programme's agencies and quality systems by phase, and what was done under it."""
    phases = Phase.objects.filter(programme=programme)
    covered = phases.aggregate(**_COVERED)
    return {
        "agencies": covered["agency_count"],
        "systems": covered["system_count"],
        "phases": [
            {"name": name, "agencies": agencies, "systems": systems}
            for name, agencies, systems in phases.annotate(**_COVERED)
            .order_by("order")
            .values_list("name", *_COVERED)
        ],
        **_training(
            Fact.objects.filter(programme=programme),
            CourseRun.objects.filter(phase__programme=programme),
        ),
    }


def _training(facts: FactQuerySet, runs: QuerySet[CourseRun]) -> Summary:
    totals = counting.totals(facts)
    turns = {
        line.key: line.figures.turns
        for line in counting.by(facts, COURSE_KIND)
        if not line.supplementary
    }
    return {
        "courses": runs.aggregate(number=Count("course", distinct=True))["number"],
        "lessons": RunLesson.objects.filter(run__in=runs).aggregate(
            number=Count("page", distinct=True)
        )["number"],
        "quizzes": Quiz.objects.filter(assessment__course__runs__in=runs).distinct().count(),
        "turns": {**turns, "supplementary": totals.supplementary.turns},
        "supplementary_classes": runs.filter(supplementary=True).count(),
        "persons": totals.persons,
        "certified_persons": totals.certified,
    }
