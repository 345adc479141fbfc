"""The database as migrations leave it: to undo what a test committed, and to copy it.

Django's flush would empty the tables, against their triggers, and take Wagtail's first pages, the
roles and their permissions with it. Taking back the whole database is simpler and faster.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

from django.db import connection, connections
from django.test import TransactionTestCase

_numbers = count(1)


@dataclass(frozen=True)
class Pristine:
    """A copy of the migrated test database: a file on SQLite, a database on PostgreSQL."""

    name: str
    used: str

    @classmethod
    def keep(cls) -> Self:
        """Copy the test database as it is now."""
        used = str(connection.settings_dict["NAME"])
        kept = cls(name=f"{used}_pristine", used=used)
        _replace(kept.name, by=used)
        return kept

    def replace_flush(self) -> None:
        """Have Django restore where it would flush after a test that commits."""

        def teardown(_case: TransactionTestCase) -> None:
            self.restore()

        TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]

    def restore(self) -> None:
        """Have the test database again as it was kept."""
        _replace(self.used, by=self.name)

    def copy(self) -> str:
        """A new database for processes of their own; returns its name, see `url`."""
        name = f"{self.name}_{next(_numbers)}"
        _replace(name, by=self.name)
        return name

    def url(self, name: str) -> str:
        """The DATABASE_URL of a copy."""
        if connection.vendor == "sqlite":
            return f"sqlite:///{name}"
        at = connection.settings_dict
        login = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
        return f"postgres://{login}@{at['HOST']}:{at['PORT'] or 5432}/{name}"

    def drop(self, name: str) -> None:
        """Remove a copy, whoever is still connected to it."""
        _drop(name)


def _replace(name: str, *, by: str) -> None:
    for one in connections.all(initialized_only=True):
        one.close()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(by)) as source, closing(sqlite3.connect(name)) as target:
            source.backup(target)
        return
    _drop(name)
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{by}"')


def _drop(name: str) -> None:
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(f"{name}{end}").unlink(missing_ok=True)
    else:
        _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    wrapper: Any = connection
    wrapper.close_pool()
    with wrapper._nodb_cursor() as cursor:
        cursor.execute(statement)
