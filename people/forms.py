from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from agencies.models import Agency
from people.models import Person
from people.registering import register_person


class NewPersonForm(forms.ModelForm[Person]):
    """A person together with the first posting: who is counted must be counted somewhere."""

    agency = forms.ModelChoiceField(label=_("Agency"), queryset=Agency.objects.all())
    position = forms.CharField(label=_("Position"), max_length=120, required=False)
    joined_on = forms.DateField(label=_("Joined on"), widget=AdminDateInput)

    class Meta:
        model = Person
        fields = ("full_name", "date_of_birth", "email", "staff_category")
        widgets = {"date_of_birth": AdminDateInput}

    def save(self, commit: bool = True) -> Person:
        return register_person(**self.cleaned_data)


class PersonForm(forms.ModelForm[Person]):
    """What is corrected of a person; every change stays in the history."""

    class Meta:
        model = Person
        fields = ("full_name", "date_of_birth", "email", "staff_category")
        widgets = {"date_of_birth": AdminDateInput}

    def save(self, commit: bool = True) -> Person:
        assert isinstance(self.instance, Person)
        if self.changed_data:
            self.instance.save()
        return self.instance


