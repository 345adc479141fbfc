"""The states of a run: draft → open → running → closed, each step by compare-and-set."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import asking, rules, seating
from courses.models import Assessment, Course, CoursePage, CourseRun, LessonPage, RunLesson

State = CourseRun.State
OpenTo = CourseRun.OpenTo


class RunRefused(Exception):
    """Carries the reasons why the step cannot be taken, in words for people."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def open_run(*, run_id: int, at: datetime) -> CourseRun:
    """Open a drafted run for enrolment and freeze its rules and its list of lessons.

    Opening an opened run changes nothing. Raises RunRefused with every reason.
    """
    with transaction.atomic():
        run = _locked(run_id)
        if run.state != State.DRAFT:
            return run
        if reasons := reasons_against_opening(run):
            raise RunRefused(*reasons)
        RunLesson.objects.bulk_create(
            RunLesson(
                run=run,
                page=page,
                order=order,
                seconds=page.seconds,
                share=run.course.watched_percent,
            )
            for order, page in enumerate(published_lessons(run.course), start=1)
        )
        run.frozen_rules = _rules_of(run.course)
        run.opened_at = at
        run.state = State.OPEN
        run.save(update_fields=["frozen_rules", "opened_at", "state"])
    return run


def start_run(*, run_id: int, at: datetime) -> CourseRun:
    """Say that an opened run has begun; who comes late can still enrol.

    Starting a running one changes nothing. Raises RunRefused on a draft and on a closed run.
    """
    with transaction.atomic():
        run = _locked(run_id)
        if run.state == State.DRAFT:
            raise RunRefused(_("A draft cannot begin; open it first."))
        if run.state == State.CLOSED:
            raise RunRefused(_("The run is closed."))
        opened = CourseRun.objects.filter(pk=run_id, state=State.OPEN)
        if opened.update(state=State.RUNNING, started_at=at):
            run.state, run.started_at = State.RUNNING, at
    return run


def close_run(*, run_id: int, at: datetime) -> CourseRun:
    """Close a run: no enrolment and no new evidence from then on; open requests are refused.

    Closing a closed one changes nothing. Raises RunRefused on a draft.
    """
    with transaction.atomic():
        run = _locked(run_id)
        if run.state == State.DRAFT:
            raise RunRefused(_("A draft is not closed; delete it or open it."))
        going_on = CourseRun.objects.filter(pk=run_id, state__in=CourseRun.GOING_ON)
        if going_on.update(state=State.CLOSED, closed_at=at):
            run.state, run.closed_at = State.CLOSED, at
            seating.turn_away(run, at=at)
    return run


def published_lessons(course: Course) -> list[LessonPage]:
    """The lessons that a run takes over when it is opened now, in their order."""
    page = CoursePage.objects.filter(course=course).first()
    return list(LessonPage.objects.child_of(page).live().order_by("path")) if page else []


def tests_of(course: Course) -> QuerySet[Assessment]:
    """What a run of the course takes over when it is opened now: the final assessments of the
    course and the checks of its published lessons."""
    lessons = [page.pk for page in published_lessons(course)]
    return Assessment.objects.filter(Q(course=course) | Q(lesson__in=lessons)).order_by("pk")


def offered(run: CourseRun) -> list[int]:
    """The assessments that can be taken in a run, required or not; of a draft, as things stand."""
    frozen = run.frozen_rules or _rules_of(run.course)
    return [*frozen["assessments"], *frozen.get("voluntary", [])]


def contradictions(run: CourseRun) -> list[str]:
    """Where what is said about the run does not go together, each in words."""
    reasons = []
    if run.open_to == OpenTo.AGENCIES and not run.agencies.exists():
        reasons.append(_("The run is open to certain agencies, but none is named."))
    if run.open_to == OpenTo.LEVELS and not run.levels:
        reasons.append(_("The run is open to certain levels, but none is ticked."))
    if run.open_to == OpenTo.PHASE and run.phase_id is None:
        reasons.append(_("The run is open to the agencies of its phase, but belongs to none."))
    if run.enrol_until and run.enrol_until > run.ends_on:
        reasons.append(_("The last day of enrolment is after the last day of the run."))
    return reasons


def reasons_against_opening(run: CourseRun) -> list[str]:
    """Why a draft cannot be opened as it is, each in words; empty if it can."""
    lessons = published_lessons(run.course)
    reasons = contradictions(run)
    if not lessons and run.mode != CourseRun.Mode.IN_PERSON:
        reasons.append(_("The course has no published lesson."))
    reasons += [
        _("The length of the video of “%(lesson)s” is not known.") % {"lesson": page.title}
        for page in lessons
        if not page.seconds
    ]
    return reasons + shortages(list(tests_of(run.course).filter(required=True)))


def shortages(assessments: list[Assessment]) -> list[str]:
    """Which of these tests cannot be held, and why, each in words."""
    lacks = asking.assessment_shortages(assessments)
    return [
        _("“%(test)s” cannot be held: %(lack)s") % {"test": one.title, "lack": lacks[one.pk]}
        for one in assessments
        if one.pk in lacks
    ]


def warnings_before_opening(run: CourseRun, *, at: datetime) -> list[str]:
    """What to think about before opening; none of it is in the way."""
    found = []
    meets = run.sessions.held().exists()
    if run.mode != CourseRun.Mode.ONLINE and not meets:
        found.append(_("No class meeting is planned yet."))
    if run.open_to == OpenTo.INVITED and not run.invitations.exists():
        found.append(_("Nobody is invited yet."))
    if run.ends_on < timezone.localdate(at):
        found.append(_("The last day of the run is over."))
    offered = {
        "lessons": bool(published_lessons(run.course)),
        "attendance": meets or run.mode != CourseRun.Mode.ONLINE,
        "assessments": tests_of(run.course).filter(required=True).exists(),
    }
    if not can_be_met(run.course.participation_rule, offered):
        found.append(_("Nobody can be counted by the course's rule: what it asks is not offered."))
    if not can_be_met(run.course.completion_rule, offered):
        found.append(_("Nobody can complete by the course's rule: what it asks is not offered."))
    return found


def can_be_met(rule: rules.Rule, offered: dict[str, bool]) -> bool:
    """Whether the rule asks only for what there is."""
    ((key, value),) = rule.items()
    if key in ("all", "any"):
        answers = [can_be_met(part, offered) for part in value]
        return all(answers) if key == "all" else any(answers)
    return offered[key]


def _locked(run_id: int) -> CourseRun:
    return CourseRun.objects.select_for_update(of=("self",)).select_related("course").get(pk=run_id)


def _rules_of(course: Course) -> dict[str, Any]:
    tests = list(tests_of(course).values_list("pk", "required"))
    return {
        "participation": course.participation_rule,
        "completion": course.completion_rule,
        "assessments": [key for key, required in tests if required],
        "voluntary": [key for key, required in tests if not required],
    }
