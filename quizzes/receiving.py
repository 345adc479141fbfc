"""A batch of answers as a device sends it: read at once where it is plainly right.

Everything else goes through ``BatchSerializer``, which knows what may be meant and says what is
wrong; it takes ten times as long.
"""

from collections.abc import Sequence
from typing import Any

from quizzes.attempts import RawChange
from quizzes.saving import Reported
from quizzes.serializers import LARGEST_SEQ, LARGEST_SLOT, MOST_ANSWERS, BatchSerializer


def batch(data: Any) -> tuple[Sequence[RawChange], Sequence[Reported]]:
    """The changes and what the device noticed. Raises DRF's ValidationError."""
    if _is_plain(data):
        answers, events = data["answers"], []
    else:
        serializer = BatchSerializer(data=data)
        serializer.is_valid(raise_exception=True)
        answers, events = serializer.validated_data["answers"], serializer.validated_data["events"]
    return (
        [RawChange(one["slot"], one["seq"], one["response"]) for one in answers],
        [Reported(one["kind"], one["at"]) for one in events],
    )


def _is_plain(data: Any) -> bool:
    """Whether the serializer would take it as it is."""
    if type(data) is not dict or data.keys() != {"answers"}:
        return False
    answers = data["answers"]
    return type(answers) is list and len(answers) <= MOST_ANSWERS and all(map(_is_change, answers))


def _is_change(one: Any) -> bool:
    return (
        type(one) is dict
        and "response" in one
        and type(slot := one.get("slot")) is int
        and 1 <= slot <= LARGEST_SLOT
        and type(seq := one.get("seq")) is int
        and 1 <= seq <= LARGEST_SEQ
    )
