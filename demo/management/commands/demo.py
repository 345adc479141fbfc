"""``DEMO=1 manage.py demo`` fills the database; with ``--full`` also with all of Đề án 1439."""

import time
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo import historical, plan, playing
from demo.migrating import migrate

# Without a terminal a line is written this often, in seconds.
LINE = 10


class Command(BaseCommand):
    help = "Play the demo into the database; with --full the whole programme of 2020-2021."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--full",
            action="store_true",
            help="5,317 turns and 1,640 certified persons, until every certificate is filed",
        )

        parser.add_argument(
            "--plan", metavar="FILE", help="with --full: another plan (YAML) than that of 2020-2021"
        )

    def handle(self, *args: Any, full: bool, **options: Any) -> None:
        migrate(self._line)
        if full:
            self._play_programme(options["plan"])
        playing.play(at=timezone.now(), report=self._line)
        self._line("The demo is played.")

    def _play_programme(self, file: str | None) -> None:
        described = yaml.safe_load(Path(file).read_text(encoding="utf-8")) if file else None
        bar = _Bar(self)
        try:
            historical.play(plan=plan.load(described), progress=bar.show)
        except historical.NotFiled as left:
            raise CommandError(str(left)) from left
        finally:
            bar.end()

    def _line(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class _Bar:
    """A bar that is drawn anew on a terminal; elsewhere a line now and then."""

    def __init__(self, command: Command) -> None:
        self.command, self.drawn, self.what = command, 0.0, ""

    def show(self, what: str, done: int, total: int) -> None:
        terminal = self.command.stdout.isatty()
        now = time.monotonic()
        due = now - self.drawn >= (0.1 if terminal else LINE)
        if what == self.what and not due and done != total:
            return
        if terminal and self.what not in ("", what):
            self.command.stdout.write("")
        self.drawn, self.what = now, what
        line = f"{what}: {done} of {total}" if total else what
        if terminal and total:
            filled = 30 * done // total
            line = f"\r\033[K[{'█' * filled}{'·' * (30 - filled)}] {line}"
        self.command.stdout.write(line, ending="" if terminal and total else "\n")
        self.command.stdout.flush()

    def end(self) -> None:
        if self.command.stdout.isatty():
            self.command.stdout.write("")
