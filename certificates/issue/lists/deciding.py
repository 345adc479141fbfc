"""What an officer does with a list: says who is meant, leaves out, throws away, issues."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certificates.issue import batching
from certificates.issue.candidates import Candidate
from certificates.issue.lists import finding
from certificates.issue.lists.finding import Verdict
from certificates.models import IssueBatch, IssueList
from courses.lists.refusing import ListRefused
from jobs import progress

SKIP, AGAIN = "skip", "again"


def decide(*, list_id: int, decisions: Mapping[int, int | str], at: datetime) -> int:
    """Say of lines, by their numbers, whom each means (a possible person), ``SKIP`` or ``AGAIN``.

    How many were decided; what a line does not allow is passed over. Raises ListRefused.
    """
    rows = {row.line.number: row for row in finding.find(_get(list_id), at=at)}
    taken = {}
    for number, decision in decisions.items():
        row = rows.get(number)
        if row is None or row.verdict == Verdict.UNREADABLE:
            continue
        if decision in row.possible or decision in (SKIP, AGAIN):
            taken[str(number)] = decision
    with _open(list_id) as found:
        for key, decision in taken.items():
            found.decided.pop(key, None)
            if decision != AGAIN:
                found.decided[key] = None if decision == SKIP else decision
    return len(taken)


def leave_out_undecided(*, list_id: int, at: datetime) -> int:
    """Leave out every line that may mean several people; how many they are."""
    rows = finding.find(_get(list_id), at=at)
    numbers = [row.line.number for row in rows if row.verdict == Verdict.AMBIGUOUS]
    return decide(list_id=list_id, decisions=dict.fromkeys(numbers, SKIP), at=at)


def discard(*, list_id: int, at: datetime) -> None:
    """Throw a list away by which nothing was issued; it holds people's data, which go with it."""
    with _open(list_id) as found:
        found.lines, found.decided, found.discarded_at = [], {}, at


def fingerprint(ready: Sequence[Candidate]) -> str:
    """Of who would get certificates, as an officer has seen them."""
    keys = ",".join(one.key for one in ready)
    return hashlib.sha256(keys.encode()).hexdigest()


def issue(*, list_id: int, seen: str, by: Any, at: datetime) -> IssueBatch:
    """Have certificates issued for those who are ready, in one issue of many.

    A list by which that was done gives the issue that is there. ``seen`` is their fingerprint.
    Raises ListRefused while a line waits for a decision, where nobody is ready, and where others
    are by now.
    """
    kept = _get(list_id)
    if kept.batch:
        return kept.batch
    rows = finding.find(kept, at=at)
    if any(row.verdict == Verdict.AMBIGUOUS for row in rows):
        raise ListRefused(_("Some rows still wait for a decision."))
    ready = finding.ready(rows)
    if not ready:
        raise ListRefused(_("There is nobody in this list who could get a certificate."))
    if fingerprint(ready) != seen:
        raise ListRefused(_("Something was changed meanwhile. Please look at it again."))
    with transaction.atomic():
        found = IssueList.objects.select_for_update(of=("self",)).get(pk=list_id)
        if found.batch:
            return found.batch
        _refuse_discarded(found)
        if found.decided != kept.decided:
            raise ListRefused(_("Something was changed meanwhile. Please look at it again."))
        found.batch = batching.create(
            rule=kept.rule, enrolment_ids=[one.enrolment.pk for one in ready], by=by, at=at
        )
        found.save(update_fields=["batch"])
    progress.carry_on(progress_id=found.batch.work_id, at=at)
    return found.batch


def _get(list_id: int) -> IssueList:
    related = ("rule__course", "rule__register", "rule__template__published", "batch")
    return IssueList.objects.select_related(*related).get(pk=list_id)


def _refuse_discarded(found: IssueList) -> None:
    if found.discarded_at:
        raise ListRefused(_("This list was thrown away."))


@contextmanager
def _open(list_id: int) -> Iterator[IssueList]:
    """The list's row for this transaction, while nothing was issued by it; what the caller
    changes is kept."""
    with transaction.atomic():
        found = IssueList.objects.select_for_update(of=("self",)).get(pk=list_id)
        _refuse_discarded(found)
        if found.batch_id:
            raise ListRefused(_("This list was begun already."))
        yield found
        found.save(update_fields=["lines", "decided", "discarded_at"])
