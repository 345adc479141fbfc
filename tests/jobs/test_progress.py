"""Long work: batches add up, a fault stops it for a person to see, a lost worker stops nothing."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import progress
from jobs.models import Progress
from jobs.tasks import carry_on_work
from tests.together import together

NOW = timezone.now()
KIND = "tests.counting"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, progress.Batch]:
    own: dict[str, progress.Batch] = {KIND: ten_at_a_time}
    monkeypatch.setattr(progress, "_batches", own)
    return own


def ten_at_a_time(work: Progress, at: datetime) -> int:
    return min(10, work.total - work.done)


def test_batches_are_done_until_nothing_is_left() -> None:
    work = progress.begin(kind=KIND, total=25, at=NOW)
    later = NOW + timedelta(seconds=1)
    seen = []
    while progress.carry_on(progress_id=work.pk, at=later):
        work.refresh_from_db()
        seen.append((work.done, work.percent, work.is_going))
    work.refresh_from_db()
    assert seen == [(10, 40, True), (20, 80, True), (25, 100, True)]
    assert (work.state, work.finished_at) == (Progress.State.FINISHED, later)


def test_the_task_carries_on_to_the_end_and_may_come_twice_or_for_nothing() -> None:
    work = progress.begin(kind=KIND, total=25, at=NOW)
    carry_on_work(work.pk)
    carry_on_work(work.pk)
    carry_on_work(work.pk + 1)
    work.refresh_from_db()
    assert (work.done, work.state) == (25, Progress.State.FINISHED)


def test_a_batch_that_fails_leaves_nothing_and_stops_after_three_times(
    registered: dict[str, progress.Batch],
) -> None:
    def fails(work: Progress, at: datetime) -> int:
        Progress.objects.create(kind="half", total=1, started_at=at, moved_at=at)
        raise RuntimeError("the disk is full")

    registered[KIND] = fails
    work = progress.begin(kind=KIND, total=25, at=NOW)
    assert progress.carry_on(progress_id=work.pk, at=NOW)
    carry_on_work(work.pk)
    work.refresh_from_db()
    assert (work.state, work.failures, work.done) == (Progress.State.FAILED, 3, 0)
    assert "the disk is full" in work.problem
    assert not Progress.objects.filter(kind="half").exists()

    registered[KIND] = ten_at_a_time
    progress.try_again(progress_id=work.pk, at=NOW)
    carry_on_work(work.pk)
    work.refresh_from_db()
    assert (work.state, work.problem) == (Progress.State.FINISHED, "")


def test_the_sweep_goes_on_with_what_stands_still_only() -> None:
    lost = progress.begin(kind=KIND, total=25, at=NOW - timedelta(minutes=1))
    fresh = progress.begin(kind=KIND, total=25, at=NOW)
    assert progress.go_on_where_it_stands_still(NOW) == 1
    lost.refresh_from_db()
    fresh.refresh_from_db()
    assert (lost.done, fresh.done) == (10, 0)


def test_work_that_is_rolled_back_was_never_begun() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        progress.begin(kind=KIND, total=1, at=NOW)
        raise RuntimeError
    assert not Progress.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_turns() -> None:
    work = progress.begin(kind=KIND, total=100, at=NOW)
    answers = together([lambda: carry_on_work(work.pk)] * 2)
    work.refresh_from_db()
    assert answers == [None, None]
    assert (work.done, work.state) == (100, Progress.State.FINISHED)
