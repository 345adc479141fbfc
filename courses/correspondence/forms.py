from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from vietnamese.text import nfc

LONGEST = 4000


class WrittenOnce(forms.Form):
    """A form with a number of its own: sent twice, it is one message."""

    form = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class QuestionForm(WrittenOnce):
    text = forms.CharField(
        label=_("Your question"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean_text(self) -> str:
        return nfc(self.cleaned_data["text"])


class MessageForm(WrittenOnce):
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Plain text; addresses of web pages become links."),
    )


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Answer"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8})
    )
    shown_to_run = forms.BooleanField(
        label=_("Show question and answer to the whole run"),
        required=False,
        help_text=_("Without the name of who asked."),
    )
