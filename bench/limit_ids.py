"""Ids that differ from one playing of an exam to the next, known by their size."""

from collections.abc import Iterable
from typing import Any

# Every sequence is set to this before it is recorded: nothing else is so large.
FIRST_ID = 1_000_000_000


def new_ids(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    """The ids in some rows that the database has given since."""
    return [one for row in rows for one in row if type(one) is int and one > FIRST_ID]


def replaced(value: Any, ids: dict[int, int]) -> Any:
    """Parameters with the ids of this playing instead of the recorded ones."""
    if type(value) is int:
        return ids.get(value, value)
    if isinstance(value, list | tuple):
        return type(value)(replaced(one, ids) for one in value)
    if isinstance(value, dict):
        return {name: replaced(one, ids) for name, one in value.items()}
    return value
