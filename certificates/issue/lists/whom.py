"""Whom the lines of a list mean: by folded name, and birth date and agency where they are given.

Of several who bear the name, whoever was in the course is meant; if that is not one, or something
given disagrees, a person decides.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from courses.lists import matching
from courses.lists.matching import Known
from courses.lists.reading import Line
from courses.models import Course, Enrolment
from vietnamese.text import fold


@dataclass
class Meant:
    """``person`` is the key of who is meant, or None; then ``possible`` are who may be.

    ``namesakes`` is how many others bear the name.
    """

    person: int | None = None
    possible: list[int] = field(default_factory=list)
    namesakes: int = 0


def meant(lines: Sequence[Line], *, course: Course, on: date) -> list[Meant]:
    """For each line whom it means. A few statements."""
    keys = [fold(line.full_name)[:120] for line in lines]
    agencies = matching.Agencies(on=on, scope=[])
    named = matching.people_named(keys, on=on)
    known = [one for people in named.values() for one in people]
    studied = _studied(known, course)
    for one in known:
        # Who has changed the agency since may be written with that of the course.
        one.agencies |= studied.get(one.pk, set())
    return [
        _meant(line, named.get(key, []), studied.keys(), agencies)
        for line, key in zip(lines, keys, strict=True)
    ]


def _studied(known: Sequence[Known], course: Course) -> dict[int, set[int]]:
    """The agencies of those who were in the course, as at their enrolments."""
    found: dict[int, set[int]] = {}
    enrolled = Enrolment.objects.filter(
        run__course=course, person__in=[one.pk for one in known]
    ).order_by()
    for person_id, agency_id in enrolled.values_list("person", "agency"):
        found.setdefault(person_id, set()).update({agency_id} - {None})
    return found


def _meant(
    line: Line, named: Sequence[Known], studied: Collection[int], agencies: matching.Agencies
) -> Meant:
    written = set(agencies.by_key.get(matching.agency_key(line.agency), []))
    agreeing = [
        one
        for one in named
        if line.date_of_birth in (None, one.date_of_birth)
        and (not written or written & one.agencies)
    ]
    hits = [one for one in agreeing if one.pk in studied] or agreeing
    if len(hits) == 1:
        return Meant(hits[0].pk, namesakes=len(named) - 1)
    return Meant(possible=[one.pk for one in hits or named])
