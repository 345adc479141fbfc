"""Queries that are asked thousands of times an hour, written into SQL once per process.

Django writes a queryset into SQL anew each time it is asked, and PostgreSQL plans it anew: both
take longer than the answer. Here the queryset is built once, with a ``Given`` in the place of each
value, and prepared once per connection; the answers are the same rows and instances.
"""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, QuerySet

Row = TypeVar("Row")
# Bits of a key; what an address calls by a longer number is not there.
LONGEST_KEY = 63


class Given(Expression):
    """Stands in a queryset for a value that is told with each question."""

    def __init__(self, name: str, kind: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]

    def told(self, values: dict[str, Any]) -> Any:
        """The value as the database wants it."""
        value = values[self.name]
        return value if self.kind is None else self.kind.get_db_prep_value(value, connection)


class Compiled(Generic[Row]):
    """A question to the default database: ``ask(person=7)`` answers the queryset's rows.

    ``build`` makes the queryset and is called once. What shapes the SQL (a slice, the length of a
    list) cannot be told later: a None told later equals nothing, as in SQL, and never means
    ``IS NULL``. What is to be locked is asked in transactions; ``lock`` is one that querysets don't
    know, such as FOR KEY SHARE; SQLite needs none.
    """

    def __init__(self, build: "Callable[[], QuerySet[Any, Row]]", *, lock: str = "") -> None:
        self._build, self._lock = build, lock

    def ask(self, **values: Any) -> list[Row]:
        """The rows for these values; a value that is missing raises KeyError."""
        if any(isinstance(one, int) and one.bit_length() > LONGEST_KEY for one in values.values()):
            return []
        written = self._written
        with prepared() as cursor:
            cursor.execute(written.sql, [_told(one, values) for one in written.parameters])
            rows = cursor.fetchall()
        # What was written is shared by all threads; the connection and the rows are not.
        answering = copy(written.compiler)
        answering.connection = cursor.db
        answering.execute_sql = _Fixed([rows])
        answering.get_converters = _Fixed(written.converters)
        query: Any = _Answered(written.queryset.query, answering)
        asked: Any = QuerySet(written.queryset.model, query=query)
        asked._fields = written.queryset._fields
        return list(written.queryset._iterable_class(asked))

    def first(self, **values: Any) -> Row | None:
        """The first row, or None."""
        rows = self.ask(**values)
        return rows[0] if rows else None

    @cached_property
    def _written(self) -> "_Written":
        queryset: Any = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if self._lock and connection.features.has_select_for_update:
            sql = f"{sql} {self._lock}"
        columns = [column for column, *_alias in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        return _Written(queryset, compiler, sql, tuple(parameters), converters)


class _Written(NamedTuple):
    """A queryset with what Django made of it."""

    queryset: Any
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]
    converters: Any


def _told(parameter: Any, values: dict[str, Any]) -> Any:
    return parameter.told(values) if isinstance(parameter, Given) else parameter


class _Fixed:
    """A method that always answers the same."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        return self.answer


class _Answered:
    """A query whose compiler is at hand."""

    _deferred_filter = None

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query = query
        self.get_compiler = _Fixed(compiler)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


class _PreparingCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)


def prepared() -> Any:
    """A cursor, to be closed by ``with``; on PostgreSQL it plans once per connection."""
    here: Any = connections[DEFAULT_DB_ALIAS]
    # Django's log of statements can only read those of its own cursors.
    if here.vendor != "postgresql" or here.queries_logged:
        return here.cursor()
    if here.connection is None:
        here.ensure_connection()
    return here.make_cursor(_PreparingCursor(here.connection))
