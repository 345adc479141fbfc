"""Whom the rows of a list mean: found set-wise, by folded name, birth date and agency.

One hit is known. Several, or a hit of which one thing differs or is not given, are for a person to
decide; so is an agency whose name nobody knows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from agencies.models import Agency
from courses.models import CourseRun, EnrolmentListRow
from people.models import Person, Posting
from vietnamese.text import fold, sort_key

State = EnrolmentListRow.State
# What nobody has to match: it is not read, or of no concern to whoever brings the list.
_OUT_OF_IT = (State.UNREADABLE, State.SKIPPED)
_IN_FULL = {"ubnd": "uy ban nhan dan", "hdnd": "hoi dong nhan dan"}


def agency_key(text: str) -> str:
    """The form in which names of agencies are compared: folded, the usual short forms in full."""
    return " ".join(_IN_FULL.get(word, word) for word in fold(text).split())[:200]


@dataclass
class Known:
    """A person on file: where the person serves on the day of the list."""

    pk: int
    full_name: str
    date_of_birth: date | None
    agencies: set[int] = field(default_factory=set)


def people_named(name_keys: Collection[str], *, on: date) -> dict[str, list[Known]]:
    """Everybody who bears one of these folded names. Two statements."""
    found: defaultdict[str, list[Known]] = defaultdict(list)
    by_pk: dict[int, Known] = {}
    rows = Person.objects.filter(search_text__in=set(name_keys)).order_by("pk")
    columns = ("pk", "full_name", "search_text", "date_of_birth")
    for pk, full_name, key, born in rows.values_list(*columns):
        by_pk[pk] = Known(pk, full_name, born)
        found[key].append(by_pk[pk])
    serving = Posting.objects.filter(person__search_text__in=set(name_keys)).in_force(on=on)
    for person_id, agency_id in serving.order_by().values_list("person", "agency"):
        if person_id in by_pk:
            by_pk[person_id].agencies.add(agency_id)
    return found


class Agencies:
    """The agencies of a day by their names; ``scope`` are those whose people may be brought."""

    def __init__(self, *, on: date, scope: Collection[int]) -> None:
        self.scope = set(scope)
        self.by_key: defaultdict[str, list[int]] = defaultdict(list)
        valid = Agency.objects.valid(on=on).order_by("pk")
        for pk, text in valid.values_list("pk", "search_text"):
            self.by_key[agency_key(text)].append(pk)

    def find(self, row: EnrolmentListRow) -> None:
        """Set the row's agency; its state where that cannot be done."""
        if not row.agency_id:
            found = self.by_key.get(row.agency_key, [])
            own = [pk for pk in found if not self.scope or pk in self.scope]
            if not row.agency_key and len(self.scope) == 1:
                own = list(self.scope)
            row.agency_id = own[0] if len(own) == 1 else None
            if found and not own:
                row.state = State.FOREIGN
            elif not row.agency_id:
                row.state = State.NO_AGENCY
        elif self.scope and row.agency_id not in self.scope:
            row.state = State.FOREIGN


def match(
    rows: Sequence[EnrolmentListRow], *, run: CourseRun, scope: Collection[int], on: date
) -> None:
    """Say of every row that nobody has decided whom it means. About six statements, none writes.

    ``rows`` are all rows of the list, in their order, because some may be there twice.
    """
    open_rows = [row for row in rows if not row.decided and row.state not in _OUT_OF_IT]
    agencies = Agencies(on=on, scope=scope)
    named = people_named({row.name_key for row in open_rows}, on=on)
    for row in open_rows:
        if row.state == State.DUPLICATE:
            row.note = ""
        row.state, row.person_id, row.candidates = State.UNKNOWN, None, []
        agencies.find(row)
        if row.state != State.FOREIGN:
            _find_person(row, named.get(row.name_key, []), agencies.scope)
    _mark_repeated(rows)
    mark_sitting(rows, run)


def exact(row: EnrolmentListRow, named: Iterable[Known]) -> list[Known]:
    """Those of the same name, birth date and agency; nothing given is like nothing on file."""
    return [
        one
        for one in named
        if one.date_of_birth == row.date_of_birth
        and row.agency_id in one.agencies
        and _same_name(row, one.full_name)
    ]


def _same_name(row: EnrolmentListRow, full_name: str) -> bool:
    """Without a birth date Hoa is not Hòa; a name without any marks may be either.

    Hòa and Hoà are one name: where on a vowel the tone is written does not count.
    """
    if row.date_of_birth or row.full_name.isascii() or full_name.isascii():
        return True
    return sort_key(row.full_name) == sort_key(full_name)


def _find_person(row: EnrolmentListRow, named: list[Known], scope: set[int]) -> None:
    if scope and not row.agency_key and not row.agency_id:
        # Whether other agencies have such a person is not for whoever brings the list to learn.
        named = [one for one in named if one.agencies & scope]
    hits = exact(row, named)
    if not row.agency_id and row.date_of_birth and not row.agency_key:
        # No agency was written: name and birth date say enough if only one person has both.
        hits = [one for one in named if one.date_of_birth == row.date_of_birth]
    if not hits and not row.date_of_birth:
        hits = [
            one for one in named if row.agency_id in one.agencies and _same_name(row, one.full_name)
        ]
    possible = hits or [one for one in named if _may_be(row, one)]
    row.candidates = [one.pk for one in possible]
    if len(hits) == 1:
        row.state, row.person_id, row.candidates = State.READY, hits[0].pk, []
    elif possible and row.agency_id:
        row.state = State.AMBIGUOUS


def _may_be(row: EnrolmentListRow, one: Known) -> bool:
    """Of two things that tell namesakes apart, one agrees and the other does not contradict."""
    if row.date_of_birth and one.date_of_birth:
        return row.date_of_birth == one.date_of_birth
    return row.agency_id in one.agencies


def _mark_repeated(rows: Sequence[EnrolmentListRow]) -> None:
    seen: defaultdict[tuple[object, ...], list[EnrolmentListRow]] = defaultdict(list)
    for row in rows:
        if row.state in _OUT_OF_IT or row.state == State.FOREIGN:
            continue
        key = (
            (row.person_id,)
            if row.person_id
            else (row.name_key, row.date_of_birth, row.agency_id or row.agency_key)
        )
        same = (one for one in seen[key] if row.person_id or _same_name(row, one.full_name))
        first = next(same, None)
        if first is None:
            seen[key].append(row)
        elif not row.decided:
            row.state = State.DUPLICATE
            row.note = _("As row %(number)s") % {"number": first.number}


def mark_sitting(rows: Sequence[EnrolmentListRow], run: CourseRun) -> None:
    """Of the known people that nobody has decided about, mark those who are enrolled."""
    known = {row.person_id for row in rows if row.state == State.READY and not row.decided}
    sitting = set(
        run.enrolments.active().filter(person__in=known).values_list("person", flat=True)
        if known
        else []
    )
    for row in rows:
        if row.state == State.READY and row.person_id in sitting and not row.decided:
            row.state = State.SITTING
