"""The look-up is limited per address, so that nobody walks through the numbers."""

from django.http import HttpRequest
from rest_framework.throttling import AnonRateThrottle


class LookUpThrottle(AnonRateThrottle):
    """Counts log-ins too: the look-up is public, and one address is one asker."""

    scope = "look_up"

    def get_cache_key(self, request: HttpRequest, view: object) -> str | None:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}  # type: ignore[arg-type]


def too_many(request: HttpRequest) -> bool:
    """Whether this address has asked too often (setting ``LOOK_UP_RATE``)."""
    return not LookUpThrottle().allow_request(request, view=None)  # type: ignore[arg-type]
