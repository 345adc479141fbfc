"""The database as migrations leave it: to undo what a test committed, and to copy it.

Django's flush would empty the tables, against their triggers, and take Wagtail's first pages, the
roles and their permissions with it. Taking back the whole database is simpler and faster.
"""

from dataclasses import dataclass
from itertools import count
from typing import Self

from django.db import connection
from django.test import TransactionTestCase

from tests import databases

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
        databases.replace(kept.name, by=used)
        return kept

    def replace_flush(self) -> None:
        """Have Django restore where it would flush after a test that commits."""

        def teardown(_case: TransactionTestCase) -> None:
            self.restore()

        TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]

    def restore(self) -> None:
        """Have the test database again as it was kept."""
        databases.replace(self.used, by=self.name)

    def copy(self) -> str:
        """A new database for processes of their own; returns its name, see `url`."""
        name = f"{self.name}_{next(_numbers)}"
        databases.replace(name, by=self.name)
        return name

    def url(self, name: str) -> str:
        """The DATABASE_URL of a copy."""
        return databases.url(name)

    def drop(self, name: str) -> None:
        """Remove a copy, whoever is still connected to it."""
        databases.drop(name)
