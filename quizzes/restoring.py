"""Restoring time: answers that came too late are made to count, by a person, for a reason."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from courses.models import Enrolment
from quizzes import attempts, marking, noting, regrading
from quizzes.models import Answer, Attempt, AttemptEvent, LateAnswer
from quizzes.saving import in_ranges


class RestoringRefused(Exception):
    """Carries the reason, in words for the staff."""


def uncounted() -> QuerySet[LateAnswer]:
    """Late answers that are newer than what is held for their question."""
    held = Answer.objects.filter(
        attempt=OuterRef("attempt_id"), slot=OuterRef("slot"), seq__gte=OuterRef("seq")
    )
    return LateAnswer.objects.exclude(Exists(held))


def received_at(attempt_id: int) -> list[datetime]:
    """When late answers came that do not count, in order; a batch is one time."""
    times = uncounted().filter(attempt=attempt_id).order_by("received_at")
    return list(times.values_list("received_at", flat=True).distinct())


def restore(
    *,
    attempt_id: int,
    by: Any,
    reason: str,
    at: datetime,
    received_until: datetime | None = None,
) -> list[int]:
    """Let the late answers received so far count and grade the attempt again.

    With ``received_until`` only those received by then: later ones may have been given after the
    right answers were shown.

    Returns the slots whose answers were taken over; empty where nothing is newer than what
    counts, and then nothing changes. What arrives later stays late. An attempt whose time is over
    is submitted first. Raises RestoringRefused, and Attempt.DoesNotExist where ``by`` does not
    see the attempt.
    """
    attempt = Attempt.objects.visible_to(by).defer("paper").get(pk=attempt_id)
    if not reason.strip():
        raise RestoringRefused(_("Say why."))
    if attempt.submitted_at is None:
        attempts.finish(attempt_id=attempt_id, at=at, overdue_only=True)
    with transaction.atomic():
        # Always the enrolment before the attempt, as everywhere: no two wait for each other.
        Enrolment.objects.select_for_update(of=("self",)).get(attempts=attempt_id)
        locked = Attempt.objects.select_for_update(of=("self",)).only("submitted_at")
        if locked.get(pk=attempt_id).submitted_at is None:
            raise RestoringRefused(
                _("The attempt still runs: give more time instead, and what is saved then counts.")
            )
        late = uncounted().filter(attempt=attempt_id)
        if received_until:
            late = late.filter(received_at__lte=received_until)
        slots = count(late).get(attempt_id)
        if slots is None:
            return []
        detail = {"by": by.pk, "reason": reason.strip(), "slots": in_ranges(slots)}
        # What markers said was of the answers that are replaced.
        if decided := marking.begin_again(attempt_id=attempt_id, slots=slots):
            detail["marked"] = decided
        noting.note({attempt_id: detail}, kind=AttemptEvent.Kind.TIME_RESTORED, at=at)
        regrading.regrade(attempt_id=attempt_id, at=at, by=by, reason=reason.strip())
        graded = Attempt.objects.select_related("quiz").get(pk=attempt_id)
        shares = dict(enumerate(graded.marks or [], start=1))
        if unmarked := [slot for slot in slots if shares[slot] is None]:
            marking.open_tasks(attempt=graded, slots=unmarked)
    return slots


def count(late: Iterable[LateAnswer]) -> dict[int, list[int]]:
    """Have these late answers take the place of what is held; by attempt the slots, ascending.

    The caller holds the locks of the attempts; the answers are among the ``uncounted``. The time
    of saving stays that of the receipt: it shows that the answer came late.
    """
    newest = {(one.attempt_id, one.slot): one for one in sorted(late, key=lambda one: one.seq)}
    Answer.objects.bulk_create(
        [
            Answer(
                attempt_id=one.attempt_id,
                slot=one.slot,
                seq=one.seq,
                response=one.response,
                saved_at=one.received_at,
            )
            for one in newest.values()
        ],
        update_conflicts=True,
        unique_fields=["attempt", "slot"],
        update_fields=["seq", "response", "saved_at"],
    )
    found: dict[int, list[int]] = defaultdict(list)
    for attempt_id, slot in sorted(newest):
        found[attempt_id].append(slot)
    return dict(found)
