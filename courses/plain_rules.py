"""Rules as people set them: a share of the lessons, of the class hours, and the required tests."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from courses.rules import SHARES, Rule

TESTS: Rule = {"assessments": "required"}


@dataclass(frozen=True)
class PlainRule:
    """Shares in percent, None where they do not matter; ``either`` of them suffices, or both."""

    lessons: int | None = None
    attendance: int | None = None
    either: bool = False
    tests: bool = False


def plain(rule: Rule) -> PlainRule | None:
    """What the rule says in these terms; None for a rule of another form."""
    parts = rule["all"] if list(rule) == ["all"] else [rule]
    shares: dict[str, int] = {}
    either = tests = False
    for part in parts:
        ((key, value),) = part.items()
        if key in SHARES and key not in shares and not either:
            shares[key] = value
        elif key == "any" and not shares and _is_choice(value):
            either = True
            for choice in value:
                shares |= choice
        elif part == TESTS and not tests:
            tests = True
        else:
            return None
    return PlainRule(shares.get("lessons"), shares.get("attendance"), either, tests)


def rule_of(wanted: PlainRule) -> Rule:
    """The rule that says so. Raises ValueError where nothing is asked."""
    named = {"lessons": wanted.lessons, "attendance": wanted.attendance}
    parts: list[Rule] = [{name: share} for name, share in named.items() if share]
    if wanted.either and len(parts) > 1:
        parts = [{"any": parts}]
    if wanted.tests:
        parts.append(TESTS)
    if not parts:
        raise ValueError("a rule asks for something")
    return parts[0] if len(parts) == 1 else {"all": parts}


def in_words(rule: Rule) -> str:
    """Any rule as one phrase, whatever its form."""
    ((key, value),) = rule.items()
    if key == "lessons":
        return _("%(share)s %% of the lessons") % {"share": value}
    if key == "attendance":
        return _("%(share)s %% of the class hours") % {"share": value}
    if key == "assessments":
        return _("a pass in each required test")
    joined = [
        f"({in_words(part)})" if set(part) & {"all", "any"} and len(value) > 1 else in_words(part)
        for part in value
    ]
    return (_(" and ") if key == "all" else _(" or ")).join(joined)


def _is_choice(parts: list[Rule]) -> bool:
    """Whether it is a share of the lessons or one of the class hours, each once."""
    return sorted(key for part in parts for key in part) == sorted(SHARES)
