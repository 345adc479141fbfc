"""Forms of the staff: an assignment with its rubric, a due date, the marks of one submission."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateTimeInput

from courses import authoring, perms
from courses.assignments.marking import LONGEST_FEEDBACK
from courses.models import Assessment, Assignment, Course, Submission
from courses.paper.grid import NotAMark, parse_mark


class AssignmentForm(WagtailAdminModelForm):
    """An assignment together with the assessment of a course that it judges."""

    instance: Assignment
    course = forms.ModelChoiceField(label=_("Course"), queryset=Course.objects.none())
    title = forms.CharField(label=_("Title"), max_length=200)
    required = forms.BooleanField(
        label=_("Required for completing the course"), required=False, initial=True
    )
    pass_percent = forms.IntegerField(
        label=_("Pass mark, %"),
        initial=70,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    class Meta:
        model = Assignment
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = perms.managed_courses(user=self.for_user)
        if self.instance.pk:
            assessment = self.instance.assessment
            self.fields["course"].disabled = True
            self.initial |= {
                "course": assessment.course_id,
                "title": assessment.title,
                "required": assessment.required,
                "pass_percent": assessment.pass_percent,
            }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        rubric = self.formsets["criteria"]
        for place, line in enumerate(rubric.forms, start=1):
            line.instance.order = place
        judged = self.instance.pk and self.instance.submissions.filter(
            state=Submission.State.MARKED
        )
        if judged and rubric.has_changed() and judged.exists():
            self.add_error(
                None, _("Somebody was marked by this rubric: it stays. Set a new assignment.")
            )
        return cleaned

    def save(self, commit: bool = True) -> Assignment:
        said = {name: self.cleaned_data[name] for name in ("title", "required", "pass_percent")}
        with transaction.atomic():
            if self.instance.pk is None:
                self.instance.assessment = authoring.add_assessment(
                    course=self.cleaned_data["course"],
                    title=said["title"],
                    required=said["required"],
                )
            Assessment.objects.filter(pk=self.instance.assessment_id).update(**said)
            assignment: Assignment = super().save(commit=commit)
        return assignment


class DueForm(forms.Form):
    """Until when; empty lifts the date."""

    due_at = forms.DateTimeField(
        label=_("To be handed in by"), required=False, widget=AdminDateTimeInput
    )


class MarkField(forms.CharField):
    """A mark as people write it, with comma or point."""

    def __init__(self, *, most: Decimal, **kwargs: Any) -> None:
        self.most = most
        attrs = {"inputmode": "decimal", "size": 6, "autocomplete": "off"}
        super().__init__(max_length=8, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_mark(text)
        except NotAMark as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class MarkingForm(forms.Form):
    """One field for each criterion; what is missing is asked for only when it is marked."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    feedback = forms.CharField(
        label=_("What the learner should know"),
        required=False,
        max_length=LONGEST_FEEDBACK,
        widget=AdminAutoHeightTextInput,
    )
    reason = forms.CharField(
        label=_("Reason of the correction"),
        required=False,
        max_length=1000,
        widget=AdminAutoHeightTextInput,
    )

    def __init__(self, *args: Any, submission: Submission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(submission.assignment.criteria.all())
        marked = submission.state == Submission.State.MARKED
        before = {one["title"]: one["given"] for one in submission.marks} if marked else {}
        for criterion in self.criteria:
            known = before.get(criterion.title)
            self.fields[_name(criterion.pk)] = MarkField(
                most=criterion.marks,
                label=f"{criterion.title} (0–{criterion.marks.normalize():f})",
                help_text=criterion.description,
                required=False,
                initial=f"{Decimal(known).normalize():f}" if known else None,
            )
        if not marked:
            del self.fields["reason"]

    def rubric(self) -> list[Any]:
        """The fields of the criteria, in order."""
        return [self[_name(criterion.pk)] for criterion in self.criteria]

    def given(self) -> dict[int, Decimal]:
        """The marks by criterion, those that were given."""
        marks = {one.pk: self.cleaned_data.get(_name(one.pk)) for one in self.criteria}
        return {key: mark for key, mark in marks.items() if mark is not None}

    def say_wrong(self, wrong: dict[int, str]) -> None:
        """Put what is wrong beside each criterion."""
        for key, text in wrong.items():
            self.add_error(_name(key), text)


def _name(criterion_id: int) -> str:
    return f"mark-{criterion_id}"
