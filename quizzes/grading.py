"""Grading an attempt: the versions drawn, the answers saved, nothing else."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from quizzes import kinds
from quizzes.models import QuestionVersion

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Grade:
    """``marks`` holds the share earned per slot as a string fraction; scores have two decimals."""

    marks: list[str]
    score: Decimal
    max_score: Decimal
    passed: bool


def grade(
    *,
    paper: list[dict[str, Any]],
    versions: dict[int, QuestionVersion],
    responses: dict[int, Any],
    pass_percent: int,
) -> Grade:
    """Grade ``responses`` (by slot, from 1) against the paper. Exact until the last rounding.

    Passing is decided on the exact score, so that rounding neither passes nor fails anybody.
    """
    shares: list[Fraction] = []
    earned, possible = Fraction(0), Fraction(0)
    for slot, entry in enumerate(paper, start=1):
        version = versions[entry["version"]]
        share = kinds.get(version.kind).score(version.body, responses.get(slot))
        shares.append(share)
        earned += share * entry["marks"]
        possible += entry["marks"]
    return Grade(
        marks=[str(share) for share in shares],
        score=_rounded(earned),
        max_score=_rounded(possible),
        passed=possible > 0 and earned * 100 >= possible * pass_percent,
    )


def _rounded(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)
