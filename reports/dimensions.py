"""By what facts are counted: each dimension is a field of Fact and a filter of the same name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import Level
from courses.models import Course
from vietnamese.text import sort_key

# Stands in an address where there is no value to name.
NONE = "none"
ONLY_SUPPLEMENTARY, NOT_SUPPLEMENTARY = "1", "0"
WITHOUT_AGENCY = _("Without an agency")
WITHOUT_PROGRAMME = _("Outside programmes")

Row = dict[str, Any]


@dataclass(frozen=True)
class Dimension:
    """``name`` is the field of Fact; ``fields`` are read, ``label`` and ``order`` made of them."""

    name: str
    heading: str | Promise
    fields: tuple[str, ...]
    label: Callable[[Row], str]
    order: Callable[[Row], Any]

    def key(self, row: Row) -> str:
        """The value as it stands in an address."""
        value = row[self.name]
        return NONE if value in (None, "") else str(value)


def in_vietnamese_order(text: str) -> list[str]:
    """Sort key of a title, word by word from the left (names of people sort by the last word)."""
    return [sort_key(word) for word in text.split()]


def _by_choice(
    name: str, heading: str | Promise, choices: type[TextChoices], missing: str | Promise = ""
) -> Dimension:
    labels = dict(choices.choices)
    places = {value: place for place, value in enumerate(choices.values)}
    return Dimension(
        name=name,
        heading=heading,
        fields=(name,),
        label=lambda row: str(labels.get(row[name], missing)),
        order=lambda row: places.get(row[name], len(places)),
    )


def _phase_label(row: Row) -> str:
    if row["phase"] is None:
        return str(WITHOUT_PROGRAMME)
    # The phase first: names of programmes are long, and pictures cut them off.
    return f"{row['phase__name']}, {row['phase__programme__name']}"


LEVEL = _by_choice("level", _("Level"), Level, WITHOUT_AGENCY)
YEAR = Dimension(
    name="year",
    heading=_("Year"),
    fields=("year",),
    label=lambda row: str(row["year"]),
    order=lambda row: row["year"],
)
COURSE_KIND = _by_choice("course_kind", _("Kind of course"), Course.Kind)
PHASE = Dimension(
    name="phase",
    heading=_("Programme and phase"),
    fields=("phase", "phase__programme__name", "phase__name", "phase__starts_on"),
    label=_phase_label,
    order=lambda row: (row["phase"] is None, str(row["phase__starts_on"]), _phase_label(row)),
)
AGENCY = Dimension(
    name="agency",
    heading=_("Agency"),
    fields=("agency", "agency__name"),
    label=lambda row: row["agency__name"] or str(WITHOUT_AGENCY),
    order=lambda row: (row["agency"] is None, in_vietnamese_order(row["agency__name"] or "")),
)
