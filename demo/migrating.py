"""Bringing the database up to date, with a word now and then."""

import io
from collections.abc import Callable

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

Report = Callable[[str], None]


def migrate(report: Report, *, again: bool = False) -> bool:
    """Run what migrations are missing, or ``again`` what follows them; whether anything ran."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan and not again:
        return False
    call_command(
        "migrate", interactive=False, skip_checks=True, stdout=_Counting(len(plan), report)
    )
    return True


class _Counting(io.TextIOBase):
    """Takes the command's output and says how far it is."""

    def __init__(self, total: int, report: Report) -> None:
        self.total, self.done, self.report = total, 0, report

    def write(self, text: str) -> int:
        if "Applying" in text:
            self.done += 1
            if self.done % 50 == 0:
                self.report(f"{self.done} of {self.total} steps of the database")
        return len(text)
