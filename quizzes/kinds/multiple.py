"""Any number of choices is to be ticked. Each adds or takes away its weight."""

from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.kinds.choices import ChoiceKind, read_id
from quizzes.kinds.contract import Body, FormData, InvalidResponse
from quizzes.kinds.weights import share
from vietnamese.numbers import format_percent


class Multiple(ChoiceKind[list[int]]):
    """The response is the sorted list of the numbers ticked; none ticked is no answer."""

    code = "multiple"
    label = gettext_lazy("Multiple choice")

    def weight_problems(self, weights: Sequence[str]) -> list[str]:
        together = sum(Fraction(weight) / 100 for weight in weights if self.is_right(weight))
        if together >= 1 or sum(share(weight) for weight in weights if self.is_right(weight)) >= 1:
            return []
        return [
            _("All right choices together earn %(percent)s of the marks, not 100 %%.")
            % {"percent": format_percent(together, places=2)}
        ]

    def is_right(self, weight: str) -> bool:
        return share(weight) > 0

    def score(self, body: Body, response: list[int] | None) -> Fraction:
        right = {choice["id"] for choice in body["choices"] if self.is_right(choice["weight"])}
        # Weights may come to 100 % only as they are written, not as fractions.
        return Fraction(1) if self.chosen(response) == right else super().score(body, response)

    def chosen(self, response: list[int] | None) -> frozenset[int]:
        return frozenset(response or [])

    def from_form(self, data: FormData, name: str) -> object:
        return data.getlist(name)

    def clean(self, body: Body, raw: object) -> list[int] | None:
        choices = body["choices"]
        if raw is None:
            return None
        if not isinstance(raw, list | tuple):
            raise InvalidResponse(_("The answer is not a list of choices."))
        if len(raw) > len(choices):
            raise InvalidResponse(_("The answer has more choices than the question."))
        return sorted({read_id(number, choices) for number in raw}) or None
