"""The plan by which the programme of 2020–2021 is played: cohorts, days, how many pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from courses.models import CourseRun
from demo.province import read

DEPARTMENTS = "departments"


@dataclass(frozen=True)
class Cohort:
    """People who learn together. ``where`` is a district, or ``DEPARTMENTS`` of the province.

    ``fails`` of ``learners`` pass neither attempt, as do ``auditors_fail`` of ``auditors``;
    ``absent`` more are enrolled and do nothing.
    """

    name: str
    where: str
    learners: int
    fails: int
    auditors: int
    auditors_fail: int
    absent: int


@dataclass(frozen=True)
class Rounds:
    """The two rounds of a course in a phase: who failed in the first comes to the second."""

    starts_on: date
    ends_on: date
    again_starts_on: date
    again_ends_on: date
    again_fails: int


@dataclass(frozen=True)
class PlannedPhase:
    year: int
    mode: CourseRun.Mode
    awareness: Rounds
    auditor: Rounds
    cohorts: tuple[Cohort, ...]


@dataclass(frozen=True)
class ExtraClass:
    """A face-to-face awareness class of one day, counted on its own line."""

    name: str
    where: str
    held_on: date
    learners: int


@dataclass(frozen=True)
class Plan:
    phases: tuple[PlannedPhase, ...]
    supplementary: tuple[ExtraClass, ...]

    @property
    def studies(self) -> int:
        """How many times somebody goes through a run."""
        first = [
            cohort.learners + cohort.fails + cohort.auditors + cohort.auditors_fail + cohort.absent
            for phase in self.phases
            for cohort in phase.cohorts
        ]
        return sum(first) + sum(extra.learners for extra in self.supplementary)


def load(described: Mapping[str, Any] | None = None) -> Plan:
    """The plan of the data file, or of the same structure given."""
    plan = described or read("training_1439.yaml")
    return Plan(
        phases=tuple(_phase(phase) for phase in plan["phases"]),
        supplementary=tuple(ExtraClass(**extra) for extra in plan["supplementary"]),
    )


def _phase(described: Mapping[str, Any]) -> PlannedPhase:
    year = described["year"]
    return PlannedPhase(
        year=year,
        mode=CourseRun.Mode(described["mode"]),
        awareness=_rounds(described["awareness"], year),
        auditor=_rounds(described["auditor"], year),
        cohorts=tuple(Cohort(**cohort) for cohort in described["cohorts"]),
    )


def _rounds(described: Mapping[str, Any], year: int) -> Rounds:
    def day(name: str) -> date:
        return date.fromisoformat(f"{year}-{described[name]}")

    return Rounds(
        starts_on=day("from"),
        ends_on=day("to"),
        again_starts_on=day("again_from"),
        again_ends_on=day("again_to"),
        again_fails=described["again_fails"],
    )
