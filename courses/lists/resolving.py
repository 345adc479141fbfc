"""What a person decides about the rows of a list before it is worked off."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from courses.lists import matching
from courses.lists.refusing import ListRefused
from courses.models import EnrolmentList, EnrolmentListRow
from people.models import Person

State = EnrolmentListRow.State
CREATE, SKIP, AGAIN = "create", "skip", "again"
_CHANGED = ("state", "person", "agency", "candidates", "note", "decided")


def resolve_rows(*, list_id: int, decisions: Mapping[int, int | str], by: Any) -> int:
    """Take these decisions: of each row the key of a candidate, ``CREATE``, ``SKIP`` or ``AGAIN``.

    How many rows changed; what a row does not allow is passed over. Raises ListRefused once the
    list is under way.
    """
    with _open_list(list_id) as found:
        rows = list(found.rows.filter(pk__in=decisions))
        seen = _visible({key for row in rows for key in row.candidates}, by)
        changed = [row for row in rows if _take(row, decisions[row.pk], found, seen)]
        EnrolmentListRow.objects.bulk_update(changed, _CHANGED, batch_size=500)
        if AGAIN in decisions.values():
            _match_again(found)
    return len(changed)


def create_unknown(*, list_id: int) -> int:
    """Have every unknown person of a known agency created; how many they are."""
    with _open_list(list_id) as found:
        return found.rows.filter(state=State.UNKNOWN, agency__isnull=False).update(
            state=State.NEW, decided=True
        )


def skip_unresolved(*, list_id: int) -> int:
    """Leave out every row about which nothing is decided; how many they are."""
    with _open_list(list_id) as found:
        return found.rows.filter(state__in=EnrolmentListRow.UNRESOLVED).update(
            state=State.SKIPPED, decided=True
        )


def pick_agencies(*, list_id: int, picked: Mapping[str, int]) -> int:
    """Say which agencies are meant by these names, for all rows that name them.

    ``picked`` maps an ``agency_key`` to an agency. How many rows are meant. Raises ListRefused.
    """
    with _open_list(list_id) as found:
        scope = _scope(found)
        allowed = Agency.objects.filter(pk__in=scope) if scope else Agency.objects.all()
        known = set(allowed.filter(pk__in=picked.values()).values_list("pk", flat=True))
        meant = 0
        for key, agency_id in picked.items():
            if agency_id in known:
                named = found.rows.filter(agency_key=key, agency__isnull=True)
                meant += named.filter(state__in=(State.NO_AGENCY, State.DUPLICATE)).update(
                    agency=agency_id
                )
        if meant:
            _match_again(found)
    return meant


def discard_list(*, list_id: int) -> None:
    """Throw a list away that nobody has begun; its rows hold people's data and go with it."""
    with _open_list(list_id) as found:
        found.rows.all().delete()
        found.state = EnrolmentList.State.DISCARDED
        found.save(update_fields=["state"])


@contextmanager
def _open_list(list_id: int) -> Iterator[EnrolmentList]:
    """The list's row for this transaction."""
    with transaction.atomic():
        found = (
            EnrolmentList.objects.select_for_update(of=("self",))
            .select_related("run")
            .get(pk=list_id)
        )
        if found.state != EnrolmentList.State.OPEN:
            raise ListRefused(_("This list was begun already."))
        yield found


def _scope(found: EnrolmentList) -> list[int]:
    return list(found.agencies.values_list("pk", flat=True))


def _visible(person_ids: Collection[int], by: Any) -> set[int]:
    seen = Person.objects.visible_to(by).filter(pk__in=person_ids)
    return set(seen.values_list("pk", flat=True))


def _take(row: EnrolmentListRow, decision: int | str, found: EnrolmentList, seen: set[int]) -> bool:
    if row.state in (State.UNREADABLE, State.FOREIGN, State.SITTING):
        return False
    if decision == SKIP:
        row.state, row.decided = State.SKIPPED, True
        return True
    if decision == AGAIN:
        row.state, row.person, row.decided = State.UNKNOWN, None, False
        return found.source != EnrolmentList.Source.SERVING
    if decision == CREATE:
        # Whom the user may not see, and who may be this person, is not created a second time.
        if not row.agency_id or row.person_id or not seen.issuperset(row.candidates):
            return False
        row.state, row.decided = State.NEW, True
        return True
    if decision in row.candidates and decision in seen:
        row.state, row.person_id, row.decided = State.READY, int(decision), True
        return True
    return False


def _match_again(found: EnrolmentList) -> None:
    rows = list(found.rows.order_by("number"))
    before = {row.pk: _standing(row) for row in rows}
    day = timezone.localdate(found.received_at)
    matching.match(rows, run=found.run, scope=_scope(found), on=day)
    changed = [row for row in rows if _standing(row) != before[row.pk]]
    EnrolmentListRow.objects.bulk_update(changed, _CHANGED, batch_size=500)


def _standing(row: EnrolmentListRow) -> tuple[Any, ...]:
    return (row.state, row.person_id, row.agency_id, row.candidates, row.note, row.decided)
