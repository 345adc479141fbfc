"""What an exam asks of the database, word for word, so that a bare programme can ask the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from django.db import connections
from django.test.utils import CaptureQueriesContext
from psycopg.types.json import Json, Jsonb

from bench.limit_ids import FIRST_ID, new_ids

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK")
# Two tables may not share an id: what stands for one recorded would then stand for the other.
_FROM_AFAR = """
SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, %s + 1000000 * number)
FROM (
    SELECT schemaname, sequencename, row_number() OVER (ORDER BY sequencename) AS number
    FROM pg_sequences WHERE schemaname = 'public'
) AS numbered
"""
_connection: Any = connections["default"]


# A word of a transaction; or SQL, its parameters, and the new ids in its rows, in their order.
Step = str | tuple[str, Any, list[int]]


@contextmanager
def into(found: list[Step]) -> Iterator[None]:
    """Write down what is asked within."""
    statements: list[Step] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        assert not many, sql
        result = execute(sql, parameters, many, context)
        statements.append((sql, _plain(parameters), _peek(context["cursor"].cursor)))
        return result

    _connection.queries_log.clear()  # it forgets the oldest when it is full, and ours with them
    with CaptureQueriesContext(_connection) as captured, _connection.execute_wrapper(note):
        yield
    waiting = iter(statements)
    for query in captured.captured_queries:
        is_word = query["sql"] in TRANSACTION_WORDS
        found.append(query["sql"] if is_word else next(waiting))
    assert next(waiting, None) is None


def number_from_afar() -> None:
    """Have every sequence of the database give ids of its own, which are known by their size."""
    with _connection.cursor() as cursor:
        cursor.execute(_FROM_AFAR, [FIRST_ID])


def _plain(value: Any) -> Any:
    """Parameters that can be read where nothing of the product is loaded."""
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value))
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Jsonb | Json):
        dumps = value.dumps or json.dumps
        return type(value)(json.loads(dumps(value.obj)))
    if isinstance(value, Enum):
        return value.value
    return value


def _peek(cursor: Any) -> list[int]:
    """Look at the rows of a cursor and leave them there."""
    if cursor.description is None or not cursor.rowcount:
        return []
    found = new_ids(cursor.fetchall())
    cursor.scroll(0, mode="absolute")
    return found
