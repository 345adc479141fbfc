"""Requests for a place: free seats go to those who wait; who asked can take it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from courses import seating
from courses.models import EnrolmentRequest

State = EnrolmentRequest.State
SHOWN_AFTER_CLOSING = timedelta(days=90)


def fill_seats(*, run_id: int, at: datetime) -> None:
    """Give free seats to those who wait; for whoever has changed the run's seats.

    Call it in the same transaction. Raises CourseRun.DoesNotExist.
    """
    with transaction.atomic():
        seating.fill(seating.locked(run_id), at=at)


def take_back(*, request_id: int, at: datetime, by: Any) -> EnrolmentRequest:
    """Take back a request that is not decided yet; a decided one stays as it is."""
    with transaction.atomic():
        found = EnrolmentRequest.objects.get(pk=request_id)
        seating.locked(found.run_id)
        EnrolmentRequest.objects.filter(pk=request_id, state__in=EnrolmentRequest.UNDECIDED).update(
            state=State.CANCELLED, decided_at=at, decided_by=by
        )
        found.refresh_from_db()
    return found


@dataclass(frozen=True)
class Line:
    """A request as the person who asked sees it; ``place`` is 0 unless it waits for a seat."""

    request: EnrolmentRequest
    place: int


def own_lines(*, person_id: int | None) -> list[Line]:
    """What the person asks for, and what was refused, the newest of each run; newest first.

    What was refused when its run closed stays for some time, for those who get no mail.
    """
    if person_id is None:
        return []
    shown = [*EnrolmentRequest.UNDECIDED, State.REFUSED]
    found: dict[int, EnrolmentRequest] = {}
    requests = EnrolmentRequest.objects.filter(person=person_id).select_related(
        "run__course", "agency"
    )
    for request in requests.order_by("-asked_at", "-pk"):
        found.setdefault(request.run_id, request)
    return [
        Line(request, seating.place_in_queue(request))
        for request in found.values()
        if request.state in shown and (request.is_open or _is_news(request))
    ]


def _is_news(request: EnrolmentRequest) -> bool:
    """Whether the person is still shown that the request was refused."""
    closed_at, decided_at = request.run.closed_at, request.decided_at
    if closed_at is None or decided_at is None:
        return request.run.is_going_on
    return decided_at >= closed_at and decided_at > timezone.now() - SHOWN_AFTER_CLOSING
