"""The form of a course: its rules in plain fields, and who teaches it."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from courses.models import Course, CourseTrainer
from courses.rule_fields import RuleFields
from jobs.forms import offer
from people.roles import Role


def trainers() -> QuerySet[Any]:
    """Those who may teach: the accounts with the role."""
    users: QuerySet[Any] = get_user_model()._default_manager.filter(groups__name=Role.TRAINER.value)
    return users.order_by("username")


class CourseForm(WagtailAdminModelForm, RuleFields):
    """A course; a rule that the fields cannot express is shown and left as it is."""

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
        self.show_rules(
            participation=self.instance.participation_rule,
            completion=self.instance.completion_rule,
        )
        if not self.for_user.has_perm("courses.manage_all_runs"):
            del self.fields["teachers"]
        else:
            offer(self, "teachers", trainers())
        if self.instance.pk:
            others = Course.objects.exclude(pk=self.instance.pk)
            offer(self, "prerequisites", others)
            if "teachers" in self.fields:
                self.initial["teachers"] = list(
                    self.instance.trainers.values_list("user", flat=True)
                )

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.check_rules()
        return self.cleaned_data

    def save(self, commit: bool = True) -> Course:
        self.instance.participation_rule, self.instance.completion_rule = self.rules_said()
        with transaction.atomic():
            course: Course = super().save(commit=commit)
            if "teachers" in self.fields:
                chosen = self.cleaned_data["teachers"]
                course.trainers.exclude(user__in=chosen).delete()
                for user in chosen:
                    CourseTrainer.objects.get_or_create(course=course, user=user)
        return course
