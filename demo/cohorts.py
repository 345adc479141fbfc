"""The people of the programme: invented, the same in each play, and brought by lists."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from agencies.models import Agency
from courses.lists import working
from courses.lists.matching import agency_key
from courses.lists.receiving import receive_lines
from courses.lists.resolving import CREATE, create_unknown, pick_agencies, resolve_rows
from courses.models import CourseRun, EnrolmentListRow
from demo.names import invent

# Officials of 2020: between 24 and 58 years old.
BORN_FROM = 1962
HEADER = ("Họ và tên", "Ngày sinh", "Cơ quan", "Chức vụ")


@dataclass(frozen=True)
class Official:
    """Somebody on a list of learners."""

    full_name: str
    date_of_birth: date
    agency: Agency
    position: str


def officials(*, name: str, agencies: Sequence[Agency], count: int) -> list[Official]:
    """``count`` people of these agencies, in turn; no two of an agency have the same name."""
    rng = random.Random(name)  # noqa: S311  (the same people each time)
    found: dict[tuple[str, int], Official] = {}
    while len(found) < count:
        invented = invent(rng, born_from=BORN_FROM)
        agency = agencies[len(found) % len(agencies)]
        official = Official(invented.full_name, invented.date_of_birth, agency, invented.position)
        found.setdefault((official.full_name, agency.pk), official)
    return list(found.values())


def enrol_by_list(*, run: CourseRun, people: Sequence[Official], by: Any, at: datetime) -> None:
    """Enrol these people by a pasted list; who is on no file is created."""
    rows = [
        (one.full_name, f"{one.date_of_birth:%d/%m/%Y}", one.agency.name, one.position)
        for one in people
    ]
    text = "\n".join("\t".join(row) for row in [HEADER, *rows])
    # One transaction: no worker, whose clock is today's, works off a part of it.
    with transaction.atomic():
        received = receive_lines(run_id=run.pk, text=text, by=by, at=at)
        picked = {agency_key(one.agency.name): one.agency.pk for one in people}
        pick_agencies(list_id=received.pk, picked=picked)
        create_unknown(list_id=received.pk)
        # Whoever bears the name of somebody on file is another person: no two were invented.
        unresolved = received.rows.filter(state__in=EnrolmentListRow.UNRESOLVED)
        resolve_rows(
            list_id=received.pk,
            decisions=dict.fromkeys(unresolved.values_list("pk", flat=True), CREATE),
            by=by,
        )
        working.start_list(list_id=received.pk, by=by, at=at)
        while working.carry_on(list_id=received.pk, at=at):
            pass
