"""Pictures of figures: what the bars show, apart from how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Bar:
    """A number beside the ``longest`` with which it is compared; ``text`` where it says more."""

    number: int
    longest: int
    text: str = ""


@dataclass(frozen=True)
class PictureLine:
    """One bar under each heading; ``quiet`` lines are drawn paler."""

    label: str
    bars: Sequence[Bar]
    quiet: bool = False


@dataclass(frozen=True)
class Picture:
    """Bars for every line. ``name`` is its own on a page; ``title`` is read aloud."""

    name: str
    title: str | Promise
    headings: Sequence[str | Promise]
    lines: Sequence[PictureLine]
