"""The hours in which people get no mail: ``QUIET_HOURS``, in local time."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone


def _hours() -> tuple[time, time] | None:
    hours: tuple[time, time] | None = settings.QUIET_HOURS
    return hours


def are_quiet(at: datetime) -> bool:
    """Whether that moment lies in the quiet hours; their last minute is not quiet any more."""
    hours = _hours()
    if hours is None:
        return False
    first, last = hours
    now = timezone.localtime(at).time()
    return first <= now < last if first <= last else now >= first or now < last


def first_loud(at: datetime) -> datetime:
    """That moment, or the end of the quiet hours in which it lies."""
    hours = _hours()
    if hours is None or not are_quiet(at):
        return at
    local = timezone.localtime(at)
    end = local.replace(
        hour=hours[1].hour, minute=hours[1].minute, second=hours[1].second, microsecond=0
    )
    return end if end > local else end + timedelta(days=1)
