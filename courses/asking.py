"""What ``courses`` asks of the rooms above, by Wagtail's hook registry, without knowing them.

``assessment_action(assessment, enrolment)`` returns how the learner goes on with an assessment;
``enrolment_notice(enrolment)`` returns what there is to say about an enrolment;
``describe_consequences(rows)`` names what rests on rows that are about to change;
``hidden_results(enrolment)`` returns the keys of assessments whose result is not told yet;
``assessment_shortages(assessments)`` returns what keeps some of them from being held, by key;
``begun_assessments(run)`` returns the keys of those that somebody in the run has begun;
``pass_percent(assessment)`` returns the pass mark where a room above sets it;
``run_links(run, user)`` returns what else the staff can do with a run;
``printed_numbers(enrolments)`` returns the certificate numbers by enrolment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from wagtail import hooks

from courses.models import Assessment, CourseRun, Enrolment


@dataclass(frozen=True)
class Action:
    """One link or hint: ``url`` is empty where there is nothing to press.

    ``link`` is what the link says where ``text`` is a statement. ``live_url`` answers with the
    same line as it is by then; it is asked again every few seconds while it is set.
    """

    text: str
    url: str = ""
    link: str = ""
    detail: str = ""
    live_url: str = ""
    done: bool = False


@dataclass(frozen=True)
class RunLink:
    """A page about a run, for those who manage it; ``icon`` is one of Wagtail's."""

    label: str
    url: str
    icon: str = ""


def assessment_action(assessment: Assessment, enrolment: Enrolment) -> Action | None:
    """The first answer of a room that knows how the assessment is taken."""
    for ask in hooks.get_hooks("assessment_action"):
        action: Action | None = ask(assessment, enrolment)
        if action:
            return action
    return None


def enrolment_notices(enrolment: Enrolment) -> list[Action]:
    """All that the rooms above have to say."""
    answers = [ask(enrolment) for ask in hooks.get_hooks("enrolment_notice")]
    return [answer for answer in answers if answer]


def consequences(rows: Sequence[Model]) -> list[str]:
    """What rests on these rows, each in a few words for people; empty if they can change freely."""
    found: list[str] = []
    for ask in hooks.get_hooks("describe_consequences"):
        found += ask(rows)
    return found


def assessment_shortages(assessments: Sequence[Assessment]) -> dict[int, str]:
    """What each of these tests lacks before it can be held, in words; by the assessment's key."""
    found: dict[int, str] = {}
    for ask in hooks.get_hooks("assessment_shortages"):
        found |= ask(assessments)
    return found


def hidden_results(enrolment: Enrolment) -> set[int]:
    """The assessments whose online result the learner may not see yet, by key."""
    found: set[int] = set()
    for ask in hooks.get_hooks("hidden_results"):
        found |= ask(enrolment)
    return found


def begun_assessments(run: CourseRun) -> set[int]:
    """The assessments that somebody in the run has begun, with or without a result, by key."""
    return {key for ask in hooks.get_hooks("begun_assessments") for key in ask(run)}


def pass_percent(assessment: Assessment) -> int:
    """The pass mark: that of the online test where there is one, else the assessment's own."""
    for ask in hooks.get_hooks("pass_percent"):
        found: int | None = ask(assessment)
        if found is not None:
            return found
    return assessment.pass_percent


def run_links(run: CourseRun, user: Any) -> list[RunLink]:
    """All that can be done with a run, in the order in which the rooms were asked."""
    return [link for ask in hooks.get_hooks("run_links") for link in ask(run, user)]


def printed_numbers(enrolments: Sequence[Enrolment]) -> dict[int, str]:
    """The numbers of the certificates that rest on these enrolments, by enrolment."""
    found: dict[int, str] = {}
    for ask in hooks.get_hooks("printed_numbers"):
        found |= ask(enrolments)
    return found


def any_live(notices: list[Action]) -> bool:
    """Whether one of the lines changes by itself."""
    return any(notice.live_url for notice in notices)
