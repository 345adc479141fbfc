"""Weights of choices: percentages as text, shares of one as exact fractions."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

_WEIGHT = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,10})?")
_LARGEST_DENOMINATOR = 20


def is_weight(value: object) -> bool:
    """Whether the value is a percentage from -100 to 100 written as text, such as "33.33333"."""
    if not isinstance(value, str) or not _WEIGHT.fullmatch(value):
        return False
    return abs(Decimal(value)) <= 100


@lru_cache(maxsize=1024)
def share(weight: str) -> Fraction:
    """The share of one that a weight stands for.

    People write a third as 33.33333 or 33.33: two or more decimals that are a simple fraction
    rounded or cut off are taken for that fraction, so three thirds make a whole.
    """
    written = Fraction(weight) / 100
    decimals = len(weight.partition(".")[2])
    if decimals < 2:
        return written
    meant = written.limit_denominator(_LARGEST_DENOMINATOR)
    last_place = Fraction(1, 100 * 10**decimals)
    rounded = abs(meant - written) <= last_place / 2
    cut_off = 0 <= abs(meant) - abs(written) < last_place
    return meant if rounded or cut_off else written
