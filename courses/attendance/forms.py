"""Forms of the staff: a meeting, calling it off, and the list of who was there."""

import re
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput, AdminDateTimeInput

from courses.attendance.roster import RosterLine
from courses.models import CourseRun, CourseTrainer, Session
from jobs.forms import offer
from jobs.staff_views import NARROW
from vietnamese.text import nfc

REASON = _("Reason")


def reason_field(*, required: bool, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=REASON,
        max_length=1000,
        required=required,
        widget=AdminAutoHeightTextInput(),
        help_text=help_text,
    )


class MeetingForm(forms.ModelForm[Session]):
    """A meeting; in an opened run a change asks for its reason."""

    class Meta:
        model = Session
        fields = ("title", "starts_at", "ends_at", "place", "trainer")
        widgets = {
            "starts_at": AdminDateTimeInput,
            "ends_at": AdminDateTimeInput,
            "trainer": NARROW,
        }

    def __init__(self, *args: Any, run: CourseRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teaching = Q(pk__in=run.trainers.values("pk")) | Q(
            pk__in=CourseTrainer.objects.filter(course=run.course_id).values("user")
        )
        chosen = Q(pk=self.instance.trainer_id) if self.instance.trainer_id else Q(pk__in=[])
        trainers = get_user_model().objects.filter(teaching | chosen).order_by("username")
        offer(self, "trainer", trainers)
        if self.instance.pk and run.state != CourseRun.State.DRAFT:
            self.fields["reason"] = reason_field(
                required=True,
                help_text=_("The run is opened: learners see the change and this reason."),
            )


class CancelForm(forms.Form):
    """Calling a meeting off."""

    def __init__(self, *args: Any, run: CourseRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if run.state != CourseRun.State.DRAFT:
            self.fields["reason"] = reason_field(
                required=True, help_text=_("Learners see the cancellation and this reason.")
            )


_LISTED = re.compile(r"([0-9]{1,18}):([01]?)")


class RosterForm(forms.Form):
    """The ticks of a list: ``listed`` is who stood on it and what was entered by then."""

    listed = forms.CharField(widget=forms.HiddenInput, max_length=500_000, required=False)
    scan = forms.FileField(
        label=_("Scan of the signed sheet"),
        required=False,
        widget=forms.ClearableFileInput({"accept": ".pdf,.jpg,.jpeg,.png"}),
        help_text=_(
            "PDF, JPEG or PNG, 10 MB at most. With a scan the list is kept as entered from it."
        ),
    )
    reason = reason_field(
        required=False, help_text=_("Needed where what was entered before changes.")
    )

    @staticmethod
    def listing(lines: list[RosterLine]) -> str:
        """What ``listed`` carries."""
        return ",".join(
            f"{line.enrolment.pk}:{int(line.attendance.present) if line.attendance else ''}"
            for line in lines
        )

    def clean_listed(self) -> dict[int, bool | None]:
        text = self.cleaned_data["listed"]
        found = [_LISTED.fullmatch(part) for part in text.split(",")] if text else []
        shown: dict[int, bool | None] = {}
        for match in found:
            if match is None:
                raise ValidationError(gettext("Load the page anew."))
            shown[int(match[1])] = {"": None, "0": False, "1": True}[match[2]]
        return shown

    def clean_reason(self) -> str:
        return nfc(self.cleaned_data["reason"]).strip()

    def shown(self) -> dict[int, bool]:
        """What stood on the list, where something stood."""
        listed = self.cleaned_data["listed"]
        return {key: present for key, present in listed.items() if present is not None}

    def marks(self) -> dict[int, bool]:
        """Who was there: the ticks; or everybody of whom nothing was entered."""
        listed: dict[int, bool | None] = self.cleaned_data["listed"]
        if "everyone" in self.data:
            return {key: True for key, present in listed.items() if present is None}
        sent: Any = self.data  # a QueryDict, which the stubs take for any mapping
        ticked = set(sent.getlist("present"))
        return {key: str(key) in ticked for key in listed}
