"""The fields in which staff set the rules, of a course and of an opened run."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.plain_rules import PlainRule, plain, rule_of
from courses.rules import Rule

JOINED = [("either", _("one of the two suffices")), ("both", _("both are needed"))]
NAMES = (
    "turn_lessons",
    "turn_attendance",
    "turn_joined",
    "complete_lessons",
    "complete_attendance",
    "complete_joined",
    "complete_tests",
)


def _share(label: Any, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=100, required=False, help_text=help_text
    )


def _joined() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Where both shares are given"),
        choices=JOINED,
        initial="either",
        widget=forms.RadioSelect,
        required=False,
    )


class RuleFields(forms.Form):
    """For a form that shows two rules by ``show_rules`` and takes them from ``rules_said``.

    A rule that these fields cannot express is shown, and left as it is.
    """

    turn_lessons = _share(_("A turn is counted from, % of the lessons"))
    turn_attendance = _share(_("or of the class hours, %"), _("Empty: that does not matter."))
    turn_joined = _joined()
    complete_lessons = _share(_("The course is completed with, % of the lessons"))
    complete_attendance = _share(_("or of the class hours, %"), _("Empty: that does not matter."))
    complete_joined = _joined()
    complete_tests = forms.BooleanField(
        label=_("and with a pass in each required test"), required=False
    )

    def show_rules(self, *, participation: Rule, completion: Rule) -> None:
        """Fill the fields with what holds."""
        self.shown = {"turn": participation, "complete": completion}
        for prefix, rule in self.shown.items():
            terms = plain(rule)
            if terms is None or (terms.tests and f"{prefix}_tests" not in self.fields):
                self._show_only(prefix, rule)
                continue
            self.initial[f"{prefix}_lessons"] = terms.lessons
            self.initial[f"{prefix}_attendance"] = terms.attendance
            self.initial[f"{prefix}_joined"] = "both" if self._wants_both(terms) else "either"
            self.initial[f"{prefix}_tests"] = terms.tests

    def _wants_both(self, terms: PlainRule) -> bool:
        return bool(terms.lessons and terms.attendance and not terms.either)

    def _show_only(self, prefix: str, rule: Rule) -> None:
        for name in (f"{prefix}_attendance", f"{prefix}_joined", f"{prefix}_tests"):
            self.fields.pop(name, None)
        self.fields[f"{prefix}_lessons"] = forms.CharField(
            label=self.fields[f"{prefix}_lessons"].label,
            initial=json.dumps(rule, ensure_ascii=False),
            disabled=True,
            help_text=_("This rule has a form of its own that cannot be changed here."),
        )

    def check_rules(self) -> None:
        """For ``clean``: each rule asks for something."""
        for prefix, problem in {
            "turn": _("Say what counts as a turn."),
            "complete": _("Say what completes the course."),
        }.items():
            if f"{prefix}_attendance" in self.fields and self._terms(prefix) == PlainRule(
                either=self._terms(prefix).either
            ):
                self.add_error(f"{prefix}_lessons", problem)

    def rules_said(self) -> tuple[Rule, Rule]:
        """The participation and the completion rule; one that says the same stays as it was."""
        return self._rule("turn"), self._rule("complete")

    def _rule(self, prefix: str) -> Rule:
        before = self.shown[prefix]
        if f"{prefix}_attendance" not in self.fields:
            return before
        said = rule_of(self._terms(prefix))
        return before if plain(said) == plain(before) else said

    def _terms(self, prefix: str) -> PlainRule:
        said = self.cleaned_data.get
        lessons, attendance = said(f"{prefix}_lessons"), said(f"{prefix}_attendance")
        return PlainRule(
            lessons=lessons,
            attendance=attendance,
            either=bool(lessons and attendance) and said(f"{prefix}_joined") != "both",
            tests=bool(said(f"{prefix}_tests")),
        )
