from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from courses.models import CourseRun
from courses.paper.forms import SheetForm
from jobs.forms import offer
from jobs.staff_views import NARROW
from quizzes.models import Quiz
from quizzes.printed.variants import MOST_VARIANTS, printable


class DrawForm(forms.Form):
    """Which test is printed, and in how many variants."""

    quiz = forms.ModelChoiceField(Quiz.objects.none(), label=_("Test"), widget=NARROW)
    count = forms.IntegerField(
        label=_("Number of variants"),
        min_value=1,
        max_value=MOST_VARIANTS,
        initial=4,
        help_text=_(
            "All variants have the same questions, in another order and with another order of"
            " choices. They never change once they are drawn."
        ),
    )

    def __init__(self, *args: Any, run: CourseRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tests = printable(run)
        offer(self, "quiz", tests)
        self.fields["quiz"].initial = tests.first()


class AnswersForm(SheetForm):
    """What is said once for a sheet; the highest mark is that of the paper."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["max_score"]


class ReasonForm(forms.Form):
    """Why marks are corrected."""

    reason = forms.CharField(
        label=_("Reason for corrections"), max_length=1000, widget=AdminAutoHeightTextInput
    )
