"""Guessing a code is limited per person: a million codes, twenty tries an hour."""

from django.http import HttpRequest
from rest_framework.throttling import UserRateThrottle

from jobs.throttling import exceeds


class CheckInThrottle(UserRateThrottle):
    """Counts right codes too: nobody needs twenty of them within an hour."""

    scope = "check_in"
    rate = "20/hour"


def too_many(request: HttpRequest) -> bool:
    """Whether this account has tried too often."""
    return exceeds(CheckInThrottle(), request)
