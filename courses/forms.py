"""Forms of the staff: courses with their rules in plain fields, and runs."""

import json
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses import authoring, perms, revising
from courses.models import Course, CourseRun, CourseTrainer
from people.roles import Role

Rule = dict[str, Any]


def plain_rule(rule: Rule) -> tuple[int | None, bool] | None:
    """Lessons in percent, and whether the required tests count; None for a rule of another form."""
    parts = rule.get("all")
    if len(rule) != 1 or not isinstance(parts, list):
        return None
    lessons: int | None = None
    tests = False
    for part in parts:
        if list(part) == ["lessons"] and lessons is None:
            lessons = part["lessons"]
        elif part == {"assessments": "required"} and not tests:
            tests = True
        else:
            return None
    return lessons, tests


def rule_of(lessons: int | None, tests: bool) -> Rule:
    parts: list[Rule] = [{"lessons": lessons}] if lessons else []
    return {"all": [*parts, {"assessments": "required"}] if tests else parts}


class CourseForm(WagtailAdminModelForm):
    """A course; a rule that these fields cannot express is shown and left as it is."""

    turn_lessons = forms.IntegerField(
        label=_("A turn is counted from, % of the lessons"), min_value=1, max_value=100, initial=80
    )
    complete_lessons = forms.IntegerField(
        label=_("The course is completed with, % of the lessons"),
        min_value=1,
        max_value=100,
        initial=100,
        required=False,
        help_text=_("Empty: the lessons do not matter for completion."),
    )
    complete_tests = forms.BooleanField(
        label=_("and with a pass in each required test"), initial=True, required=False
    )
    teachers = forms.ModelMultipleChoiceField(
        label=_("Trainers"),
        queryset=get_user_model().objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They edit the course, its lessons and tests, and run its classes."),
    )

    class Meta:
        model = Course
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.for_user.has_perm("courses.manage_all_runs"):
            del self.fields["teachers"]
        else:
            trainers = get_user_model().objects.filter(groups__name=Role.TRAINER.value)
            self.fields["teachers"].queryset = trainers.order_by("username")
        if self.instance.pk:
            self._show_rules()
            others = Course.objects.exclude(pk=self.instance.pk)
            self.fields["prerequisites"].queryset = others
            if "teachers" in self.fields:
                self.initial["teachers"] = list(
                    self.instance.trainers.values_list("user", flat=True)
                )

    def _show_rules(self) -> None:
        turn = plain_rule(self.instance.participation_rule)
        if turn is None or turn[0] is None or turn[1]:
            self._show_only("turn_lessons", self.instance.participation_rule)
        else:
            self.initial["turn_lessons"] = turn[0]
        complete = plain_rule(self.instance.completion_rule)
        if complete is None:
            self._show_only("complete_lessons", self.instance.completion_rule)
            del self.fields["complete_tests"]
        else:
            self.initial["complete_lessons"], self.initial["complete_tests"] = complete

    def _show_only(self, name: str, rule: Rule) -> None:
        self.fields[name] = forms.CharField(
            label=self.fields[name].label,
            initial=json.dumps(rule, ensure_ascii=False),
            disabled=True,
            help_text=_("This course has a rule of its own that cannot be changed here."),
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if "complete_tests" in self.fields and not (
            cleaned.get("complete_lessons") or cleaned.get("complete_tests")
        ):
            self.add_error("complete_lessons", _("Say what completes the course."))
        return cleaned

    def save(self, commit: bool = True) -> Course:
        if isinstance(self.fields["turn_lessons"], forms.IntegerField):
            self.instance.participation_rule = rule_of(self.cleaned_data["turn_lessons"], False)
        if "complete_tests" in self.fields:
            self.instance.completion_rule = rule_of(
                self.cleaned_data["complete_lessons"], self.cleaned_data["complete_tests"]
            )
        with transaction.atomic():
            course: Course = super().save(commit=commit)
            if "teachers" in self.fields:
                chosen = self.cleaned_data["teachers"]
                course.trainers.exclude(user__in=chosen).delete()
                for user in chosen:
                    CourseTrainer.objects.get_or_create(course=course, user=user)
        return course


class RunForm(WagtailAdminModelForm):
    """A run; what its state no longer allows is shown and cannot be changed."""

    instance: CourseRun

    class Meta:
        model = CourseRun
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = perms.managed_courses(user=self.for_user)
        if self.instance.pk:
            free = revising.changeable(self.instance)
            for name in self.fields.keys() - free:
                self.fields[name].disabled = True

    def save(self, commit: bool = True) -> CourseRun:
        """Raises RunRefused where the run was opened or closed meanwhile."""
        if self.instance.pk is None:
            self.instance = authoring.draft_run(**self.cleaned_data)
        else:
            changes = {name: self.cleaned_data[name] for name in self.changed_data}
            self.instance = revising.revise_run(run_id=self.instance.pk, changes=changes)
        return self.instance
