"""A number is to be entered."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.kinds.contract import MOST_CHOICES, Body, InvalidResponse, Kind, Line, is_text
from quizzes.kinds.weights import is_weight, share
from vietnamese.numbers import format_number

_STORED = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")

_LONGEST_ENTRY = 40
_SPACE_BETWEEN_THOUSANDS = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))")
_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,15}(?:[.,][0-9]{0,15})?|[.,][0-9]{1,15})")
_EITHER_WAY = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
_POINT_GROUPS = re.compile(
    r"[+-]?[0-9]{1,3}(?:(?:\.[0-9]{3}){2,4}|(?:\.[0-9]{3}){1,4},[0-9]{1,15})"
)
_COMMA_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3}){2,4}|(?:,[0-9]{3}){1,4}\.[0-9]{1,15})")


class Numerical(Kind[str]):
    """The body is `{"answers": [{"value", "tolerance", "weight", "feedback"}, …], "otherwise"}`.

    An answer is right within its tolerance, both ends included; the best one counts.
    `otherwise` is the feedback for all other numbers. Numbers are text, in the body and in the
    response: digits, a decimal point, a minus.
    """

    code = "numerical"
    label = gettext_lazy("Number")

    def problems(self, body: object) -> list[str]:
        answers = body.get("answers") if isinstance(body, Mapping) else None
        if not isinstance(answers, list) or not 1 <= len(answers) <= MOST_CHOICES:
            return [_("The question has no right number, or too many of them.")]
        if not all(
            isinstance(answer, Mapping)
            and is_number(answer.get("value"))
            and is_number(answer.get("tolerance"))
            and not answer["tolerance"].startswith("-")
            for answer in answers
        ):
            return [_("A right answer is not a number with a tolerance.")]
        if not all(is_weight(answer.get("weight")) for answer in answers):
            return [_("The weight of an answer is not a percentage from -100 to 100.")]
        feedbacks = [answer.get("feedback") for answer in answers]
        if isinstance(body, Mapping):
            feedbacks.append(body.get("otherwise"))
        if not all(is_text(feedback, empty=True) for feedback in feedbacks):
            return [_("The feedback of the question is missing or too long.")]
        if not any(share(answer["weight"]) == 1 for answer in answers):
            return [_("No number earns full marks.")]
        return []

    def present(self, body: Body, order: Sequence[int]) -> dict[str, Any]:
        return {}

    def clean(self, body: Body, raw: object) -> str | None:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        if isinstance(raw, str):
            return read_entry(raw)
        if type(raw) is int and abs(raw) < 10**15:
            return str(raw)
        if isinstance(raw, float) and abs(raw) < 10**15:  # false for NaN
            return _stored(Decimal(repr(raw)).quantize(Decimal("1e-12")))
        raise InvalidResponse(_("The answer is not a number."))

    def score(self, body: Body, response: str | None) -> Fraction:
        matched = _best_match(body, response)
        return Fraction(0) if matched is None else max(share(matched["weight"]), Fraction(0))

    def explain(self, body: Body, order: Sequence[int], response: str | None) -> list[Line]:
        matched = _best_match(body, response)
        return [
            Line(
                text="",
                chosen=response is not None,
                answer="" if response is None else format_number(Decimal(response)),
                expected="; ".join(self.key(body)),
                right=matched is not None and share(matched["weight"]) == 1,
                feedback=body["otherwise"] if matched is None else matched["feedback"],
            )
        ]

    def key(self, body: Body) -> list[str]:
        return [_range(answer) for answer in body["answers"] if share(answer["weight"]) == 1]


def list_numbers(
    entries: Iterable[tuple[Decimal, Decimal, str, str]], *, otherwise: str = ""
) -> dict[str, Any]:
    """The body made of (value, tolerance, weight, feedback)."""
    answers = [
        {"value": _stored(value), "tolerance": _stored(tolerance), "weight": weight, "feedback": f}
        for value, tolerance, weight, f in entries
    ]
    return {"answers": answers, "otherwise": otherwise}


def read_entry(text: str) -> str:
    """The stored form of a number as people type it: 7,5 and 7.5, 1 640 and 15 %.

    A single point before three digits (1.640) means thousands to Vietnamese readers and
    decimals to English ones; marking either wrong would be unfair, so InvalidResponse asks.
    """
    entry = text.strip().replace("\u2212", "-").removesuffix("%").strip()
    if len(entry) > _LONGEST_ENTRY:
        raise InvalidResponse(_("The answer is too long for a number."))
    entry = _SPACE_BETWEEN_THOUSANDS.sub("", entry)
    if _POINT_GROUPS.fullmatch(entry):
        entry = entry.replace(".", "").replace(",", ".")
    elif _COMMA_GROUPS.fullmatch(entry):
        entry = entry.replace(",", "")
    elif _EITHER_WAY.fullmatch(entry):
        raise InvalidResponse(
            _("“%(entry)s” can be read in two ways. Please write %(thousands)s or %(decimals)s.")
            % {
                "entry": entry,
                "thousands": entry.replace(".", ""),
                "decimals": entry.replace(".", ","),
            }
        )
    elif not _PLAIN.fullmatch(entry):
        raise InvalidResponse(_("The answer is not a number."))
    return _stored(Decimal(entry.replace(",", ".")))


def is_number(value: object) -> bool:
    """Whether a value of a body is a number as it is stored."""
    return isinstance(value, str) and _STORED.fullmatch(value) is not None


def _stored(number: Decimal) -> str:
    """Plain digits without needless zeros.

    Three decimals get a zero at the end, so that what is stored never reads in two ways.
    """
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    whole, point, decimals = text.partition(".")
    if len(decimals) == 3:
        decimals += "0"
    text = whole + point + decimals
    return "0" if text == "-0" else text


def _best_match(body: Body, response: str | None) -> Mapping[str, Any] | None:
    if response is None:
        return None
    number = Fraction(response)
    matches = [
        answer
        for answer in body["answers"]
        if abs(number - Fraction(answer["value"])) <= Fraction(answer["tolerance"])
    ]
    return max(matches, key=lambda answer: share(answer["weight"]), default=None)


def _range(answer: Mapping[str, Any]) -> str:
    value, tolerance = Fraction(answer["value"]), Fraction(answer["tolerance"])
    low, high = format_number(value - tolerance), format_number(value + tolerance)
    return low if low == high else f"{low} – {high}"
