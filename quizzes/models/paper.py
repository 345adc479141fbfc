"""The paper of a sitting as it is stored: short, because every attempt keeps one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models


class PaperSlot(NamedTuple):
    """One question of a paper: the version drawn, what it is worth, its choices as shown."""

    version: int
    marks: int
    order: tuple[int, ...] = ()


Paper = Sequence[PaperSlot]

if TYPE_CHECKING:
    _TextField = models.TextField[Paper, tuple[PaperSlot, ...]]
else:
    _TextField = models.TextField


def written(paper: Paper) -> str:
    """``version:marks:order`` per slot, with the ids of the choices joined by dots."""
    return " ".join(
        f"{slot.version}:{slot.marks}:{'.'.join(map(str, slot.order))}" for slot in paper
    )


def read(text: str) -> tuple[PaperSlot, ...]:
    """The paper that ``written`` wrote."""
    slots = []
    for part in text.split():
        version, marks, order = part.split(":")
        ids = tuple(map(int, order.split("."))) if order else ()
        slots.append(PaperSlot(int(version), int(marks), ids))
    return tuple(slots)


class PaperField(_TextField):
    """A ``Paper`` in a tenth of the room that JSON takes."""

    def from_db_value(self, value: Any, *_args: Any) -> Any:
        return None if value is None else read(value)

    def to_python(self, value: Any) -> Any:
        return read(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else written(value)
