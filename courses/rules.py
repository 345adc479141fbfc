"""Participation and completion rules: small trees of conditions, in JSON.

``{"all": [rule, …]}`` and ``{"any": [rule, …]}`` join; ``{"lessons": 80}`` asks for a share in
percent of the run's lessons, ``{"assessments": "required"}`` for a pass in each required one.
The decisions name no rule, so every course sets its own; these defaults are a proposal.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Rule = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What is known of an enrolment. ``lessons`` and ``assessments`` are (done, wanted)."""

    lessons: tuple[int, int]
    assessments: tuple[int, int]


@dataclass(frozen=True)
class Condition:
    """One line for the learner: what is asked, in words, and whether it is met."""

    text: str
    met: bool


def default_participation() -> Rule:
    return {"all": [{"lessons": 80}]}


def default_completion() -> Rule:
    return {"all": [{"lessons": 100}, {"assessments": "required"}]}


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
    elif key == "lessons":
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            raise ValidationError(_("The share of lessons is a percentage from 1 to 100."))
    elif key == "assessments":
        if value != "required":
            raise ValidationError(_("Only “required” assessments can be asked for."))
    else:
        raise ValidationError(_("Unknown condition: %(key)s") % {"key": key})


def met(rule: Rule, evidence: Evidence) -> bool:
    """Whether the evidence satisfies the rule."""
    ((key, value),) = rule.items()
    if key == "all":
        return all(met(part, evidence) for part in value)
    if key == "any":
        return any(met(part, evidence) for part in value)
    if key == "lessons":
        done, wanted = evidence.lessons
        return wanted > 0 and done * 100 >= value * wanted
    done, wanted = evidence.assessments
    return wanted > 0 and done >= wanted


def describe(rule: Rule, evidence: Evidence) -> list[Condition]:
    """The rule's conditions in plain words, with what is already there."""
    ((key, value),) = rule.items()
    if key == "all":
        return [condition for part in value for condition in describe(part, evidence)]
    if key == "any":
        parts = [condition for part in value for condition in describe(part, evidence)]
        joined = _(" or ").join(part.text for part in parts)
        return [Condition(joined, met(rule, evidence))]
    if key == "lessons":
        done, wanted = evidence.lessons
        needed = -(-value * wanted // 100)
        text = _("Watch %(needed)s of %(wanted)s lessons (watched: %(done)s)") % {
            "needed": needed,
            "wanted": wanted,
            "done": done,
        }
    else:
        done, wanted = evidence.assessments
        text = _("Pass the required tests: %(done)s of %(wanted)s passed") % {
            "wanted": wanted,
            "done": done,
        }
    return [Condition(text, met(rule, evidence))]
