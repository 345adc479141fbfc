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
        **_decided(programme),
        "agencies": covered["agency_count"],
        "systems": covered["system_count"],
        "phases": [
            {"name": name, "year": starts_on.year, "agencies": agencies, "systems": systems}
            for name, starts_on, agencies, systems in phases.annotate(**_COVERED)
            .order_by("order")
            .values_list("name", "starts_on", *_COVERED)
        ],
        **_training(
            Fact.objects.filter(programme=programme),
            CourseRun.objects.filter(phase__programme=programme),
        ),
    }


def _decided(programme: Programme) -> Summary:
    """By which decision and until when, as far as it is known."""
    decision, deadline = programme.decision, programme.deadline
    said: Summary = {}
    if decision:
        said["decision"] = decision.number
    if decision and decision.issued_on:
        said["approved_on"] = decision.issued_on.isoformat()
    if deadline:
        said["deadline"] = deadline.isoformat()
    return said


def _training(facts: FactQuerySet, runs: QuerySet[CourseRun]) -> Summary:
    totals = counting.totals(facts)
    lessons = RunLesson.objects.filter(run__in=runs)
    asked = Q(assessment__course__runs__in=runs) | Q(assessment__lesson__in=lessons.values("page"))
    kinds = {
        line.key: line.figures for line in counting.by(facts, COURSE_KIND) if not line.supplementary
    }
    apart = totals.supplementary
    return {
        "courses": runs.aggregate(number=Count("course", distinct=True))["number"],
        "lessons": lessons.aggregate(number=Count("page", distinct=True))["number"],
        "quizzes": Quiz.objects.filter(asked).distinct().count(),
        "turns": {
            **{kind: figures.turns for kind, figures in kinds.items()},
            "supplementary": apart.turns,
        },
        "supplementary_classes": runs.filter(supplementary=True).count(),
        # Not to be added up: who took two courses is in both, and once in all.
        "persons": {
            **{kind: figures.persons for kind, figures in kinds.items()},
            "supplementary": apart.persons,
            "all": totals.persons,
        },
        "certified_persons": totals.certified,
    }
