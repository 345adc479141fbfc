from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs import sweeps
from jobs.models import Heartbeat
from jobs.tasks import sweep

NOW = timezone.now()

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, sweeps.Sweep]:
    """Sweeps of this test only."""
    own: dict[str, sweeps.Sweep] = {}
    monkeypatch.setattr(sweeps, "_sweeps", own)
    return own


def fail_in_the_database(at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")
    return 1


def test_a_sweep_that_fails_does_not_stop_the_others(registered: dict[str, sweeps.Sweep]) -> None:
    sweeps.register("a.fails", fail_in_the_database)
    sweeps.register("b.works", lambda at: 3)
    assert sweeps.run_all(at=NOW) == {"b.works": 3}
    failed, worked = Heartbeat.objects.order_by("name")
    assert (failed.name, failed.finished) == ("a.fails", 0)
    assert "no_such_table" in failed.problem
    assert (worked.beat_at, worked.finished, worked.problem) == (NOW, 3, "")


def test_a_sweep_is_told_the_time(registered: dict[str, sweeps.Sweep]) -> None:
    told: list[datetime] = []
    sweeps.register("one", lambda at: len(told.append(at) or []))
    sweeps.run_all(at=NOW)
    assert told == [NOW]


def test_the_next_run_renews_the_heartbeat_and_forgets_the_problem(
    registered: dict[str, sweeps.Sweep],
) -> None:
    sweeps.register("one", fail_in_the_database)
    sweeps.run_all(at=NOW)
    sweeps.register("one", lambda at: 0)
    later = NOW + timedelta(seconds=15)
    sweeps.run_all(at=later)
    beat = Heartbeat.objects.get()
    assert (beat.beat_at, beat.problem) == (later, "")


def test_the_rooms_have_registered_what_a_lost_message_would_leave_undone() -> None:
    assert sweeps.names() == [
        "certificates.confirmations",
        "certificates.unfinished",
        "courses.digests",
        "courses.reminders",
        "courses.requests",
        "courses.unsettled_runs",
        "jobs.mails",
        "jobs.old_mails",
        "jobs.work",
        "quizzes.deadlines",
        "quizzes.overdue_attempts",
    ]


def test_the_periodic_task_runs_every_registered_sweep() -> None:
    sweep()
    assert sorted(Heartbeat.objects.values_list("name", flat=True)) == sweeps.names()
    assert not Heartbeat.objects.exclude(problem="").exists()
