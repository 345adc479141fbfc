"""A list in figures: how many rows are how, which agencies are not recognised."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from courses.models import EnrolmentList, EnrolmentListRow

State = EnrolmentListRow.State
Outcome = EnrolmentListRow.Outcome


@dataclass(frozen=True)
class Unrecognised:
    """An agency's name that means none, or several; empty where none was written."""

    key: str
    text: str
    rows: int


def by_state(found: EnrolmentList) -> dict[str, int]:
    """How many rows are in each state."""
    return _counts(found, "state")


def by_outcome(found: EnrolmentList) -> dict[str, int]:
    """What became of how many rows; those that nobody enrolled are under the empty text."""
    return _counts(found, "outcome")


def unrecognised(found: EnrolmentList) -> list[Unrecognised]:
    """The names to be picked, those of most rows first."""
    named: dict[str, list[Any]] = {}
    rows = found.rows.filter(state=State.NO_AGENCY).order_by("number")
    for key, text in rows.values_list("agency_key", "agency_text"):
        named.setdefault(key, [text, 0])[1] += 1
    ordered = sorted(named.items(), key=lambda item: -item[1][1])
    return [Unrecognised(key, text, number) for key, (text, number) in ordered]


def created(found: EnrolmentList) -> int:
    """How many people the list has brought into the register of people."""
    return found.rows.filter(created_person=True).count()


def _counts(found: EnrolmentList, column: str) -> dict[str, int]:
    counted: Any = found.rows.order_by().values(column).annotate(number=Count("pk"))
    return dict(counted.values_list(column, "number"))
