"""DRF's throttles for plain views, which have no API request and no API view to show them."""

from typing import Any

from rest_framework.throttling import BaseThrottle


def exceeds(throttle: BaseThrottle, request: Any) -> bool:
    """Count this request of Django; whether it is one too many."""
    no_view: Any = None
    return not throttle.allow_request(request, no_view)
