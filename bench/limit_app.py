"""The limit: bare WSGI and psycopg, asking the database what the recorded exams asked of it.

Served by the same granian. ``LIMIT_DATABASE`` and ``LIMIT_RECORDED`` name the database and the
file of recorded requests; ``/7/save`` plays the request ``save`` of the exam 7.
"""

import os
import pickle
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from psycopg import ClientCursor, Connection
from psycopg_pool import ConnectionPool

from bench.limit_ids import new_ids, replaced

with open(os.environ["LIMIT_RECORDED"], "rb") as file:
    # Written by the benchmark itself, a moment ago.
    EXAMS: list[dict[str, tuple[list[Any], int]]] = pickle.load(file)  # noqa: S301
# The ids that the database gave now, by those that it gave when it was recorded.
IDS: list[dict[int, int]] = [{} for _exam in EXAMS]

POOL = ConnectionPool(
    os.environ["LIMIT_DATABASE"],
    min_size=1,
    max_size=10,
    open=True,
    kwargs={"autocommit": True, "cursor_factory": ClientCursor},
)


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    _root, exam, name = environ["PATH_INFO"].split("/")
    if not exam:
        start_response("200 OK", [("Content-Length", "0")])
        return []
    steps, answered = EXAMS[int(exam)][name]
    with POOL.connection() as connection:
        _play(connection, steps, IDS[int(exam)])
    start_response("200 OK", [("Content-Length", str(answered))])
    return [b"x" * answered]


def _play(connection: Connection[Any], steps: list[Any], ids: dict[int, int]) -> None:
    cursor = connection.cursor()
    for step in steps:
        if step == "BEGIN":
            connection.autocommit = False
        elif step == "COMMIT":
            connection.commit()
            connection.autocommit = True
        elif step == "ROLLBACK":
            connection.rollback()
            connection.autocommit = True
        else:
            sql, parameters, known = step
            cursor.execute(sql, replaced(parameters, ids))
            if cursor.description is not None:
                ids.update(zip(known, new_ids(cursor.fetchall()), strict=True))
