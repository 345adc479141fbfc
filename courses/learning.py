"""The learner's own pages: all enrolments at a glance, and one enrolment in full."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse

from courses import asking, completion, lessons, rules
from courses.models import Assessment, Enrolment


@dataclass(frozen=True)
class Card:
    """An enrolment in the list: how far, until when; ``url`` leads to the next thing to do."""

    enrolment: Enrolment
    done: int
    wanted: int
    url: str


def cards(*, person_id: int | None) -> list[Card]:
    """The person's enrolments, unfinished ones first. One statement."""
    found = (
        Enrolment.objects.of_person(person_id)
        .select_related("run", "run__course")
        .annotate(
            wanted=Count("run__lessons", distinct=True),
            done=Count(
                "progress", filter=Q(progress__completed_at__isnull=False), distinct=True
            ),
        )
        .order_by(F("completed_at").desc(nulls_first=True), "-enrolled_at", "-pk")
    )
    return [
        Card(one, one.done, one.wanted, reverse("courses:next", args=[one.pk])) for one in found
    ]


def next_url(*, enrolment: Enrolment) -> str:
    """The next lesson, else the first assessment that can be taken, else the enrolment's page."""
    for line in lessons.lines(enrolment=enrolment):
        if not line.complete:
            return line.url
    for _assessment, action in assessments(enrolment=enrolment):
        if action and action.url and not action.done:
            return action.url
    return reverse("courses:enrolment", args=[enrolment.pk])


def assessments(*, enrolment: Enrolment) -> list[tuple[Assessment, asking.Action | None]]:
    """The assessments of the run's course, each with how to go on."""
    wanted = Assessment.objects.filter(pk__in=enrolment.run.frozen_rules["assessments"])
    return [(one, asking.assessment_action(one, enrolment)) for one in wanted]


def overview(*, enrolment: Enrolment) -> dict[str, Any]:
    """Context of an enrolment's page.

    ``lines, assessments, participation, completion`` (conditions in words) and ``notices``.
    """
    known = completion.evidence(enrolment)
    frozen = enrolment.run.frozen_rules
    return {
        "enrolment": enrolment,
        "run": enrolment.run,
        "course": enrolment.run.course,
        "done": known.lessons[0],
        "wanted": known.lessons[1],
        "lines": lessons.lines(enrolment=enrolment),
        "assessments": assessments(enrolment=enrolment),
        "participation": rules.describe(frozen["participation"], known),
        "completion": rules.describe(frozen["completion"], known),
        "notices": asking.enrolment_notices(enrolment),
    }
