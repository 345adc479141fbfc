"""``python -m drill.issuing``: many certificates issued while everything breaks around them.

See ``docs/drill.md``. Without the cuts it measures how long they take.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from bench import rows
from bench.rows import Row
from drill.ground import Ground, own_servers
from drill.servers import CannotRun, Server
from drill.serving import ROOT, KeptUp, beat_command, worker_command

if TYPE_CHECKING:
    from drill.registered import Registered

CERTIFICATES, FOR_MEMORY = 1640, 10_000
PROCESSES = 2
SECONDS = 1800
# Each look costs the database a few milliseconds.
LOOKS_EVERY = 0.2  # seconds


@dataclass(frozen=True)
class Issued:
    """``seconds`` from the first to the last; ``early`` and ``late`` are the bytes that the worker
    and its children held after a fifth and at the end; ``fell`` of the ``planned`` blows came."""

    seconds: float
    early: int
    late: int
    planned: int
    fell: int
    kills: int


def main() -> int:
    wanted = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {line}", flush=True)

    try:
        with own_servers(wanted.folder.resolve()) as ground:
            say("Servers are up; teaching the demo's courses…")
            return _rehearse(wanted, ground, say)
    except CannotRun as reason:
        print(f"The drill cannot run: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing is kept.")
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drill.issuing", description=__doc__)
    parser.add_argument("--certificates", type=int, default=CERTIFICATES)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "drill", help="is emptied")
    parser.add_argument("--no-cuts", action="store_true", help="only measure")
    return parser.parse_args()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _rehearse(wanted: argparse.Namespace, ground: Ground, say: Callable[[str], None]) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from demo import playing
    from drill import breaking, registered

    call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
    playing.prepare(at=timezone.now(), report=lambda _line: None)
    say(f"Asking for {wanted.certificates} certificates…")
    asked = _ask(wanted.certificates)
    say("They are asked for; the worker starts.")
    with _working(ground) as worker:
        blows = [] if wanted.no_cuts else breaking.blows(ground, worker)
        killer = None if wanted.no_cuts else breaking.Killer(worker)
        issued = _until_filed(asked, worker, blows, killer, say)
    say("Looking at each…")
    found = registered.look(asked)
    if found.problem:
        say(found.problem)
    measured = list(_rows(wanted, issued, found))
    print(rows.table(measured))
    if wanted.certificates in (CERTIFICATES, FOR_MEMORY):
        rows.merge(measured, file=ROOT / "var" / "bench.json")
    return 1 if any(row.ok is False for row in measured) else 0


def _ask(count: int) -> list[int]:
    """So many people complete the course, and their certificates are asked for, with their hints.

    That they have completed is written as rows: how they learn is rehearsed elsewhere.
    """
    from django.utils import timezone

    from certificates.issue import issuing
    from certificates.models import IssuingRule
    from courses.models import Enrolment
    from drill import town
    from quizzes.models import Quiz

    quiz = Quiz.objects.get(assessment__course__code=town.COURSE)
    enrolled = town.enrol(count, town.open_today(quiz))
    now = timezone.now()
    of_these = Enrolment.objects.filter(pk__in=[one.pk for one in enrolled])
    of_these.update(participated_at=now, completed_at=now)
    IssuingRule.objects.filter(course=quiz.assessment.course).update(expected_per_day=None)
    asked = []
    for enrolment in of_these.select_related("run"):
        certificate = issuing.request_certificate(enrolment=enrolment, at=now)
        assert certificate
        asked.append(certificate.pk)
    return asked


@contextmanager
def _working(ground: Ground) -> Iterator[KeptUp]:
    """A worker with processes of its own, kept up, and beat."""
    worker = KeptUp(worker_command(pool="prefork", size=PROCESSES), ground.folder / "worker.log")
    beat = Server(
        [*beat_command(), "--schedule", str(ground.folder / "beat")], ground.folder / "beat.log"
    )
    try:
        worker.start()
        beat.start()
        yield worker
    finally:
        beat.stop()
        worker.stop()


def _until_filed(
    asked: Sequence[int],
    worker: KeptUp,
    blows: Sequence[Any],
    killer: Any,
    say: Callable[[str], None],
) -> Issued:
    """Let the blows fall, each at its share, until all are filed or too much time has passed."""
    from drill import breaking

    left, early, began, count = list(blows), 0, 0.0, 0
    limit = time.monotonic() + SECONDS
    while count < len(asked) and time.monotonic() < limit:
        time.sleep(LOOKS_EVERY)
        count = _filed(asked)
        if count and not began:
            began = time.monotonic()
            if killer:
                killer.start()
        if not early and count >= len(asked) / 5:
            early = breaking.held(worker)
        while left and count >= left[0].share * len(asked):
            blow = left.pop(0)
            say(f"{count} are filed: {blow.name}")
            blow.act()
    ended, late = time.monotonic(), breaking.held(worker)
    if killer and began:
        killer.stop()
    say(f"{count} of {len(asked)} are filed.")
    return Issued(
        seconds=ended - began,
        early=early,
        late=late,
        planned=len(blows),
        fell=len(blows) - len(left),
        kills=killer.kills if killer else 0,
    )


def _filed(asked: Sequence[int]) -> int:
    """How many are filed; 0 while the database is away."""
    from django.db import OperationalError, connection

    from certificates.models import Certificate

    wrapper: Any = connection
    try:
        found = Certificate.objects.filter(pk__gte=min(asked), pk__lte=max(asked))
        return found.filter(state=Certificate.State.FILED).count()
    except OperationalError:
        connection.close()
        wrapper.close_pool()
        return 0


def _rows(wanted: argparse.Namespace, issued: Issued, found: "Registered") -> Iterator[Row]:
    count = wanted.certificates
    how = f"{count} certificates, {issued.seconds:.0f} s, worker of {PROCESSES} processes"
    if not wanted.no_cuts:
        how += f"; {issued.kills} children killed, {issued.fell} of {issued.planned} blows"
        yield Row("certificate.drill_wall", issued.seconds, "s", how)
        unseen = issued.planned - issued.fell + (issued.kills == 0)
        yield Row("certificate.drill_unseen", unseen, "blows", "planned, and never fell", 0)
    elif count == CERTIFICATES:
        how += ", numbers, register and signed files, PostgreSQL and RabbitMQ on the same cores"
        yield Row("certificate.1640", issued.seconds, "s", how, target=60)
    if count == FOR_MEMORY and wanted.no_cuts:
        how = f"memory of the worker at the end against {issued.early >> 20} MiB after a fifth"
        yield Row("certificate.memory", issued.late / issued.early, "times", how, target=1.1)
    name = "certificate.drill" if not wanted.no_cuts else f"certificate.{count}"
    for what, value, words in (
        ("missing", found.missing, "not issued or not filed"),
        ("doubled", found.doubled, "entered or filed twice"),
        ("gaps", found.gaps, "numbers never given"),
        ("invalid", found.invalid, "files whose signature does not hold"),
        ("broken", int(bool(found.problem)), found.problem or "chain, numbers, heads, files"),
    ):
        yield Row(f"{name}_{what}", value, "", words, 0)


if __name__ == "__main__":
    sys.exit(main())
