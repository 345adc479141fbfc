"""The forms of a run: a draft, an amendment, a lesson taken in or out, a copy."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from agencies.models import Level
from courses import amending, authoring, perms, relisting, revising
from courses.forms import trainers
from courses.models import Assessment, Course, CourseRun
from courses.rule_fields import NAMES, RuleFields
from jobs.forms import offer

LONGEST_REASON = 2000
FARTHEST_DAYS = 3652


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Learners see it together with what changed."),
    )


class AudienceForm(WagtailAdminModelForm):
    """For whom a run is: what contradicts itself is said at the field."""

    levels = forms.MultipleChoiceField(
        label=_("Levels"),
        choices=Level.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    instance: CourseRun

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "trainers" in self.fields:
            self.fields["trainers"].queryset = trainers()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        open_to = cleaned.get("open_to")
        if open_to == CourseRun.OpenTo.AGENCIES and not cleaned.get("agencies"):
            self.add_error("agencies", _("Name the agencies to which the run is open."))
        if open_to == CourseRun.OpenTo.LEVELS and not cleaned.get("levels"):
            self.add_error("levels", _("Tick the levels to which the run is open."))
        phase = cleaned["phase"] if "phase" in self.fields else self.instance.phase
        if open_to == CourseRun.OpenTo.PHASE and not phase:
            self.add_error("open_to", _("Say to which phase the run belongs."))
        until, last = cleaned.get("enrol_until"), cleaned.get("ends_on")
        if until and last and until > last:
            self.add_error(
                "enrol_until", _("The last day of enrolment is after the last day of the run.")
            )
        return cleaned


class RunForm(AudienceForm):
    """A draft."""

    class Meta:
        model = CourseRun
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = perms.managed_courses(user=self.for_user)
        if self.instance.pk:  # who teaches the run alone keeps its course
            own = own | Course.objects.filter(pk=self.instance.course_id)
        self.fields["course"].queryset = own.distinct()

    def save(self, commit: bool = True) -> CourseRun:
        """Raises RunRefused where the run was opened meanwhile."""
        if self.instance.pk is None:
            self.instance = authoring.draft_run(**self.cleaned_data)
        else:
            changes = {name: self.cleaned_data[name] for name in self.changed_data}
            self.instance = revising.revise_run(run_id=self.instance.pk, changes=changes)
        return self.instance


def seen_field() -> forms.IntegerField:
    """How many amendments the person had seen, so that nobody overrules another unseen."""
    return forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class AmendForm(AudienceForm, RuleFields):
    """What can be amended of an opened run; only what was changed is taken from it."""

    assessments = forms.ModelMultipleChoiceField(
        label=_("Required tests"),
        queryset=Assessment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = reason_field()
    seen = seen_field()

    class Meta:
        model = CourseRun
        fields = (*amending.COLUMNS, *amending.SETS)
        widgets = {
            "open_to": forms.RadioSelect,
            "agencies": forms.CheckboxSelectMultiple,
            "trainers": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        frozen = self.instance.rules
        self.show_rules(participation=frozen["participation"], completion=frozen["completion"])
        own = Course.objects.filter(pk=self.instance.course_id)
        of_course = Assessment.objects.of_courses(own).order_by("pk")
        offer(self, "assessments", of_course)
        self.initial["assessments"] = frozen["assessments"]
        self.initial["seen"] = self.instance.amendments.count()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.check_rules()
        return cleaned

    def _post_clean(self) -> None:
        """The row is the verb's to change; the form's fields have checked what was typed."""

    @property
    def changes(self) -> dict[str, Any]:
        """What was changed, as ``amending.amend_run`` takes it."""
        found = {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name in amending.AMENDABLE
        }
        if set(self.changed_data) & set(NAMES):
            found["participation"], found["completion"] = self.rules_said()
        return found


class LessonForm(forms.Form):
    """One lesson to take into an opened run, or out of it."""

    lesson = forms.ChoiceField(label=_("Lesson"), widget=forms.RadioSelect)
    reason = reason_field()
    seen = seen_field()

    def __init__(self, *args: Any, run: CourseRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = run.amendments.count()
        taken_in = [
            (f"in-{page.pk}", _("Take in: %(lesson)s") % {"lesson": page.title})
            for page in relisting.published_since(run)
        ]
        dropped = [
            (f"out-{one.page_id}", _("Take out: %(lesson)s") % {"lesson": one.page.title})
            for one in relisting.not_begun(run)
        ]
        lesson = self.fields["lesson"]
        assert isinstance(lesson, forms.ChoiceField)
        lesson.choices = [*taken_in, *dropped]
        self.offers_something = bool(taken_in or dropped)


class CopyForm(forms.Form):
    """When the run is held once more, and what it is then called."""

    name = forms.CharField(label=_("Name"), max_length=200)
    starts_on = forms.DateField(label=_("First day"), widget=AdminDateInput)

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if abs((day - timezone.localdate()).days) > FARTHEST_DAYS:
            raise forms.ValidationError(_("This day is more than ten years away."))
        return day

    @classmethod
    def suggesting(cls, run: CourseRun) -> dict[str, Any]:
        """A first day on the same weekday, not in the past."""
        today = timezone.localdate()
        weeks = max(1, -(-(today - run.starts_on).days // 7))
        return {
            "name": run.name,
            "starts_on": run.starts_on + timedelta(weeks=weeks),
        }
