"""What the kinds with a list of choices share."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from quizzes.kinds.contract import (
    MOST_CHOICES,
    Body,
    InvalidResponse,
    Kind,
    Line,
    Response,
    is_text,
)
from quizzes.kinds.weights import is_weight, share

Item = TypeVar("Item", bound=Mapping[str, Any])

_ID = re.compile(r"[0-9]{1,3}")
_LARGEST_ID = 999


def list_choices(entries: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The body made of (text, weight, feedback) in the author's order.

    Choices are numbered by their text: were they numbered as written, an author who always
    writes the right one first would give it away by its number.
    """
    listed = list(entries)
    ids = number_by_text([text for text, _weight, _feedback in listed])
    return {
        "choices": [
            {"id": number, "text": text, "weight": weight, "feedback": feedback}
            for number, (text, weight, feedback) in zip(ids, listed, strict=True)
        ]
    }


def number_by_text(texts: Sequence[str]) -> list[int]:
    """A number from 1 for each text, by the order of the texts."""
    places = sorted(range(len(texts)), key=lambda place: (texts[place], place))
    ranks = {place: rank for rank, place in enumerate(places, start=1)}
    return [ranks[place] for place in range(len(texts))]


def list_problems(items: object, *, least: int) -> list[str]:
    """Why a list of things with numbers and texts cannot be used."""
    if not isinstance(items, list):
        return [_("The question has no list of choices.")]
    if not least <= len(items) <= MOST_CHOICES:
        return [
            _("The question has %(count)d choices; from %(least)d to %(most)d are possible.")
            % {"count": len(items), "least": least, "most": MOST_CHOICES}
        ]
    if not all(isinstance(item, dict) and is_text(item.get("text")) for item in items):
        return [_("A choice is empty or too long.")]
    if not all(is_id(item.get("id")) for item in items):
        return [_("A choice has no number of its own.")]
    problems = []
    if len({item["id"] for item in items}) < len(items):
        problems.append(_("Two choices have the same number."))
    if len({item["text"] for item in items}) < len(items):
        problems.append(_("Two choices have the same text."))
    return problems


def is_id(value: object) -> bool:
    return type(value) is int and 1 <= value <= _LARGEST_ID


def read_id(raw: object, items: Iterable[Mapping[str, Any]]) -> int:
    """The number of one of the items; raises InvalidResponse for anything else."""
    if isinstance(raw, str) and _ID.fullmatch(raw):
        raw = int(raw)
    if is_id(raw):
        for item in items:
            if item["id"] == raw:
                return int(item["id"])
    raise InvalidResponse(_("The answer names a choice that the question does not have."))


def arrange(items: Sequence[Item], order: Sequence[int]) -> list[Item]:
    """The items in the frozen order; in their own where the order is empty."""
    if not order:
        return list(items)
    by_id = {item["id"]: item for item in items}
    return [by_id[number] for number in order if number in by_id]


def draw_order(items: Sequence[Mapping[str, Any]], rng: Random, *, shuffle: bool) -> list[int]:
    numbers = [int(item["id"]) for item in items]
    if shuffle:
        rng.shuffle(numbers)
    return numbers


class ChoiceKind(Kind[Response]):
    """A question whose body is `{"choices": [{"id", "text", "weight", "feedback"}, …]}`.

    `weight` is a percentage from -100 to 100 as text.
    """

    def problems(self, body: object) -> list[str]:
        choices = body.get("choices") if isinstance(body, Mapping) else None
        problems = list_problems(choices, least=2)
        if problems or not isinstance(choices, list):
            return problems
        if not all(is_text(choice.get("feedback"), empty=True) for choice in choices):
            problems.append(_("The feedback of a choice is too long."))
        if not all(is_weight(choice.get("weight")) for choice in choices):
            return [*problems, _("The weight of a choice is not a percentage from -100 to 100.")]
        return problems + self.weight_problems([choice["weight"] for choice in choices])

    @abstractmethod
    def weight_problems(self, weights: Sequence[str]) -> list[str]:
        """Why nobody could answer the question fully."""

    @abstractmethod
    def is_right(self, weight: str) -> bool:
        """Whether a choice of this weight belongs to the right answer."""

    @abstractmethod
    def chosen(self, response: Response | None) -> frozenset[int]:
        """The numbers of the choices that a stored response holds."""

    def draw(self, body: Body, rng: Random, *, shuffle: bool) -> list[int]:
        return draw_order(body["choices"], rng, shuffle=shuffle)

    def present(self, body: Body, order: Sequence[int]) -> dict[str, Any]:
        shown = arrange(body["choices"], order)
        return {"choices": [{"id": choice["id"], "text": choice["text"]} for choice in shown]}

    def score(self, body: Body, response: Response | None) -> Fraction:
        chosen = self.chosen(response)
        earned = [share(choice["weight"]) for choice in body["choices"] if choice["id"] in chosen]
        return min(max(sum(earned, Fraction(0)), Fraction(0)), Fraction(1))

    def explain(self, body: Body, order: Sequence[int], response: Response | None) -> list[Line]:
        chosen = self.chosen(response)
        return [
            Line(
                text=choice["text"],
                chosen=choice["id"] in chosen,
                answer="",
                expected="",
                right=self.is_right(choice["weight"]),
                feedback=choice["feedback"],
            )
            for choice in arrange(body["choices"], order)
        ]

    def key(self, body: Body) -> list[str]:
        return [choice["text"] for choice in body["choices"] if self.is_right(choice["weight"])]
