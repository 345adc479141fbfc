"""Health of background work, for ``/health/``."""

import dataclasses
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable

from jobs.models import Heartbeat


@dataclasses.dataclass
class WorkerHeartbeat(HealthCheck):
    """Fails when no sweep has run for three intervals: the worker or its beat is down."""

    def run(self) -> None:
        # Checks run in threads that end with the request: an open connection would never come back.
        with connection.temporary_connection():
            beats = Heartbeat.objects.order_by("-beat_at").values_list("beat_at", flat=True)
            last = beats.first()
        limit = timedelta(seconds=3 * settings.SWEEP_SECONDS)
        if last is None or timezone.now() - last > limit:
            raise ServiceUnavailable("No sweep has run lately: is a worker running?")
