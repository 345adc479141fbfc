"""The form in which one long answer is marked."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from courses.assignments.forms import MarkField
from quizzes.kinds.essay import Criterion
from quizzes.marking_queue import LONGEST_COMMENT


class RubricForm(forms.Form):
    """One field for each criterion, named by its number."""

    comment = forms.CharField(
        label=_("What the learner should know"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=AdminAutoHeightTextInput,
    )

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[_name(one.id)] = MarkField(
                most=Decimal(one.points), label=f"{one.text} (0–{one.points})", required=False
            )

    def rubric(self) -> list[Any]:
        """The fields of the criteria, in order."""
        return [self[_name(one.id)] for one in self.criteria]

    def points(self) -> dict[int, Decimal]:
        """The points by criterion, those that were given."""
        given = {one.id: self.cleaned_data.get(_name(one.id)) for one in self.criteria}
        return {number: points for number, points in given.items() if points is not None}

    def say_wrong(self, wrong: dict[int, str]) -> None:
        """Put what is wrong beside each criterion."""
        for number, text in wrong.items():
            self.add_error(_name(number), text)


def _name(criterion_id: int) -> str:
    return f"points-{criterion_id}"
