"""The learner's own pages: all enrolments at a glance, and one enrolment in full."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from courses import asking, completion, lessons, rules, withdrawing
from courses.missing import missing
from courses.models import Assessment, AssessmentResult, Attendance, Enrolment, Session


@dataclass(frozen=True)
class Card:
    """An enrolment in the list: how far, until when; ``url`` leads to the next thing to do.

    ``step`` names that thing: ``lessons`` or ``tests``, or why there is none: ``completed``,
    ``withdrawn``, ``closed``, ``waiting`` (for a class meeting, or for a result that is not
    entered by the learner). ``meeting`` is the next one.
    """

    enrolment: Enrolment
    done: int
    wanted: int
    tests_left: int
    late: bool
    step: str
    url: str
    meeting: Session | None


def cards(*, person_id: int | None) -> list[Card]:
    """The person's enrolments, unfinished ones first. Four statements for any number."""
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
    now = timezone.now()
    meetings = _meetings({one.run_id for one in found})
    attended = _attended(found)
    return [_card(one, passed, meetings[one.run_id], attended[one.pk], now) for one in found]


def _meetings(run_ids: Collection[int]) -> dict[int, list[Session]]:
    found: defaultdict[int, list[Session]] = defaultdict(list)
    for meeting in Session.objects.held().filter(run__in=run_ids).order_by("starts_at", "pk"):
        found[meeting.run_id].append(meeting)
    return found


def _attended(enrolments: list[Any]) -> dict[int, set[int]]:
    present = Attendance.objects.filter(enrolment__in=enrolments, present=True)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for enrolment_id, session_id in present.values_list("enrolment", "session"):
        found[enrolment_id].add(session_id)
    return found


def _card(
    enrolment: Any,
    passed: set[tuple[int, int]],
    meetings: list[Session],
    attended: set[int],
    now: datetime,
) -> Card:
    frozen = enrolment.run.rules
    required = frozen["assessments"]
    tests_left = sum((enrolment.pk, assessment) not in passed for assessment in required)
    minutes = sum(one.minutes for one in meetings if one.pk in attended)
    known = rules.Evidence(
        lessons=rules.Gathered(((now, enrolment.done),), enrolment.wanted),
        attendance=rules.Gathered(((now, minutes),), sum(one.minutes for one in meetings)),
        assessments=rules.Gathered(((now, len(required) - tests_left),), len(required)),
    )
    step = _step(enrolment, known)
    name = "courses:next" if step in ("lessons", "tests") else "courses:enrolment"
    return Card(
        enrolment=enrolment,
        done=enrolment.done,
        wanted=enrolment.wanted,
        # Who has completed, perhaps under other rules than these, has no test to take.
        tests_left=0 if enrolment.completed_at else tests_left,
        late=_is_late(enrolment),
        step=step,
        url=reverse(name, args=[enrolment.pk]),
        meeting=_next(meetings, now) if enrolment.goes_on and not enrolment.completed_at else None,
    )


def _next(meetings: list[Session], now: datetime) -> Session | None:
    return next((one for one in meetings if one.ends_at > now), None)


def _is_late(enrolment: Enrolment) -> bool:
    unfinished = not enrolment.completed_at and not enrolment.withdrawn_at
    return unfinished and enrolment.run.ends_on < timezone.localdate()


def _step(enrolment: Enrolment, known: rules.Evidence) -> str:
    if enrolment.completed_at:
        return "completed"
    if enrolment.withdrawn_at:
        return "withdrawn"
    if not enrolment.goes_on:
        return "closed"
    left = missing(enrolment.run.rules["completion"], known)
    if "lessons" in left and known.lessons.done < known.lessons.wanted:
        return "lessons"
    return "tests" if "assessments" in left and known.assessments.wanted else "waiting"


def next_url(*, enrolment: Enrolment) -> str:
    """The next lesson, else the first assessment not passed yet, else the enrolment's page."""
    step = _step(enrolment, completion.evidence(enrolment))
    if step == "lessons":
        for line in lessons.lines(enrolment=enrolment):
            if not line.complete and line.url:
                return line.url
    if step in ("lessons", "tests"):
        for _assessment, action in assessments(enrolment=enrolment):
            if action and action.url and not action.done:
                return action.url
    return reverse("courses:enrolment", args=[enrolment.pk])


def assessments(*, enrolment: Enrolment) -> list[tuple[Assessment, asking.Action | None]]:
    """The required assessments of the run, each with how to go on."""
    return _with_actions(enrolment, enrolment.run.rules["assessments"])


def _with_actions(
    enrolment: Enrolment, keys: list[int]
) -> list[tuple[Assessment, asking.Action | None]]:
    wanted = Assessment.objects.filter(pk__in=keys)
    return [(one, asking.assessment_action(one, enrolment)) for one in wanted]


def _results(enrolment: Enrolment) -> list[AssessmentResult]:
    """Those that the learner may see, oldest first."""
    found = list(enrolment.results.select_related("assessment").order_by("decided_at", "pk"))
    online = [one for one in found if one.source == AssessmentResult.Source.ONLINE]
    hidden = asking.hidden_results(enrolment) if online else set()
    return [one for one in found if one not in online or one.assessment_id not in hidden]


def overview(*, enrolment: Enrolment) -> dict[str, Any]:
    """Context of an enrolment's page.

    ``lines, assessments`` and those that are ``voluntary``, ``participation, completion``
    (conditions in words), ``step`` as in a card,
    ``results`` and ``amendments``, ``may_withdraw``, and ``notices``, of which one is ``live``.
    """
    known = completion.evidence(enrolment)
    frozen = enrolment.run.rules
    tests_left = known.assessments.wanted - known.assessments.done
    notices = asking.enrolment_notices(enrolment)
    return {
        "enrolment": enrolment,
        "run": enrolment.run,
        "course": enrolment.run.course,
        "done": known.lessons.done,
        "wanted": known.lessons.wanted,
        "tests_left": 0 if enrolment.completed_at else tests_left,
        "late": _is_late(enrolment),
        "step": _step(enrolment, known),
        "lines": lessons.lines(enrolment=enrolment),
        "assessments": assessments(enrolment=enrolment),
        "voluntary": _with_actions(enrolment, frozen.get("voluntary", [])),
        "participation": rules.describe(frozen["participation"], known),
        "completion": rules.describe(frozen["completion"], known),
        "results": _results(enrolment),
        "amendments": enrolment.run.amendments.all(),
        "may_withdraw": withdrawing.may_leave_alone(enrolment),
        "notices": notices,
        "live": asking.any_live(notices),
    }
