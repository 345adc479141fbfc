"""Django's forms where its stubs say less than is true."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.views.generic import FormView

# The stubs make the view generic, and at run time it is not.
if TYPE_CHECKING:
    FormPage = FormView[Any]
else:
    FormPage = FormView


def offer(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """Have a field of the form choose among these rows."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
