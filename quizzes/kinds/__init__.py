"""The kinds of questions, one module each, behind one contract."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from quizzes.kinds.contract import Body, InvalidResponse, Kind, Line
from quizzes.kinds.essay import Essay
from quizzes.kinds.matching import Matching
from quizzes.kinds.multiple import Multiple
from quizzes.kinds.numerical import Numerical
from quizzes.kinds.single import Single
from quizzes.kinds.truefalse import TrueFalse

__all__ = ["CHOICES", "KINDS", "Body", "InvalidResponse", "Kind", "Line", "get"]

KINDS: Mapping[str, Kind[Any]] = MappingProxyType(
    {
        kind.code: kind
        for kind in (Single(), Multiple(), TrueFalse(), Matching(), Numerical(), Essay())
    }
)
CHOICES = [(code, kind.label) for code, kind in KINDS.items()]


def get(code: str) -> Kind[Any]:
    """The kind of this code; KeyError if there is none."""
    return KINDS[code]
