"""Grading an attempt: the versions drawn, their keys as corrected, the answers saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from quizzes import kinds
from quizzes.models import KeyCorrection, Paper, QuestionVersion

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Grade:
    """``marks`` holds the share earned per slot as a string fraction; scores have two decimals.

    Where a person still has to mark, the slot's share is None, and so are ``score`` and ``passed``.
    """

    marks: list[str | None]
    score: Decimal | None
    max_score: Decimal
    passed: bool | None

    @property
    def unmarked(self) -> list[int]:
        """The slots that a person still has to mark."""
        return [slot for slot, share in enumerate(self.marks, start=1) if share is None]


def corrections_of(versions: Iterable[int]) -> dict[int, KeyCorrection]:
    """The latest correction of each of these versions that has one. One statement."""
    found = KeyCorrection.objects.filter(version__in=list(versions)).order_by("at", "pk")
    return {one.version_id: one for one in found}


def grade(
    *,
    paper: Paper,
    versions: Mapping[int, QuestionVersion],
    responses: Mapping[int, Any],
    pass_percent: int,
    corrections: Mapping[int, KeyCorrection] | None = None,
    marked: Mapping[int, Fraction] | None = None,
) -> Grade:
    """Grade ``responses`` (by slot, from 1) against the paper. Exact until the last rounding.

    ``marked`` holds the shares that people gave, by slot. Passing is decided on the exact score,
    so that rounding neither passes nor fails anybody.
    """
    shares = [
        _share(
            versions[entry.version],
            (corrections or {}).get(entry.version),
            responses.get(slot),
            (marked or {}).get(slot),
        )
        for slot, entry in enumerate(paper, start=1)
    ]
    possible = Fraction(sum(entry.marks for entry in paper))
    if None in shares:
        known = [None if share is None else str(share) for share in shares]
        return Grade(marks=known, score=None, max_score=rounded(possible), passed=None)
    marks = [str(share) for share in shares]
    score = earned(paper, marks)
    return Grade(
        marks=list(marks),
        score=rounded(score),
        max_score=rounded(possible),
        passed=passes(score, possible, pass_percent),
    )


def _share(
    version: QuestionVersion,
    correction: KeyCorrection | None,
    response: Any,
    marked: Fraction | None,
) -> Fraction | None:
    if correction and correction.body is None:
        return Fraction(1)
    body = correction.body if correction and correction.body else version.body
    share = kinds.get(version.kind).score(body, response)
    return marked if share is None else share


def by_which(
    version: QuestionVersion, latest: KeyCorrection, *, response: Any, share: Fraction
) -> KeyCorrection | None:
    """The correction by which an answer earned ``share``; None for the version's own key.

    A key may have been corrected after the answer was graded and nobody graded it anew: then it is
    an earlier correction, or the key as first drawn. One statement in that case only.
    """
    if _share(version, latest, response, None) == share:
        return latest
    for earlier in version.corrections.exclude(pk=latest.pk).order_by("-at", "-pk"):
        if _share(version, earlier, response, None) == share:
            return earlier
    return None if _share(version, None, response, None) == share else latest


def earned(paper: Paper, marks: Iterable[str | None]) -> Fraction:
    """The exact score of a graded attempt."""
    whole, parts = 0, Fraction(0)
    for entry, share in zip(paper, marks, strict=True):
        if share == "1":  # most are, and integers add up faster
            whole += entry.marks
        else:
            parts += Fraction(share or 0) * entry.marks
    return whole + parts


def passes(score: Fraction, possible: Fraction, pass_percent: int) -> bool:
    return possible > 0 and score * 100 >= possible * pass_percent


def rounded(value: Fraction) -> Decimal:
    """To two decimals, half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)
