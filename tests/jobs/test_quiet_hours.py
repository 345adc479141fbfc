from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, given
from hypothesis import settings as playing
from hypothesis import strategies as st

from config.environment import hours_between
from jobs import quiet_hours

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = datetime(2020, 1, 1)  # noqa: DTZ001  (hypothesis adds the zone)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (at(20, 59, 59), False),
        (at(21), True),
        (at(0), True),
        (at(6, 29, 59), True),
        (at(6, 30), False),
    ],
)
def test_people_are_left_in_peace_over_night(settings: Any, moment: datetime, quiet: bool) -> None:
    settings.QUIET_HOURS = hours_between("21:00-06:30")
    assert quiet_hours.are_quiet(moment) is quiet


def test_there_may_be_no_quiet_hours(settings: Any) -> None:
    settings.QUIET_HOURS = hours_between("")
    assert not quiet_hours.are_quiet(at(3))
    assert quiet_hours.first_loud(at(3)) == at(3)


@pytest.mark.parametrize("text", ["21:00", "late-early", "25:00-06:00", "1-2-3"])
def test_hours_that_cannot_be_read_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        hours_between(text)


@given(st.times(), st.times(), st.datetimes(timezones=st.just(LOCAL), min_value=FIRST))
@playing(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_first_loud_moment_is_loud_and_less_than_a_day_away(
    settings: Any, first: time, last: time, moment: datetime
) -> None:
    settings.QUIET_HOURS = (first.replace(microsecond=0), last.replace(microsecond=0))
    loud = quiet_hours.first_loud(moment)
    assert not quiet_hours.are_quiet(loud)
    assert timedelta(0) <= loud - moment < timedelta(days=1)
    assert quiet_hours.are_quiet(moment) is (loud != moment)
