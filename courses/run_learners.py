"""The learners of one run, as its page lists them: searched, by state, each with how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import AssessmentResult, Attendance, CourseRun, Enrolment, LessonProgress
from jobs.subqueries import how_many
from vietnamese.text import fold

STATES = {
    "": _("All"),
    "unbegun": _("Nothing begun yet"),
    "going": _("Not completed"),
    "late": _("Late"),
    "turn": _("Took part (a turn)"),
    "completed": _("Completed"),
    "withdrawn": _("Withdrawn"),
}
LONGEST_NAME = 120


@dataclass(frozen=True)
class Asked:
    """Which learners are wanted; anything that is not known asks for all."""

    state: str = ""
    name: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Asked":
        state = said.get("state", "")
        return cls(state if state in STATES else "", said.get("q", "").strip()[:LONGEST_NAME])

    @property
    def query(self) -> str:
        """The same question in an address."""
        return urlencode({key: value for key, value in self._said if value})

    @property
    def _said(self) -> list[tuple[str, str]]:
        return [("state", self.state), ("q", self.name)]


def late(run: CourseRun) -> Q:
    """Who has not completed though the last day is over."""
    if run.ends_on >= timezone.localdate():
        return Q(pk__in=[])
    return Q(completed_at__isnull=True)


def found(run: CourseRun, asked: Asked) -> Any:
    """Those learners by name, with ``lessons_done``, ``meetings`` and ``tests_passed``."""
    every = Enrolment.objects.filter(run=run)
    wanted = _in_state(run, every, asked.state)
    for word in fold(asked.name).split():
        wanted = wanted.filter(person__search_text__contains=word)
    own = {"enrolment": OuterRef("pk")}
    required = run.frozen_rules["assessments"] if run.frozen_rules else []
    passed = AssessmentResult.objects.filter(**own, passed=True, assessment__in=required)
    meetings = Attendance.objects.filter(**own, present=True, session__cancelled_at__isnull=True)
    return (
        wanted.select_related("person", "agency")
        .annotate(
            lessons_done=how_many(
                LessonProgress.objects.filter(**own, completed_at__isnull=False), per="enrolment"
            ),
            meetings=how_many(meetings, per="enrolment"),
            tests_passed=how_many(passed, per="enrolment", what="assessment"),
        )
        .order_by("person__sort_name", "pk")
    )


def _in_state(run: CourseRun, every: Any, state: str) -> Any:
    if state == "withdrawn":
        return every.filter(withdrawn_at__isnull=False)
    if state == "turn":
        return every.filter(participated_at__isnull=False)
    if state == "completed":
        return every.filter(completed_at__isnull=False)
    here = every.active()
    if state == "late":
        return here.filter(late(run))
    if state == "going":
        return here.filter(completed_at__isnull=True)
    if state == "unbegun":
        own = {"enrolment": OuterRef("pk")}
        return here.filter(
            ~Exists(LessonProgress.objects.filter(**own)),
            ~Exists(Attendance.objects.filter(**own, present=True)),
            ~Exists(AssessmentResult.objects.filter(**own)),
        )
    return here
