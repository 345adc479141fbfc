"""Grading by the key alone: a second opinion that shares no line with ``quizzes``.

It knows the stored forms of answers and keys, as they are described in ``quizzes/kinds``.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any


def share(kind: str, key: Mapping[str, Any], response: Any) -> Fraction:
    """The share of the marks that an answer earns; None is no answer."""
    if response is None:
        return Fraction(0)
    if kind == "truefalse":
        return Fraction(response == (1 if key["answer"] else 2))
    if kind == "matching":
        right = [response.get(str(one["id"])) == one["match"] for one in key["prompts"]]
        return Fraction(sum(right), len(right))
    if kind == "numerical":
        near = [
            _weight(one["weight"])
            for one in key["answers"]
            if abs(Fraction(response) - Fraction(one["value"])) <= Fraction(one["tolerance"])
        ]
        return max(near, default=Fraction(0))
    weights = {one["id"]: _weight(one["weight"]) for one in key["choices"]}
    chosen = response if isinstance(response, list) else [response]
    if isinstance(response, list) and set(chosen) == {pk for pk, w in weights.items() if w > 0}:
        return Fraction(1)
    return min(max(sum((weights[pk] for pk in chosen), Fraction(0)), Fraction(0)), Fraction(1))


def score(earned: Sequence[tuple[Fraction, int]], *, pass_percent: int) -> tuple[Decimal, bool]:
    """Of (share, marks) for each question: the mark to two decimals, and whether it is a pass."""
    got = sum((part * marks for part, marks in earned), Fraction(0))
    possible = sum(marks for _part, marks in earned)
    # Half up, by whole numbers.
    return Decimal(int(got * 200 + 1) // 2) / 100, got * 100 >= possible * pass_percent


def _weight(percent: str) -> Fraction:
    """A percentage; what is a third but for its decimals is a third."""
    written = Fraction(percent) / 100
    thirds = Fraction(round(written * 3), 3)
    return thirds if abs(written - thirds) < Fraction(1, 10_000) else written
