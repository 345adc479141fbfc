"""Where a request's CPU seconds go: statements, connection, templates, broker, and the rest."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from celery import Task
from django.db import connections
from django.template.backends.django import Template

from bench import cpu

REST = "views"
SHARES = ("statements", "connection", "templates", "broker", REST)
_connection: Any = connections["default"]
# What is patched while it is watched: the share, its owner, its name.
PATCHED: tuple[tuple[str, Any, str], ...] = (
    ("connection", _connection, "connect"),
    ("connection", _connection, "close"),
    ("connection", _connection, "_set_autocommit"),
    ("connection", _connection, "_commit"),
    ("templates", Template, "render"),
    ("broker", Task, "apply_async"),
)


@dataclass
class Shares:
    """CPU seconds of the application by share, and those of the database's process."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SHARES, 0.0))
    database: float = 0.0

    @property
    def total(self) -> float:
        """Of the application."""
        return sum(self.seconds.values())


class Watch:
    """Attributes CPU time to the innermost share that is entered."""

    def __init__(self) -> None:
        self._into: Shares | None = None
        self._entered: list[str] = []
        self._since = 0.0
        # The seconds that each of the database's processes had used when it was first seen.
        self._backends: dict[int, float] = {}

    @contextmanager
    def into(self, shares: Shares) -> Iterator[None]:
        """Note what is spent within; what no share claims is the views'."""
        database = self._database()
        self._into, self._entered, self._since = shares, [REST], time.process_time()
        try:
            yield
        finally:
            self._note()
            self._into = None
            shares.database += self._database() - database

    @contextmanager
    def share(self, name: str) -> Iterator[None]:
        if self._into is None:
            yield
            return
        self._note()
        self._entered.append(name)
        try:
            yield
        finally:
            self._note()
            self._entered.pop()

    def _note(self) -> None:
        assert self._into is not None
        now = time.process_time()
        self._into.seconds[self._entered[-1]] += now - self._since
        self._since = now

    def _database(self) -> float:
        return sum(cpu.running(pid) - used for pid, used in self._backends.items())

    def execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """A wrapper of Django's cursors."""
        if _connection.vendor == "postgresql":
            pid = _connection.connection.info.backend_pid
            if pid not in self._backends:
                self._backends[pid] = cpu.running(pid)
        with self.share("statements"):
            return execute(sql, params, many, context)


@contextmanager
def noted() -> Iterator[Watch]:
    """Within, requests can be watched."""
    watch = Watch()
    usual = [(owner, name, owner.__dict__.get(name)) for _share, owner, name in PATCHED]
    for share, owner, name in PATCHED:
        setattr(owner, name, _watched(watch, share, getattr(owner, name)))
    try:
        with _connection.execute_wrapper(watch.execute):
            yield watch
    finally:
        for owner, name, own in usual:
            if own is None:
                delattr(owner, name)
            else:
                setattr(owner, name, own)


def _watched(watch: Watch, share: str, act: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(act)
    def watched(*args: Any, **kwargs: Any) -> Any:
        with watch.share(share):
            return act(*args, **kwargs)

    return watched


def table(measured: Mapping[str, Shares], times: int, statements: Mapping[str, int]) -> str:
    """Milliseconds per request by share, the database's own, and the statements."""
    columns = (*SHARES, "together", "database", "statements")
    lines = ["CPU ms per request".ljust(20) + "".join(name.rjust(12) for name in columns)]
    sums = [0.0] * len(columns)
    for name, one in measured.items():
        spent = (*one.seconds.values(), one.total, one.database)
        row = [seconds * 1000 / times for seconds in spent] + [float(statements[name])]
        sums = [both[0] + both[1] for both in zip(sums, row, strict=True)]
        lines.append(_line(name, row))
    return "\n".join([*lines, _line("five requests", sums)])


def _line(name: str, row: Sequence[float]) -> str:
    *milliseconds, statements = row
    return name.ljust(20) + "".join(f"{one:12.2f}" for one in milliseconds) + f"{statements:12.0f}"
