"""The look-up is limited per address, so that nobody walks through the numbers."""

from typing import Any

from django.http import HttpRequest
from rest_framework.throttling import AnonRateThrottle

from jobs.throttling import exceeds


class LookUpThrottle(AnonRateThrottle):
    """Counts log-ins too: the look-up is public, and one address is one asker."""

    scope = "look_up"

    def get_cache_key(self, request: Any, view: object) -> str | None:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def too_many(request: HttpRequest) -> bool:
    """Whether this address has asked too often (setting ``LOOK_UP_RATE``)."""
    return exceeds(LookUpThrottle(), request)
