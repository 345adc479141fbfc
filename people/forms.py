from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from agencies.models import Agency
from jobs.staff_views import NARROW
from people.models import Person
from people.registering import register_person


class PersonForm(WagtailAdminModelForm):
    """What is corrected of a person; every change stays in the history."""

    class Meta:
        model = Person
        fields = ("full_name", "date_of_birth", "email", "language", "staff_category")


class NewPersonForm(PersonForm):
    """A person together with the first posting: who is counted is counted somewhere."""

    agency = forms.ModelChoiceField(label=_("Agency"), queryset=Agency.objects.all(), widget=NARROW)
    position = forms.CharField(label=_("Position"), max_length=120, required=False)
    joined_on = forms.DateField(label=_("Joined on"), widget=AdminDateInput)

    def save(self, commit: bool = True) -> Person:
        self.instance = register_person(**self.cleaned_data)
        return self.instance
