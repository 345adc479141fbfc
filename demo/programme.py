"""Plays Đề án 1439 with the clock of 2020 and 2021, through the product's own verbs.

Every figure follows from what the people do; nothing here sets a count, a result or a state. A
play that was interrupted goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agencies.models import AdministrativeUnit, Agency, Phase
from courses.models import Course, CourseRun
from demo.cohorts import Official, officials
from demo.plan import DEPARTMENTS, Cohort, ExtraClass, Plan, PlannedPhase
from demo.province import Province
from demo.taking import Round, take
from demo.teaching import Taught
from people.models import Person
from quizzes.models import Quiz


@dataclass(frozen=True)
class _Taught:
    """A course with its test, and what its runs are called."""

    course: Course
    quiz: Quiz
    name: str


@dataclass(frozen=True)
class Programme:
    """What is played, and with whom. ``step`` is told of everybody who is through a run."""

    plan: Plan
    province: Province
    taught: Taught
    officer: Any
    step: Callable[[], None]

    def play(self) -> None:
        """Both courses of both phases, each in two rounds, then the classes beside them."""
        taught = self.taught
        awareness = _Taught(taught.awareness, taught.awareness_quiz, "Nhận thức chung")
        auditor = _Taught(taught.auditor, taught.auditor_quiz, "Chuyên gia đánh giá nội bộ")
        for planned, phase in zip(self.plan.phases, self.province.phases, strict=True):
            ready: dict[str, Sequence[Person]] = {}
            failed: list[Person] = []
            for cohort in planned.cohorts:
                run = self._take(self._first(awareness, planned, phase, cohort))
                ready[cohort.name] = _people(run, completed=True)[: cohort.auditors]
                failed += _people(run, completed=False)
            self._take(self._again(awareness, planned, phase, failed))
            failed = []
            for cohort in planned.cohorts:
                run = self._take(
                    self._first(auditor, planned, phase, cohort, people=ready[cohort.name])
                )
                failed += _people(run, completed=False)
            self._take(self._again(auditor, planned, phase, failed))
        for extra in self.plan.supplementary:
            self._take(self._extra(extra))

    def _take(self, planned: Round) -> CourseRun:
        return take(planned, officer=self.officer, step=self.step)

    def _first(
        self,
        taught: _Taught,
        planned: PlannedPhase,
        phase: Phase,
        cohort: Cohort,
        *,
        people: Sequence[Person] | None = None,
    ) -> Round:
        """A cohort's first round: the ``people`` given, or its staff, whom nobody knows yet."""
        new = people is None
        rounds = planned.awareness if new else planned.auditor
        return Round(
            course=taught.course,
            quiz=taught.quiz,
            name=f"{taught.name} {planned.year}: {cohort.name}",
            mode=planned.mode,
            phase=phase,
            territory=self._territory(cohort.where),
            starts_on=rounds.starts_on,
            ends_on=rounds.ends_on,
            people=people or [],
            newcomers=self._staff(planned, cohort) if new else [],
            fails=cohort.fails if new else cohort.auditors_fail,
            absent=cohort.absent if new else 0,
        )

    def _staff(self, planned: PlannedPhase, cohort: Cohort) -> list[Official]:
        return officials(
            name=f"{cohort.name} {planned.year}",
            agencies=self._agencies(cohort.where),
            count=cohort.learners + cohort.absent,
        )

    def _again(
        self, taught: _Taught, planned: PlannedPhase, phase: Phase, failed: Sequence[Person]
    ) -> Round:
        """The second round of a phase: online, for whoever failed in the first."""
        is_first_course = taught.course == self.taught.awareness
        rounds = planned.awareness if is_first_course else planned.auditor
        return Round(
            course=taught.course,
            quiz=taught.quiz,
            name=f"{taught.name} {planned.year}, đợt 2",
            mode=CourseRun.Mode.ONLINE,
            phase=phase,
            territory=self.province.unit,
            starts_on=rounds.again_starts_on,
            ends_on=rounds.again_ends_on,
            people=failed,
            fails=rounds.again_fails,
        )

    def _extra(self, extra: ExtraClass) -> Round:
        """Half of the class studied online the year before, half is new to it."""
        district = self.province.districts[extra.where]
        earlier = self.plan.supplementary[: self.plan.supplementary.index(extra)]
        taken = sum(one.learners // 2 for one in earlier if one.where == extra.where)
        studied = Person.objects.filter(
            enrolments__run__phase=self.province.phases[0],
            enrolments__run__supplementary=False,
            postings__agency__in=district.communes,
        )
        known = list(studied.distinct().order_by("pk")[taken : taken + extra.learners // 2])
        return Round(
            course=self.taught.awareness,
            quiz=self.taught.awareness_quiz,
            name=f"Lớp trực tiếp cho cấp xã: {extra.name}",
            mode=CourseRun.Mode.IN_PERSON,
            phase=self.province.phases[0],
            territory=district.unit,
            starts_on=extra.held_on,
            ends_on=extra.held_on,
            people=known,
            newcomers=officials(
                name=extra.name,
                agencies=district.communes,
                count=extra.learners - len(known),
            ),
            fails=0,
            supplementary=True,
        )

    def _agencies(self, where: str) -> list[Agency]:
        if where == DEPARTMENTS:
            return self.province.departments
        district = self.province.districts[where]
        return district.divisions + district.communes

    def _territory(self, where: str) -> AdministrativeUnit:
        return self.province.unit if where == DEPARTMENTS else self.province.districts[where].unit


def _people(run: CourseRun, *, completed: bool) -> list[Person]:
    """Who took part in a run and completed it, or did not, in the order of enrolment."""
    took_part = run.enrolments.filter(
        participated_at__isnull=False, completed_at__isnull=not completed
    )
    return [one.person for one in took_part.select_related("person").order_by("pk")]
