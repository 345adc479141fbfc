"""Limits per person, not per address: a whole ward office shares one."""

import time
from functools import lru_cache

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from jobs.counting import count
from people.sessions import person_id

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds_to_wait(*, person_id: int, scope: str, now: float) -> float | None:
    """Count a request of this person; how long to wait if it is one too many (``API_RATES``)."""
    most, seconds = _parsed(settings.API_RATES[scope])
    key = f"api:{scope}:{person_id}"
    if count(key, seconds=seconds, now=now, free=most // 8) <= most:
        return None
    return seconds - now % seconds


@lru_cache
def _parsed(rate: str) -> tuple[int, int]:
    """``120/min`` as (120, 60)."""
    number, period = rate.split("/")
    return int(number), _SECONDS[period[0]]


class PersonThrottle(BaseThrottle):
    """By the view's ``throttle_scope``. An account without a person has nothing to ask here."""

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        person = person_id(request)
        if person is not None:
            scope = str(getattr(view, "throttle_scope", "read"))
            self._wait = seconds_to_wait(person_id=person, scope=scope, now=time.time())
        return self._wait is None

    def wait(self) -> float | None:
        return self._wait
