"""How a list comes in: a file, pasted lines, or everyone who serves somewhere."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Level, Phase
from courses import agency_people
from courses.lists.lines import LONGEST_TEXT
from courses.models import CourseRun
from jobs.forms import offer
from jobs.staff_views import NARROW


def runs_to_enrol_in(user: Any) -> Any:
    """The runs that take people at the moment and concern those of the user.

    A DOST officer can invite to a draft, too.
    """
    taking = Q(pk__in=CourseRun.objects.open_for_enrolment(on=timezone.localdate()).values("pk"))
    if not user.has_perm("courses.manage_all_runs"):
        return agency_people.runs_for(user).filter(taking).order_by("name")
    guests = Q(state=CourseRun.State.DRAFT, open_to=CourseRun.OpenTo.INVITED)
    return CourseRun.objects.filter(taking | guests).order_by("name")


class ReceiveForm(forms.Form):
    """Exactly one of the three ways; a focal point chooses among the own agencies."""

    run = forms.ModelChoiceField(
        label=_("Course run"), queryset=CourseRun.objects.none(), widget=NARROW
    )
    invites = forms.BooleanField(
        label=_("Only invite"),
        required=False,
        help_text=_("For a run that is open to those invited: they enrol by themselves."),
    )
    file = forms.FileField(
        label=_("File (XLSX)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_(
            "With a row of headings, in Vietnamese or English: full name, date of birth, agency,"
            " position, e-mail. Only the name is needed."
        ),
    )
    text = forms.CharField(
        label=_("Or pasted lines"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "One person a line, copied from a spreadsheet or divided by semicolons: full name;"
            " date of birth; agency; position; e-mail."
        ),
    )
    agencies = forms.ModelMultipleChoiceField(
        label=_("Or everyone who serves in these agencies"),
        queryset=Agency.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8, "class": "w-w-full"}),
    )
    levels = forms.MultipleChoiceField(
        label=_("Or in the agencies of these levels"),
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    phases = forms.ModelMultipleChoiceField(
        label=_("Or in the agencies of these phases"),
        queryset=Phase.objects.select_related("programme"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "run", runs_to_enrol_in(user))
        agencies = Agency.objects.valid(on=timezone.localdate())
        if not user.has_perm("courses.manage_all_runs"):
            agencies = agencies.filter(pk__in=agency_people.agencies_of(user).values("pk"))
            del self.fields["levels"], self.fields["phases"], self.fields["invites"]
        offer(self, "agencies", agencies)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        serving = any(given.get(name) for name in ("agencies", "levels", "phases"))
        ways = [given.get("file") is not None, bool((given.get("text") or "").strip()), serving]
        if not self.errors and sum(ways) != 1:
            raise forms.ValidationError(
                _("Choose one way: a file, pasted lines, or who serves somewhere.")
            )
        run = given.get("run")
        if run and run.state == CourseRun.State.DRAFT and not given.get("invites"):
            raise forms.ValidationError(_("This run is a draft: its people can only be invited."))
        return given
