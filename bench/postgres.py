"""A PostgreSQL server as a benchmark uses it: databases of its own, their size, its CPU."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench import cpu

_FOREIGN = """
SELECT pid FROM pg_stat_activity
WHERE datname IS NOT NULL AND datname <> %s AND pid <> pg_backend_pid()
"""
_FOREIGN_SESSIONS = """
SELECT coalesce(sum(sessions), 0) FROM pg_stat_database WHERE datname <> ALL(%s)
"""
_SIZE = """
SELECT coalesce(sum(
    pg_relation_size(t.oid) + pg_indexes_size(t.oid)
    + coalesce(pg_relation_size(nullif(t.reltoastrelid, 0))
               + pg_indexes_size(nullif(t.reltoastrelid, 0)), 0)
), 0)
FROM pg_class t WHERE t.relname = ANY(%s) AND t.relkind = 'r'
"""
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")


@dataclass(frozen=True)
class Used:
    """CPU seconds of the server at one moment, without those of other databases' connections.

    ``reaped`` are those of connections that have ended, whosever they were.
    """

    own: dict[int, float]
    reaped: float
    foreign: frozenset[int]
    foreign_sessions: int

    def until(self, later: "Used") -> float:
        """CPU seconds between the two moments."""
        if self.disturbed_until(later):
            return sum(seconds - self.own.get(pid, 0.0) for pid, seconds in later.own.items())
        return sum(later.own.values()) + later.reaped - sum(self.own.values()) - self.reaped

    def disturbed_until(self, later: "Used") -> bool:
        """Whether others came or went meanwhile: then no connection that ended is counted."""
        return later.foreign_sessions != self.foreign_sessions or later.foreign != self.foreign


@dataclass(frozen=True)
class Server:
    """``url`` leads to its database for maintenance."""

    url: str

    def address(self, database: str) -> str:
        """The DATABASE_URL of one of its databases."""
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def create(self, database: str, *, template: str = "template1") -> None:
        """Make the database anew, as a copy; nobody may be connected to the template."""
        self.drop(database)
        self._do("CREATE DATABASE {} TEMPLATE {}", database, template)

    def drop(self, database: str) -> None:
        """Remove the database, whoever is connected to it."""
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def databases(self, prefix: str) -> list[str]:
        """The names of its databases that begin so."""
        query: LiteralString = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        with psycopg.connect(self.url, autocommit=True) as connection:
            return [str(name) for (name,) in connection.execute(query, [prefix])]

    def has(self, database: str) -> bool:
        return database in self.databases(database)

    def size(self, database: str, tables: Sequence[str]) -> int:
        """Bytes of heap, out-of-line values and indexes of the tables, after a VACUUM."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            for table in tables:
                connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
            row = connection.execute(_SIZE, [list(tables)]).fetchone()
        assert row is not None
        return int(row[0])

    def settings(self) -> str:
        """What durability rests on, in a line; and the version."""
        names = ", ".join(
            f"{name} {self._ask('SELECT current_setting(%s)', name)}" for name in SETTINGS
        )
        return f"PostgreSQL {self._ask('SHOW server_version')}: {names}"

    def cpu(self, database: str) -> Used | None:
        """What the server has used for this database and for itself; None where it is elsewhere."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            backend = connection.info.backend_pid
            postmaster = cpu.processes().get(backend)
            if postmaster is None or not cpu.name(backend).startswith("postgres"):
                return None
            foreign = frozenset(pid for (pid,) in connection.execute(_FOREIGN, [database]))
            mine = [database, connection.info.dbname]
            row = connection.execute(_FOREIGN_SESSIONS, [mine]).fetchone()
            tree = cpu.tree(postmaster.parent)
        assert row is not None
        root = tree[postmaster.parent]
        return Used(
            own={pid: one.own for pid, one in tree.items() if pid not in foreign | {backend}},
            reaped=root.reaped,
            foreign=foreign,
            foreign_sessions=int(row[0]),
        )

    def _do(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _ask(self, query: LiteralString, *parameters: Any) -> Any:
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(query, parameters).fetchone()
        return row[0] if row else None
