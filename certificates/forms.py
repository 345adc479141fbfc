from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class LookUpForm(forms.Form):
    """The exact number together with the holder's full name."""

    number = forms.CharField(
        label=_("Certificate number"),
        max_length=60,
        help_text=format_lazy(_("As printed, such as {example}."), example="0001/2026/ĐGVNB-KH"),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    full_name = forms.CharField(
        label=_("Full name of the holder"),
        max_length=120,
        help_text=_("With or without diacritics."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
