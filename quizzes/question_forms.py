"""The form in which a question is edited; one class for each way to hold choices and key."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminAutoHeightTextInput

from jobs.forms import offer
from jobs.staff_views import NARROW
from quizzes import kinds
from quizzes.editing import Wording
from quizzes.key_forms import NumberField, WeightField
from quizzes.kinds import Body
from quizzes.kinds.choices import list_choices
from quizzes.kinds.contract import LONGEST_TEXT, MOST_CHOICES
from quizzes.kinds.essay import MOST_POINTS, set_rubric
from quizzes.kinds.matching import pair_up
from quizzes.kinds.numerical import list_numbers
from quizzes.kinds.truefalse import state
from quizzes.models import Category, Question, QuestionVersion
from vietnamese.text import nfc

MORE_ROWS = 2
LONGEST_TAGS = 400
Row = Mapping[str, Any]


class TextField(forms.CharField):
    """A short text in composed Unicode; white space around it is not kept."""

    widget = AdminAutoHeightTextInput(attrs={"rows": 1})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_TEXT, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        return nfc(super().clean(value))


def _weight(**kwargs: Any) -> forms.Field:
    return WeightField(required=False, **kwargs)


def _number(**kwargs: Any) -> forms.Field:
    return NumberField(required=False, **kwargs)


def _points(**kwargs: Any) -> forms.Field:
    return forms.IntegerField(required=False, min_value=1, max_value=MOST_POINTS, **kwargs)


def _truth(**kwargs: Any) -> forms.Field:
    return forms.ChoiceField(choices=[("true", _("True")), ("false", _("False"))], **kwargs)


class QuestionForm(forms.Form):
    """A question in a table of rows under ``columns``; a row without its first cell is left out.

    ``wording`` is what comes of it.
    """

    columns: ClassVar[Mapping[str, tuple[Any, Callable[..., forms.Field]]]] = {}
    more_rows = MORE_ROWS
    wording: Wording

    name = forms.CharField(label=_("Name"), max_length=200)
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), widget=NARROW
    )
    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=AdminAutoHeightTextInput(attrs={"rows": 3}),
    )
    feedback = forms.CharField(
        label=_("Feedback"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=AdminAutoHeightTextInput(attrs={"rows": 2}),
        help_text=_("Shown after the test, such as the clause and the reason."),
    )
    tags = forms.CharField(
        label=_("Tags"),
        max_length=LONGEST_TAGS,
        required=False,
        help_text=_("Separated by commas, such as 9001-8.4, nhan-biet."),
    )

    def __init__(
        self, *args: Any, question: Question, version: QuestionVersion, stands: Body, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.stands = kinds.get(version.kind), stands
        self.initial = {
            "name": question.name,
            "category": question.category_id,
            "text": version.text,
            "feedback": version.feedback,
            "tags": ", ".join(version.tags),
        }
        offer(self, "category", Category.objects.filter(bank=question.bank_id))
        held = self.read_body(stands)
        self.places = range(1, min(len(held) + self.more_rows, MOST_CHOICES) + 1)
        for place in self.places:
            row = held[place - 1] if place <= len(held) else {}
            for column, (label, make) in self.columns.items():
                self.fields[f"{column}-{place}"] = make(initial=row.get(column, ""), label=label)

    # Forms have a metaclass of their own, so that these two cannot be abstract.
    def read_body(self, body: Body) -> Sequence[Row]:
        """The rows that the body fills."""
        raise NotImplementedError

    def make_body(self, rows: Sequence[Row]) -> dict[str, Any]:
        """The body that the rows, as entered, make up."""
        raise NotImplementedError

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "category", "text")]

    @property
    def tail(self) -> list[forms.BoundField]:
        return [self[name] for name in ("feedback", "tags")]

    @property
    def headings(self) -> list[Any]:
        return [label for label, _make in self.columns.values()]

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"{column}-{place}"] for column in self.columns] for place in self.places]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        first = next(iter(self.columns))
        rows = [
            {column: cleaned[f"{column}-{place}"] for column in self.columns}
            for place in self.places
            if self.is_filled(cleaned, first, place)
        ]
        self.wording = Wording(
            text=nfc(cleaned["text"]),
            body=self.make_body(rows),
            feedback=nfc(cleaned["feedback"]),
            tags=[tag.strip() for tag in nfc(cleaned["tags"]).split(",") if tag.strip()],
        )
        for problem in self.kind.problems(self.wording.body):
            self.add_error(None, problem)
        return cleaned

    def is_filled(self, cleaned: Row, first: str, place: int) -> bool:
        return bool(cleaned[f"{first}-{place}"])


class ChoicesForm(QuestionForm):
    columns = MappingProxyType(
        {
            "text": (_("Choice"), TextField),
            "weight": (_("Per cent of the marks"), _weight),
            "feedback": (_("Feedback"), TextField),
        }
    )

    def read_body(self, body: Body) -> Sequence[Row]:
        rows: Sequence[Row] = body["choices"]
        return rows

    def make_body(self, rows: Sequence[Row]) -> dict[str, Any]:
        return list_choices((row["text"], row["weight"] or "0", row["feedback"]) for row in rows)


class TrueFalseForm(QuestionForm):
    more_rows = 0
    columns = MappingProxyType(
        {
            "answer": (_("The statement is"), _truth),
            "right": (_("Feedback where the answer is right"), TextField),
            "wrong": (_("Feedback where the answer is wrong"), TextField),
        }
    )

    def read_body(self, body: Body) -> Sequence[Row]:
        return [{"answer": "true" if body["answer"] else "false", **body["feedback"]}]

    def make_body(self, rows: Sequence[Row]) -> dict[str, Any]:
        (row,) = rows
        return state(row["answer"] == "true", right=row["right"], wrong=row["wrong"])


class MatchingForm(QuestionForm):
    """A row without a prompt adds an option that belongs to none."""

    columns = MappingProxyType(
        {"prompt": (_("Prompt"), TextField), "option": (_("Belongs to it"), TextField)}
    )

    def read_body(self, body: Body) -> Sequence[Row]:
        texts = {option["id"]: option["text"] for option in body["options"]}
        used = {prompt["match"] for prompt in body["prompts"]}
        pairs = [
            {"prompt": prompt["text"], "option": texts[prompt["match"]]}
            for prompt in body["prompts"]
        ]
        alone = [{"prompt": "", "option": text} for key, text in texts.items() if key not in used]
        return pairs + alone

    def make_body(self, rows: Sequence[Row]) -> dict[str, Any]:
        return pair_up((row["prompt"], row["option"]) for row in rows)

    def is_filled(self, cleaned: Row, first: str, place: int) -> bool:
        return bool(cleaned[f"prompt-{place}"] or cleaned[f"option-{place}"])


class NumbersForm(QuestionForm):
    columns = MappingProxyType(
        {
            "value": (_("Number"), _number),
            "tolerance": (_("Tolerance, up and down"), _number),
            "weight": (_("Per cent of the marks"), _weight),
            "feedback": (_("Feedback"), TextField),
        }
    )

    def read_body(self, body: Body) -> Sequence[Row]:
        rows: Sequence[Row] = body["answers"]
        return rows

    def make_body(self, rows: Sequence[Row]) -> dict[str, Any]:
        return list_numbers(
            (
                (
                    Decimal(row["value"]),
                    Decimal(row["tolerance"] or "0"),
                    row["weight"] or "100",
                    row["feedback"],
                )
                for row in rows
            ),
            otherwise=self.stands["otherwise"],
        )


class RubricForm(QuestionForm):
    columns = MappingProxyType(
        {"text": (_("What is looked at"), TextField), "points": (_("Points"), _points)}
    )

    def read_body(self, body: Body) -> Sequence[Row]:
        rows: Sequence[Row] = body["rubric"]
        return rows

    def make_body(self, rows: Sequence[Row]) -> dict[str, Any]:
        lines = [(row["text"], row["points"] or 0) for row in rows]
        return set_rubric(lines, longest=self.stands["longest"])

    def is_filled(self, cleaned: Row, first: str, place: int) -> bool:
        return bool(cleaned[f"text-{place}"] or cleaned[f"points-{place}"])


QUESTION_FORMS: Mapping[str, type[QuestionForm]] = MappingProxyType(
    {
        "single": ChoicesForm,
        "multiple": ChoicesForm,
        "truefalse": TrueFalseForm,
        "matching": MatchingForm,
        "numerical": NumbersForm,
        "essay": RubricForm,
    }
)
