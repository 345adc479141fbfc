"""Participation and completion rules: small trees of conditions, in JSON.

``{"all": [rule, …]}`` and ``{"any": [rule, …]}`` join. ``{"lessons": 80}`` asks for a share in
percent of the run's lessons, ``{"attendance": 80}`` of its class minutes,
``{"assessments": "required"}`` for a pass in each required one.
The decisions name no rule, so every course sets its own; these defaults are a proposal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

Rule = dict[str, Any]
SHARES = ("lessons", "attendance")


@dataclass(frozen=True)
class Gathered:
    """Evidence of one kind: what counted when, and how much there is to gather in all.

    Lessons and assessments count 1 each, attendance counts minutes.
    """

    steps: tuple[tuple[datetime, int], ...] = ()
    wanted: int = 0

    @property
    def done(self) -> int:
        return sum(amount for _at, amount in self.steps)

    def needed(self, percent: int) -> int:
        return -(-percent * self.wanted // 100)

    def reached(self, percent: int) -> datetime | None:
        """When the share was reached, in the order of time; None if not, or of nothing."""
        together = 0
        for at, amount in sorted(self.steps):
            together += amount
            if together >= self.needed(percent):
                return at
        return None


@dataclass(frozen=True)
class Evidence:
    """What is known of an enrolment."""

    lessons: Gathered = Gathered()
    attendance: Gathered = Gathered()
    assessments: Gathered = Gathered()


@dataclass(frozen=True)
class Condition:
    """One line for the learner: what is asked, in words, and whether it is met."""

    text: str
    met: bool


def default_participation() -> Rule:
    return {"any": [{"lessons": 80}, {"attendance": 80}]}


def default_completion() -> Rule:
    return {"all": [{"any": [{"lessons": 100}, {"attendance": 80}]}, {"assessments": "required"}]}


def check(rule: Any) -> None:
    """Raise ValidationError unless ``rule`` is a well-formed tree."""
    if not isinstance(rule, dict) or len(rule) != 1:
        raise ValidationError(_("A rule is an object with exactly one key."))
    ((key, value),) = rule.items()
    if key in ("all", "any"):
        if not isinstance(value, list) or not value:
            raise ValidationError(_("“%(key)s” joins a list of rules.") % {"key": key})
        for part in value:
            check(part)
    elif key in SHARES:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            raise ValidationError(_("A share is a percentage from 1 to 100."))
    elif key == "assessments":
        if value != "required":
            raise ValidationError(_("Only “required” assessments can be asked for."))
    else:
        raise ValidationError(_("Unknown condition: %(key)s") % {"key": key})


def asks_for(rule: Rule, kind: str) -> bool:
    """Whether ``lessons``, ``attendance`` or ``assessments`` appear anywhere in the rule."""
    ((key, value),) = rule.items()
    return any(asks_for(part, kind) for part in value) if key in ("all", "any") else key == kind


def met_at(rule: Rule, evidence: Evidence) -> datetime | None:
    """The time of the piece of evidence with which the rule was met; None if it is not met.

    The order in which the pieces became known does not matter.
    """
    ((key, value),) = rule.items()
    if key == "all":
        times = [met_at(part, evidence) for part in value]
        return None if None in times else max(time for time in times if time)
    if key == "any":
        return min((time for part in value if (time := met_at(part, evidence))), default=None)
    gathered: Gathered = getattr(evidence, key)
    return gathered.reached(_percent(value))


def describe(rule: Rule, evidence: Evidence) -> list[Condition]:
    """The rule's conditions in plain words, with what is already there.

    Of alternatives, those that the run does not offer are left out: no class, no lesson.
    """
    ((key, value),) = rule.items()
    if key == "all":
        return [condition for part in value for condition in describe(part, evidence)]
    is_met = met_at(rule, evidence) is not None
    if key == "any":
        offered = [part for part in value if _is_offered(part, evidence)] or value
        texts = [
            _join(_(" and "), [condition.text for condition in describe(part, evidence)])
            for part in offered
        ]
        return [Condition(_join(_(" or "), texts), is_met)]
    return [Condition(_IN_WORDS[key](getattr(evidence, key), _percent(value)), is_met)]


def _join(word: str, texts: list[str]) -> str:
    """One sentence: only its beginning is a capital."""
    first, *rest = texts
    return word.join([first, *(text[0].lower() + text[1:] for text in rest)])


def _percent(value: Any) -> int:
    return 100 if value == "required" else int(value)


def _is_offered(rule: Rule, evidence: Evidence) -> bool:
    ((key, value),) = rule.items()
    if key == "all":
        return all(_is_offered(part, evidence) for part in value)
    if key == "any":
        return any(_is_offered(part, evidence) for part in value)
    gathered: Gathered = getattr(evidence, key)
    return gathered.wanted > 0


def _lessons_in_words(lessons: Gathered, percent: int) -> str:
    return _("Watch %(needed)s of %(wanted)s lessons (watched: %(done)s)") % {
        "needed": lessons.needed(percent),
        "wanted": lessons.wanted,
        "done": lessons.done,
    }


def _attendance_in_words(minutes: Gathered, percent: int) -> str:
    return _("Attend %(needed)s of %(wanted)s class hours (attended: %(done)s)") % {
        "needed": _hours(minutes.needed(percent)),
        "wanted": _hours(minutes.wanted),
        "done": _hours(minutes.done),
    }


def _assessments_in_words(assessments: Gathered, percent: int) -> str:
    return _("Pass the required tests: %(done)s of %(wanted)s passed") % {
        "wanted": assessments.wanted,
        "done": assessments.done,
    }


def _hours(minutes: int) -> str:
    hours = minutes / 60
    return number_format(hours, decimal_pos=0 if hours == round(hours) else 1)


_IN_WORDS: dict[str, Callable[[Gathered, int], str]] = {
    "lessons": _lessons_in_words,
    "attendance": _attendance_in_words,
    "assessments": _assessments_in_words,
}
