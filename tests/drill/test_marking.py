"""The drill's own grading, which must be right without asking ``quizzes``."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from drill import marking

CHOICES = {
    "choices": [
        {"id": 1, "weight": "33.33333"},
        {"id": 2, "weight": "33.33333"},
        {"id": 3, "weight": "33.33333"},
        {"id": 4, "weight": "-100"},
    ]
}
SINGLE = {"choices": [{"id": 1, "weight": "100"}, {"id": 2, "weight": "25"}]}
PAIRS = {"prompts": [{"id": 1, "match": 2}, {"id": 2, "match": 1}], "options": []}
NUMBER = {"answers": [{"value": "7.5", "tolerance": "0.1", "weight": "100"}]}


@pytest.mark.parametrize(
    ("kind", "key", "response", "share"),
    [
        ("truefalse", {"answer": True}, 1, Fraction(1)),
        ("truefalse", {"answer": True}, 2, Fraction(0)),
        ("truefalse", {"answer": False}, 2, Fraction(1)),
        ("truefalse", {"answer": False}, None, Fraction(0)),
        ("single", SINGLE, 1, Fraction(1)),
        ("single", SINGLE, 2, Fraction(1, 4)),
        ("multiple", CHOICES, [1, 2, 3], Fraction(1)),
        ("multiple", CHOICES, [1, 3], Fraction(2, 3)),
        ("multiple", CHOICES, [1, 2, 3, 4], Fraction(0)),
        ("matching", PAIRS, {"1": 2, "2": 1}, Fraction(1)),
        ("matching", PAIRS, {"1": 2}, Fraction(1, 2)),
        ("numerical", NUMBER, "7.6", Fraction(1)),
        ("numerical", NUMBER, "7.61", Fraction(0)),
    ],
)
def test_an_answer_earns_what_the_key_says(
    kind: str, key: Any, response: Any, share: Fraction
) -> None:
    assert marking.share(kind, key, response) == share


def test_rounding_neither_passes_nor_fails_anybody() -> None:
    third, whole = Fraction(1, 3), Fraction(1)
    assert marking.score([(third, 1), (third, 1)], pass_percent=34) == (Decimal("0.67"), False)
    assert marking.score([(third, 1), (third, 1)], pass_percent=33) == (Decimal("0.67"), True)
    assert marking.score([(whole, 3), (Fraction(0), 1)], pass_percent=75) == (Decimal(3), True)
    assert marking.score([(Fraction(1, 8), 1)], pass_percent=70) == (Decimal("0.13"), False)
