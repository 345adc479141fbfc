"""Sweeps: what a lost broker message left undone is found in the rows and finished.

A room registers a function in its ``AppConfig.ready``; one periodic task runs them all. Each has a
heartbeat row, so that a sweep that fails or stands still is seen.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from jobs.models import Heartbeat

Sweep = Callable[[datetime], int]
logger = logging.getLogger(__name__)
_sweeps: dict[str, Sweep] = {}


def register(name: str, sweep: Sweep) -> None:
    """Have ``sweep(at)`` run periodically; it returns how many rows it finished."""
    _sweeps[name] = sweep


def names() -> list[str]:
    return sorted(_sweeps)


def run_all(*, at: datetime) -> dict[str, int]:
    """Run every sweep once; one that raises is logged and does not stop the others."""
    finished: dict[str, int] = {}
    for name in names():
        problem = ""
        try:
            finished[name] = _sweeps[name](at)
        except Exception as error:  # the next sweep must run whatever this one met
            logger.exception("sweep %s failed", name)
            problem = repr(error)
        Heartbeat.objects.update_or_create(
            name=name,
            defaults={"beat_at": at, "finished": finished.get(name, 0), "problem": problem},
        )
    return finished
