"""The whole of Đề án 1439: played, and its certificates filed by a worker."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from certificates.models import Certificate
from demo import plan as plans
from demo.playing import prepare
from demo.processes import worker_command
from demo.programme import Programme
from demo.serving import stop
from jobs.models import Heartbeat
from jobs.tasks import sweep

# An idle worker sweeps within a second of being asked; one that was just stopped never.
ANSWERS_WITHIN = timedelta(seconds=5)
PATIENCE = timedelta(minutes=2)
LOOK = 0.5  # seconds between two looks


class NotFiled(Exception):
    """Certificates are left that nobody files; carries how many and what the rows say."""


Progress = Callable[[str, int, int], None]


def play(*, plan: plans.Plan, progress: Progress) -> None:
    """Play the plan and wait until every certificate is filed. Raises NotFiled.

    ``progress`` is told what is being done, how much of it is done, and of how much.
    """
    prepared = prepare(at=timezone.now(), report=lambda line: progress(line, 0, 0))
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress("People learn, are tested and come again", done, plan.studies)

    with a_worker():
        Programme(
            plan=plan,
            province=prepared.province,
            taught=prepared.taught,
            officer=prepared.officer,
            step=step,
        ).play()
        wait_until_filed(progress)


@contextmanager
def a_worker() -> Iterator[None]:
    """A worker for the time being, unless one beats when it is asked to."""
    if is_beating():
        yield
        return
    worker = subprocess.Popen(worker_command(), start_new_session=True)
    try:
        yield
    finally:
        stop([worker])


def is_beating() -> bool:
    """Whether a worker sweeps now. An old heartbeat says nothing: it may be stopped since."""
    asked_at = timezone.now()
    sweep.delay()
    while timezone.now() - asked_at < ANSWERS_WITHIN:
        if Heartbeat.objects.filter(beat_at__gte=asked_at).exists():
            return True
        time.sleep(LOOK)
    return False


def wait_until_filed(progress: Progress) -> None:
    """Return when no certificate is unfinished; NotFiled when none moves for ``PATIENCE``."""
    total = Certificate.objects.count()
    left, moved_at = total, timezone.now()
    while True:
        now_left = Certificate.objects.unfinished().count()
        progress("Certificates are filed", total - now_left, total)
        if now_left == 0:
            return
        if now_left != left:
            left, moved_at = now_left, timezone.now()
        if timezone.now() - moved_at > PATIENCE:
            problem = Certificate.objects.unfinished().exclude(problem="").first()
            raise NotFiled(
                f"{left} certificates are not filed: "
                f"{problem.problem if problem else 'no worker takes them'}"
            )
        time.sleep(LOOK)
