"""What the page of a list shows: figures, rows, what can be decided about each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from courses.lists import cells, counting
from courses.lists.resolving import AGAIN, CREATE, SKIP
from courses.models import EnrolmentList, EnrolmentListRow
from jobs.models import Progress
from people.models import Person
from people.telling_apart import told_apart
from vietnamese.text import fold

State = EnrolmentListRow.State
Outcome = EnrolmentListRow.Outcome
_DECIDED = (State.NEW, State.SKIPPED, State.READY)


def overview(found: EnrolmentList, *, at: datetime, user: Any) -> dict[str, Any]:
    """Context of the page apart from its rows.

    ``filters`` (label, state or outcome, number), ``unresolved``, ``wanted``, ``unknown`` (can be
    created at once), ``unrecognised`` agencies and the ``agencies`` to pick from, ``work``.
    """
    states = counting.by_state(found)
    looked_at = found.state == EnrolmentList.State.OPEN
    unrecognised = counting.unrecognised(found) if looked_at else []
    return {
        "filters": _filters(found, states),
        "rows_in_all": sum(states.values()),
        "unresolved": sum(states.get(state, 0) for state in EnrolmentListRow.UNRESOLVED),
        "wanted": sum(states.get(state, 0) for state in EnrolmentListRow.WANTED),
        "unknown": states.get(State.UNKNOWN, 0),
        "unrecognised": unrecognised,
        "agencies": _agencies(found) if unrecognised else [],
        "created": 0 if looked_at else counting.created(found),
        "looked_at": looked_at,
        "work": _work(found),
        "can_be_undone": found.can_be_undone(at=at),
        "undo_until": (found.finished_at + found.UNDO_WITHIN) if found.finished_at else None,
    }


def rows(
    found: EnrolmentList, *, state: str, outcome: str, words: str
) -> QuerySet[EnrolmentListRow]:
    """The rows in that state, with that outcome, whose name has the words."""
    shown = found.rows.select_related("agency", "person").order_by("number")
    if state in State.values:
        shown = shown.filter(state=state)
    if outcome in Outcome.values and outcome:
        shown = shown.filter(outcome=outcome)
    if wanted := fold(cells.text(words)):
        shown = shown.filter(name_key__contains=wanted)
    return shown


def offer_decisions(shown: Iterable[EnrolmentListRow], *, found: EnrolmentList, user: Any) -> None:
    """Give each row the ``choices`` that a person has: pairs of a value and its words."""
    listed: list[Any] = list(shown)  # with two more attributes for the page
    people = _candidates({key for row in listed for key in row.candidates}, user)
    for row in listed:
        is_open = found.state == EnrolmentList.State.OPEN
        row.choices = list(_choices(row, people)) if is_open else []
        row.hidden_candidates = any(key not in people for key in row.candidates)


def _choices(row: EnrolmentListRow, people: dict[int, str]) -> Iterable[tuple[str, str]]:
    undecided = row.state in EnrolmentListRow.UNRESOLVED
    if undecided:
        yield from ((str(key), people[key]) for key in row.candidates if key in people)
        seen = all(key in people for key in row.candidates)
        if row.agency_id and not row.person_id and seen:
            yield CREATE, _("Create a new person")
    if undecided or row.state == State.READY:
        yield SKIP, _("Leave out")
    if row.decided and row.state in _DECIDED and not _came_with_person(row):
        yield AGAIN, _("Decide anew")


def _came_with_person(row: EnrolmentListRow) -> bool:
    return row.state == State.READY and not row.candidates


def _candidates(person_ids: set[int], user: Any) -> dict[int, str]:
    """Those the user may see, with what tells them apart."""
    return told_apart(Person.objects.visible_to(user).filter(pk__in=person_ids))


def _filters(found: EnrolmentList, states: dict[str, int]) -> list[dict[str, Any]]:
    by_state = [
        {"label": state.label, "state": state.value, "number": states[state.value]}
        for state in State
        if states.get(state.value)
    ]
    if found.state == EnrolmentList.State.OPEN:
        return by_state
    outcomes = counting.by_outcome(found)
    return [
        {"label": outcome.label, "outcome": outcome.value, "number": outcomes[outcome.value]}
        for outcome in Outcome
        if outcome.value and outcomes.get(outcome.value)
    ] + [one for one in by_state if one["state"] not in EnrolmentListRow.WANTED]


def _agencies(found: EnrolmentList) -> list[Agency]:
    day = timezone.localdate(found.received_at)
    scope = list(found.agencies.values_list("pk", flat=True))
    valid = Agency.objects.valid(on=day).order_by("search_text")
    return list(valid.filter(pk__in=scope) if scope else valid)


def _work(found: EnrolmentList) -> Progress | None:
    return found.undoing or found.work
