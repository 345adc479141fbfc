"""Caches for tests: what one has throttled or cached is not known to the next."""

import uuid
from typing import Any

from django.conf import settings


def cache_of_its_own() -> dict[str, Any]:
    """CACHES with keys that nobody else has."""
    shared = settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}
    return settings.CACHES | {"default": shared}
