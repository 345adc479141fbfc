"""``python -m drill``: an exam day with servers of its own; see ``docs/drill.md``."""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from drill.ground import Ground, open_files, own_servers
from drill.servers import CannotRun
from drill.serving import ROOT, served

PEOPLE, MINUTES = 5111, 10
SECONDS_TO_GRADE = 300


def main() -> int:
    wanted = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:4.0f} s] {line}", flush=True)

    try:
        open_files()
        with own_servers(wanted.folder.resolve()) as ground:
            say("Servers are up; teaching the demo's courses and enrolling…")
            return _rehearse(wanted, ground, say)
    except CannotRun as reason:
        print(f"The drill cannot run: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing is kept.")
        return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drill", description=__doc__)
    parser.add_argument("--people", type=_at_least(10), default=PEOPLE)
    # The first minute is not measured.
    parser.add_argument("--minutes", type=_at_least(2), default=MINUTES, help="instead of 45")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "drill", help="is emptied")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--threads", type=int, default=4, help="threads of a web process")
    parser.add_argument("--no-cuts", action="store_true")
    return parser.parse_args()


def _at_least(least: int) -> Callable[[str], int]:
    def number(written: str) -> int:
        if (value := int(written)) < least:
            raise argparse.ArgumentTypeError(f"at least {least}")
        return value

    return number


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _rehearse(wanted: argparse.Namespace, ground: Ground, say: Callable[[str], None]) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.urls import reverse
    from django.utils import timezone

    from bench import rows
    from demo import playing
    from drill import checking, figures, town
    from drill.day import Cut, Day
    from quizzes.models import Attempt

    call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
    say("Tables are made.")
    call_command("collectstatic", interactive=False, verbosity=0)
    say("Files are collected.")
    playing.prepare(at=timezone.now(), report=lambda _line: None)
    say("Courses and quizzes are there.")
    quiz, learners = town.prepare(people=wanted.people + 1, minutes=wanted.minutes)
    learned = town.learned(quiz)
    questions = sum(section.count for section in quiz.sections.all())
    connection.close()
    cluster, told = ground.cluster, ground.told
    with served(told, logs=ground.folder, workers=wanted.workers, threads=wanted.threads) as web:
        cuts = [
            Cut("the database restarted fast", 0.3, lambda: cluster.restart(signal.SIGINT)),
            Cut("the web server killed", 0.45, web.kill),
            Cut("the database restarted at once", 0.6, lambda: cluster.restart(signal.SIGQUIT)),
        ]
        observer, *sitting = learners
        day = Day(
            port=int(told["PORT"]),
            minutes=wanted.minutes,
            learners=sitting,
            observer=observer,
            learned=learned,
            questions=questions,
            start_url=lambda enrolment: reverse("quizzes:start", args=[enrolment, quiz.pk]),
            cuts=[] if wanted.no_cuts else cuts,
        )
        say(f"The exam day begins: {len(sitting)} people, {questions} questions.")
        began = time.process_time()
        day.run()
        generator = time.process_time() - began
        say("Everybody has left; waiting for the sweep…")
        # The connections of before the restarts.
        wrapper: Any = connection
        wrapper.close_pool()
        waiting = time.monotonic()
        unfinished = Attempt.objects.filter(quiz=quiz).open()
        while unfinished.exists() and time.monotonic() < waiting + SECONDS_TO_GRADE:
            time.sleep(1)
        waited = time.monotonic() - waiting
        kills = sum(cut.act == web.kill for cut in day.cuts)
        if web.restarts != kills:
            day.journal.faults[f"the web server died {web.restarts} times, not {kills}"] += 1
        say(f"Graded; the web server was started again {web.restarts} times.")
    found = checking.look(day.journal, quiz)
    connection.close()
    print(*figures.by_kind(day), sep="\n")
    measured = list(figures.rows(day, found, waited=waited, generator=generator))
    print(rows.table(measured))
    if (wanted.people, wanted.minutes, wanted.no_cuts) == (PEOPLE, MINUTES, False):
        rows.merge(measured, file=ROOT / "var" / "bench.json")
    return 1 if any(row.ok is False for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
