"""The learner's own pages: all enrolments at a glance, and one enrolment in full."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from courses import asking, completion, lessons, rules
from courses.models import Assessment, AssessmentResult, CourseRun, Enrolment


@dataclass(frozen=True)
class Card:
    """An enrolment in the list: how far, until when; ``url`` leads to the next thing to do.

    ``step`` names that thing: ``lessons`` or ``tests``, or why there is none: ``completed``,
    ``closed``, ``waiting`` (for a result that is not entered by the learner).
    """

    enrolment: Enrolment
    done: int
    wanted: int
    tests_left: int
    late: bool
    step: str
    url: str


def cards(*, person_id: int | None) -> list[Card]:
    """The person's enrolments, unfinished ones first. Two statements for any number."""
    found: list[Any] = list(
        Enrolment.objects.of_person(person_id)
        .select_related("run", "run__course")
        .annotate(
            wanted=Count("run__lessons", distinct=True),
            done=Count("progress", filter=Q(progress__completed_at__isnull=False), distinct=True),
        )
        .order_by(F("completed_at").desc(nulls_first=True), "-enrolled_at", "-pk")
    )
    passed = set(
        AssessmentResult.objects.filter(enrolment__in=found, passed=True).values_list(
            "enrolment", "assessment"
        )
    )
    today = timezone.localdate()
    return [_card(one, one.done, one.wanted, passed, today) for one in found]


def _card(
    enrolment: Enrolment, done: int, wanted: int, passed: set[tuple[int, int]], today: date
) -> Card:
    required = enrolment.run.rules["assessments"]
    tests_left = sum((enrolment.pk, assessment) not in passed for assessment in required)
    if enrolment.completed_at:
        tests_left = 0  # other rules than these completed it
    step = _step(enrolment, lessons_left=wanted - done, tests_left=tests_left)
    name = "courses:next" if step in ("lessons", "tests") else "courses:enrolment"
    return Card(
        enrolment=enrolment,
        done=done,
        wanted=wanted,
        tests_left=tests_left,
        late=not enrolment.completed_at and enrolment.run.ends_on < today,
        step=step,
        url=reverse(name, args=[enrolment.pk]),
    )


def _step(enrolment: Enrolment, *, lessons_left: int, tests_left: int) -> str:
    if enrolment.completed_at:
        return "completed"
    if enrolment.run.state == CourseRun.State.CLOSED:
        return "closed"
    if lessons_left:
        return "lessons"
    return "tests" if tests_left else "waiting"


def next_url(*, enrolment: Enrolment) -> str:
    """The next lesson, else the first assessment not passed yet, else the enrolment's page."""
    for line in lessons.lines(enrolment=enrolment):
        if not line.complete and line.url:
            return line.url
    for _assessment, action in assessments(enrolment=enrolment):
        if action and action.url and not action.done:
            return action.url
    return reverse("courses:enrolment", args=[enrolment.pk])


def assessments(*, enrolment: Enrolment) -> list[tuple[Assessment, asking.Action | None]]:
    """The assessments of the run's course, each with how to go on."""
    wanted = Assessment.objects.filter(pk__in=enrolment.run.rules["assessments"])
    return [(one, asking.assessment_action(one, enrolment)) for one in wanted]


def overview(*, enrolment: Enrolment) -> dict[str, Any]:
    """Context of an enrolment's page.

    ``lines, assessments, participation, completion`` (conditions in words), ``step`` as in a card,
    and ``notices``, of which one is ``live``.
    """
    known = completion.evidence(enrolment)
    frozen = enrolment.run.rules
    (done, wanted), (passed, required) = known.lessons, known.assessments
    notices = asking.enrolment_notices(enrolment)
    return {
        "enrolment": enrolment,
        "run": enrolment.run,
        "course": enrolment.run.course,
        "done": done,
        "wanted": wanted,
        "tests_left": 0 if enrolment.completed_at else required - passed,
        "late": not enrolment.completed_at and enrolment.run.ends_on < timezone.localdate(),
        "step": _step(enrolment, lessons_left=wanted - done, tests_left=required - passed),
        "lines": lessons.lines(enrolment=enrolment),
        "assessments": assessments(enrolment=enrolment),
        "participation": rules.describe(frozen["participation"], known),
        "completion": rules.describe(frozen["completion"], known),
        "notices": notices,
        "live": asking.any_live(notices),
    }
