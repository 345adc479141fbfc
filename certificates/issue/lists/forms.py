"""How a list of people to be certified comes in: a file, or pasted lines."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import IssuingRule
from courses.lists.lines import LONGEST_TEXT
from jobs.staff_views import NARROW


class RuleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.course} – {obj.register}"


class ReceiveForm(forms.Form):
    """One course that is certified, and exactly one of the two ways."""

    rule = RuleField(
        label=_("Course"),
        queryset=IssuingRule.objects.select_related("course", "register").order_by("course__code"),
        widget=NARROW,
    )
    file = forms.FileField(
        label=_("File (XLSX)"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_(
            "One column of full names is enough. With a row of headings: full name, date of birth, "
            "agency, by which people of the same name are told apart."
        ),
    )
    text = forms.CharField(
        label=_("Or pasted lines"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "One person a line, copied from a spreadsheet or divided by semicolons: full name; "
            "date of birth; agency. Only the name is needed."
        ),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        ways = [given.get("file") is not None, bool((given.get("text") or "").strip())]
        if not self.errors and sum(ways) != 1:
            raise forms.ValidationError(_("Choose one way: a file, or pasted lines."))
        return given
