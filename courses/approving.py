"""Approving and refusing requests: the focal point of the agency, or a DOST officer."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses import seating
from courses.enrolling import EnrolmentRefused
from courses.models import EnrolmentRequest

State = EnrolmentRequest.State


def approve(*, request_id: int, at: datetime, by: Any) -> EnrolmentRequest:
    """Let the person in, or into the queue at the place of the day on which it was asked.

    A request that is decided stays as it is. Raises EnrolmentRefused where the run takes nobody
    any more.
    """
    with transaction.atomic():
        request = _locked(request_id)
        if request.state != State.ASKED:
            return request
        if not seating.is_under_way(request.run, on=timezone.localdate(at)):
            raise EnrolmentRefused(_("This run is not open for enrolment."))
        _decide(request, State.WAITING, at=at, by=by)
        seating.fill(request.run, at=at)
        request.refresh_from_db(fields=["state", "decided_at"])
    return request


def refuse(*, request_id: int, at: datetime, by: Any, reason: str) -> EnrolmentRequest:
    """Refuse a request that is not decided yet, with a reason that the person reads.

    Raises EnrolmentRefused without one.
    """
    if not reason.strip():
        raise EnrolmentRefused(_("Give the reason: the person who asked reads it."))
    with transaction.atomic():
        request = _locked(request_id)
        if request.is_open:
            _decide(request, State.REFUSED, at=at, by=by, reason=reason.strip())
    return request


def _locked(request_id: int) -> EnrolmentRequest:
    run_id = EnrolmentRequest.objects.values_list("run", flat=True).get(pk=request_id)
    run = seating.locked(run_id)
    request = EnrolmentRequest.objects.select_related("person", "agency").get(pk=request_id)
    request.run = run
    return request


def _decide(
    request: EnrolmentRequest, state: State, *, at: datetime, by: Any, reason: str = ""
) -> None:
    request.state, request.decided_at, request.decided_by = state, at, by
    request.reason = reason
    request.save(update_fields=["state", "decided_at", "decided_by", "reason"])
