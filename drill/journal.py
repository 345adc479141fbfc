"""What the devices keep of the day: every request with its times, every receipt, every fault."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request: what for, and from when to when (seconds since the opening); whether it came to
    a good answer."""

    what: str
    began: float
    ended: float
    good: bool


class Sent(NamedTuple):
    """An answer as a device sent it."""

    seq: int
    response: Any


@dataclass
class Slot:
    """``receipt`` is what the server has acknowledged last; ``open`` what was sent after that."""

    receipt: Sent | None = None
    open: list[Sent] = field(default_factory=list)

    def send(self, sent: Sent) -> None:
        if sent not in self.open and (self.receipt is None or sent.seq > self.receipt.seq):
            self.open.append(sent)

    def acknowledge(self, seq: int) -> None:
        known = [sent for sent in self.open if sent.seq == seq]
        if known:
            self.receipt = known[0]
        self.open = [sent for sent in self.open if sent.seq > seq]


@dataclass
class Sheet:
    """One person's answers as the device knows them, and when the paper was there."""

    enrolment: int
    attempt: int = 0
    started: float | None = None
    submitted: bool = False
    slots: dict[int, Slot] = field(default_factory=dict)

    def slot(self, number: int) -> Slot:
        return self.slots.setdefault(number, Slot())


@dataclass
class Journal:
    """The whole day. ``faults`` are things that must not happen, in words, with their number."""

    asked: list[Asked] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    guessed: int = 0

    def sheet(self, enrolment: int) -> Sheet:
        made = Sheet(enrolment)
        self.sheets.append(made)
        return made


def share(seconds: Iterable[float], percent: float) -> float:
    """The percentile by nearest rank; infinite of nothing, which keeps no limit."""
    ordered: Sequence[float] = sorted(seconds)
    if not ordered:
        return math.inf
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
