from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.survey.answering import LONGEST_COMMENT, RATINGS
from vietnamese.text import nfc

MOST_STATEMENTS = 12
LONGEST_STATEMENT = 300


class SurveyForm(forms.Form):
    """A row of five choices for each statement, and a comment."""

    version = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, statements: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [f"statement-{number}" for number in range(1, len(statements) + 1)]
        for name, text in zip(self.names, statements, strict=True):
            self.fields[name] = forms.TypedChoiceField(
                label=text,
                choices=[(rating, str(rating)) for rating in RATINGS],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["comment"] = forms.CharField(
            label=_("What else should the trainers know?"),
            max_length=LONGEST_COMMENT,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("Write nothing that tells who you are."),
        )

    @property
    def rows(self) -> Iterable[forms.BoundField]:
        """The fields of the statements."""
        return [self[name] for name in self.names]

    def answer(self) -> dict[str, Any]:
        """``version``, ``ratings`` and ``comment`` of a valid form."""
        return {
            "version": self.cleaned_data["version"],
            "ratings": [self.cleaned_data[name] for name in self.names],
            "comment": nfc(self.cleaned_data["comment"]),
        }


class StatementsForm(forms.Form):
    """The statements of a course, one on each line."""

    statements = forms.CharField(
        label=_("Statements, one on each line"),
        required=False,
        max_length=MOST_STATEMENTS * (LONGEST_STATEMENT + 2),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Empty: the usual statements. Sheets that were handed in stay as they are."),
    )

    def clean_statements(self) -> list[str]:
        lines = (nfc(line).strip() for line in self.cleaned_data["statements"].splitlines())
        texts = list(dict.fromkeys(line for line in lines if line))
        if len(texts) > MOST_STATEMENTS:
            raise forms.ValidationError(
                _("At most %(number)s statements."), params={"number": MOST_STATEMENTS}
            )
        if any(len(text) > LONGEST_STATEMENT for text in texts):
            raise forms.ValidationError(
                _("A statement has at most %(number)s characters."),
                params={"number": LONGEST_STATEMENT},
            )
        return texts
