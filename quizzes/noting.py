"""Noting in the trail what people did to attempts; saving notes by itself what devices sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max

from quizzes.models import AttemptEvent

MICROSECOND = timedelta(microseconds=1)


def note(details: Mapping[int, Any], *, kind: AttemptEvent.Kind, at: datetime) -> None:
    """Keep an event of this kind with its detail for each attempt, by the attempt's key.

    The caller holds the attempts' locks. What comes at the moment of another of its kind is noted
    just after it, so that neither is lost. Two statements.
    """
    noted = AttemptEvent.objects.filter(attempt__in=list(details), kind=kind, noted_at__gte=at)
    last = dict(noted.values_list("attempt").annotate(last=Max("noted_at")))
    AttemptEvent.objects.bulk_create(
        AttemptEvent(
            attempt_id=key,
            noted_at=last[key] + MICROSECOND if key in last else at,
            kind=kind,
            detail=detail,
        )
        for key, detail in details.items()
    )
