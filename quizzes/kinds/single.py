"""One choice is to be picked. A choice may earn a part of the marks by its weight."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.kinds.choices import ChoiceKind, read_id
from quizzes.kinds.contract import Body
from quizzes.kinds.weights import share


class Single(ChoiceKind[int]):
    """The response is the number of the choice picked."""

    code = "single"
    label = gettext_lazy("Single choice")

    def weight_problems(self, weights: Sequence[str]) -> list[str]:
        if any(self.is_right(weight) for weight in weights):
            return []
        return [_("No choice is marked as the right one.")]

    def is_right(self, weight: str) -> bool:
        return share(weight) == 1

    def chosen(self, response: int | None) -> frozenset[int]:
        return frozenset() if response is None else frozenset([response])

    def clean(self, body: Body, raw: object) -> int | None:
        if raw is None or raw == "":
            return None
        return read_id(raw, body["choices"])
