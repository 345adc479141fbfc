"""Forms in which the key of a question is corrected; one class for each way to hold a key."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminAutoHeightTextInput

from quizzes import kinds
from quizzes.kinds import Body, InvalidResponse, numerical
from quizzes.models import QuestionVersion

LONGEST_REASON = 1000
LONGEST_NUMBER = 40


class ReasonForm(forms.Form):
    """Why; every correction, voiding and regrade asks for it."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=AdminAutoHeightTextInput(attrs={"rows": 2}),
    )


class VoidForm(ReasonForm):
    retire = forms.BooleanField(
        label=gettext_lazy("Draw this question no more"), required=False, initial=True
    )


class KeyForm(ReasonForm):
    """The key that counts now, to be corrected; ``body`` is what comes of it."""

    body: dict[str, Any]

    def __init__(self, *args: Any, version: QuestionVersion, stands: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kinds.get(version.kind)
        self.stands = stands
        self.fields = {**self.key_fields(), **self.fields}

    # Forms have a metaclass of their own, so that these two cannot be abstract.
    def key_fields(self) -> dict[str, forms.Field]:
        """The controls of this kind's key, filled with what stands."""
        raise NotImplementedError

    def read(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        """The body with the key as entered."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self.body = self.read(cleaned)
            for problem in self.kind.problems(self.body):
                self.add_error(None, problem)
        return cleaned


class NumberField(forms.CharField):
    """A number as people type it, in the form in which bodies hold it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NUMBER, **kwargs)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        try:
            return numerical.read_entry(typed) if typed else ""
        except InvalidResponse as error:
            raise forms.ValidationError(str(error)) from error


class WeightField(forms.CharField):
    """A percentage as the bodies hold it: 100, -50, 33.33333."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NUMBER, **kwargs)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        return typed.strip().removesuffix("%").strip().replace(",", ".")


class WeightsForm(KeyForm):
    """Choices, each with its share of the marks."""

    def key_fields(self) -> dict[str, forms.Field]:
        return {
            f"weight-{choice['id']}": WeightField(
                label=choice["text"],
                initial=choice["weight"],
                help_text=_("Per cent of the marks: 100 is right, 0 is wrong."),
            )
            for choice in self.stands["choices"]
        }

    def read(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        choices = [
            {**choice, "weight": cleaned[f"weight-{choice['id']}"]}
            for choice in self.stands["choices"]
        ]
        return {**self.stands, "choices": choices}


class StatementForm(KeyForm):
    """A statement: true or false."""

    def key_fields(self) -> dict[str, forms.Field]:
        return {
            "answer": forms.ChoiceField(
                label=_("The statement is"),
                choices=[("true", _("True")), ("false", _("False"))],
                initial="true" if self.stands["answer"] else "false",
                widget=forms.RadioSelect,
            )
        }

    def read(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.stands, "answer": cleaned["answer"] == "true"}


class PairsForm(KeyForm):
    """Prompts, each with the option that belongs to it."""

    def key_fields(self) -> dict[str, forms.Field]:
        options = [(option["id"], option["text"]) for option in self.stands["options"]]
        return {
            f"match-{prompt['id']}": forms.TypedChoiceField(
                label=prompt["text"],
                choices=options,
                coerce=int,
                initial=prompt["match"],
                widget=forms.Select(attrs={"class": "w-w-full"}),
            )
            for prompt in self.stands["prompts"]
        }

    def read(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        prompts = [
            {**prompt, "match": cleaned[f"match-{prompt['id']}"]}
            for prompt in self.stands["prompts"]
        ]
        return {**self.stands, "prompts": prompts}


class NumbersForm(KeyForm):
    """Numbers with their tolerances; one more can be added, an emptied one is taken out."""

    def key_fields(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        for place, answer in enumerate([*self.stands["answers"], {}], start=1):
            number = {"number": place}
            fields[f"value-{place}"] = NumberField(
                label=_("Number %(number)s") % number,
                initial=answer.get("value", ""),
                required=False,
                help_text=_("Empty: it does not count."),
            )
            fields[f"tolerance-{place}"] = NumberField(
                label=_("Tolerance of number %(number)s, up and down") % number,
                initial=answer.get("tolerance", "0"),
            )
            fields[f"weight-{place}"] = WeightField(
                label=_("Per cent of the marks for number %(number)s") % number,
                initial=answer.get("weight", "100"),
            )
        return fields

    def read(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        answers = [
            {
                "value": cleaned[f"value-{place}"],
                "tolerance": cleaned[f"tolerance-{place}"],
                "weight": cleaned[f"weight-{place}"],
                "feedback": answer.get("feedback", ""),
            }
            for place, answer in enumerate([*self.stands["answers"], {}], start=1)
            if cleaned[f"value-{place}"]
        ]
        return {**self.stands, "answers": answers}


# A kind that is not here has no key that could be wrong: people mark it.
KEY_FORMS: Mapping[str, type[KeyForm]] = MappingProxyType(
    {
        "single": WeightsForm,
        "multiple": WeightsForm,
        "truefalse": StatementForm,
        "matching": PairsForm,
        "numerical": NumbersForm,
    }
)
