from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from agencies.establishing import form_system
from agencies.models import Agency, QualityManagementSystem, SystemMember


class SystemForm(WagtailAdminModelForm):
    """A quality management system, and the agencies that join it now."""

    joining = forms.ModelMultipleChoiceField(
        label=_("Agencies that join"),
        queryset=Agency.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Agencies that are in no quality management system."),
    )
    joining_on = forms.DateField(label=_("They join on"), required=False, widget=AdminDateInput)

    class Meta:
        model = QualityManagementSystem
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = SystemMember.objects.filter(left_on__isnull=True)
        free = Agency.objects.exclude(pk__in=members.values("agency"))
        self.fields["joining"].queryset = free.order_by("name")
        self.fields["joining_on"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("joining") and not cleaned.get("joining_on"):
            self.add_error("joining_on", _("Say from which day."))
        return cleaned

    def save(self, commit: bool = True) -> QualityManagementSystem:
        system: QualityManagementSystem = super().save(commit=commit)
        if commit and self.cleaned_data["joining"]:
            form_system(
                name=system.name,
                agencies=self.cleaned_data["joining"],
                on=self.cleaned_data["joining_on"],
            )
        return system
