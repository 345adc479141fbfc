"""A drill may call nothing good that it has not seen."""

from dataclasses import replace

import pytest

from bench.rows import Row
from drill import figures
from drill.checking import Findings
from drill.day import Cut, Day, Window
from drill.journal import Asked
from drill.town import Learner

PEOPLE, QUESTIONS = 10, 30
GOOD = Findings(
    people=PEOPLE,
    acknowledged=PEOPLE * QUESTIONS,
    lost=0,
    doubled=0,
    unfinished=0,
    misgraded=0,
    without_certificate=0,
    unacknowledged=0,
    passed=7,
)


@pytest.fixture
def day() -> Day:
    """A calm day with one cut, on which everything went well."""
    learners = [Learner(number, number, "") for number in range(PEOPLE)]
    day = Day(
        port=0,
        minutes=2,
        learners=learners,
        observer=Learner(PEOPLE, PEOPLE, ""),
        learned={},
        questions=QUESTIONS,
        start_url=str,
        cuts=[Cut("the power fails", 0.5, lambda: None)],
    )
    day.windows.append(Window("the power fails", 60, 65, 70))
    for learner in learners:
        day.journal.sheet(learner.enrolment).started = 10.0
        day.journal.asked += [Asked("save", at, at + 0.1, good=True) for at in (30, 80, 90)]
    return day


def measured(day: Day, found: Findings = GOOD) -> dict[str, Row]:
    return {row.name: row for row in figures.rows(day, found, waited=1, generator=1)}


def missed(day: Day, found: Findings = GOOD) -> set[str]:
    return {name for name, row in measured(day, found).items() if row.ok is False}


def test_a_good_day_misses_nothing(day: Day) -> None:
    assert missed(day) == set()


def test_a_day_without_saves_is_not_fast(day: Day) -> None:
    day.journal.asked = [one for one in day.journal.asked if one.began < 60]
    assert missed(day) == {"exam.day_save_p95"}


def test_who_never_had_the_paper_has_not_started_in_time(day: Day) -> None:
    day.journal.sheets[3].started = None
    assert missed(day) == {"exam.day_start"}


def test_a_day_on_which_nobody_sat_shows_nothing(day: Day) -> None:
    day.journal.sheets.clear()
    assert "exam.day_start" in missed(day, replace(GOOD, people=0, acknowledged=0, passed=0))


def test_a_request_without_a_good_answer_is_excused_by_a_cut_only(day: Day) -> None:
    day.journal.asked.append(Asked("save", 64, 66, good=False))
    assert missed(day) == set()
    day.journal.asked.append(Asked("save", 71, 72, good=False))
    assert missed(day) == {"exam.day_failed"}


def test_a_cut_that_excuses_half_the_day_is_none(day: Day) -> None:
    day.windows[0] = Window("the power fails", 20, 85, 88)
    assert missed(day) == {"exam.day_cut"}


@pytest.mark.parametrize(
    "broken",
    [
        replace(GOOD, acknowledged=PEOPLE * QUESTIONS // 2),
        replace(GOOD, passed=0),
        replace(GOOD, passed=PEOPLE),
        replace(GOOD, people=PEOPLE - 1),
    ],
)
def test_a_day_too_empty_to_show_anything_is_at_fault(day: Day, broken: Findings) -> None:
    assert missed(day, broken) == {"exam.day_faults"}


def test_a_cut_that_never_came_is_a_fault(day: Day) -> None:
    day.windows.clear()
    assert missed(day) == {"exam.day_faults"}


def test_answers_by_guess_where_they_should_be_known_are_a_fault(day: Day) -> None:
    day.journal.guessed = 1
    assert missed(day) == {"exam.day_faults"}
