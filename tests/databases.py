"""Whole databases by their names: files on SQLite, databases of the server on PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, connections


def url(name: str) -> str:
    """Its DATABASE_URL."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    at = connection.settings_dict
    login = f"{at['USER']}:{at['PASSWORD']}" if at["PASSWORD"] else at["USER"]
    return f"postgres://{login}@{at['HOST']}:{at['PORT'] or 5432}/{name}"


def names(*, beginning: str) -> list[str]:
    """Those that are there and whose names begin so."""
    if connection.vendor == "sqlite":
        begun = Path(beginning)
        return [str(path) for path in begun.parent.glob(f"{begun.name}*")]
    wrapper: Any = connection
    with wrapper._nodb_cursor() as cursor:
        starting = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        return [name for (name,) in cursor.execute(starting, [beginning]).fetchall()]


def create(name: str) -> None:
    """An empty one; on SQLite it begins when it is written to."""
    if connection.vendor == "postgresql":
        _on_server(f'CREATE DATABASE "{name}"')


def replace(name: str, *, by: str) -> None:
    """Put a copy of another in its place, whether it is there or not."""
    for one in connections.all(initialized_only=True):
        one.close()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(by)) as source, closing(sqlite3.connect(name)) as target:
            source.backup(target)
        return
    drop(name)
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{by}"')


def rename(name: str, *, to: str) -> None:
    """Give one to which nobody is connected another name."""
    if connection.vendor == "sqlite":
        Path(name).replace(to)
    else:
        _on_server(f'ALTER DATABASE "{name}" RENAME TO "{to}"')


def drop(name: str) -> None:
    """Remove one, whoever is still connected to it."""
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
