"""The exam in process, one after the other: statements, and what each request costs whom."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any
from wsgiref.types import WSGIEnvironment

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import hall, shares
from bench.lines import Answer
from bench.rows import Row
from bench.shares import Shares
from bench.sitting import REQUESTS, Key, Request, Sitting, Steps

EXAMS = 60
WARM = 4
TRANSACTION_WORDS = ("BEGIN", "COMMIT")
SERVED_AT = "127.0.0.1:8000"

Around = Callable[[Request], AbstractContextManager[object]]


def measure(*, embedded: bool) -> Iterator[Row]:
    """Statements of an exam, and CPU seconds of the application by request and by share."""
    people, key = hall.seat(EXAMS + WARM + 1), hall.key()
    for one in people[:WARM]:
        sit(one, key)  # loads templates, and opens the connection
    counted = _statements(people[WARM], key)
    measured = {name: Shares() for name in REQUESTS}
    with shares.noted() as watch:
        for one in people[WARM + 1 :]:
            sit(one, key, lambda request: watch.into(measured[request.name]))
    print(shares.table(measured, EXAMS, counted))
    total = sum(one.total for one in measured.values()) / EXAMS
    how = f"{EXAMS} exams of 20 questions in 5 requests, one after the other, without a web server"
    parts = ", ".join(f"{name} {one.total / EXAMS:.4f}" for name, one in measured.items())
    yield Row("exam.one", total, "CPU s", f"application only: {how}: {parts}")
    each = ", ".join(f"{name} {count}" for name, count in counted.items())
    yield Row(
        "exam.one_statements" if embedded else "exam.statements",
        sum(counted.values()),
        "statements",
        f"five requests with completion and certificate, without BEGIN and COMMIT: {each}",
        target=None if embedded else 25,
    )


def sit(sitting: Sitting, key: Key, around: Around | None = None) -> dict[str, Answer]:
    """Take the exam; returns the answers by the requests' names."""
    return follow(sitting, sitting.exam(key), around)


def follow(sitting: Sitting, steps: Steps, around: Around | None = None) -> dict[str, Answer]:
    """Make requests through WSGI, as granian calls it; ``around`` is entered for each."""
    answers = {}
    try:
        request = next(steps)
        while True:
            with around(request) if around else nullcontext():
                answer = _ask(sitting, request)
            assert answer.status == request.expect, (request, answer.status, answer.text()[:600])
            answers[request.name] = answer
            request = steps.send(answer)
    except StopIteration:
        return answers


@cache
def _application() -> WSGIHandler:
    """The product, its middleware loaded."""
    return WSGIHandler()


def _ask(sitting: Sitting, request: Request) -> Answer:
    path, _mark, query = request.path.partition("?")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": SERVED_AT.partition(":")[2],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "HTTP_HOST": SERVED_AT,
    }
    for name, value in sitting.headers(request, origin=f"http://{SERVED_AT}").items():
        plain = name.upper().replace("-", "_")
        environ[plain if plain == "CONTENT_TYPE" else f"HTTP_{plain}"] = value
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        told["status"] = int(status.split(" ")[0])
        told["headers"] = {header.lower(): value for header, value in headers}

    response = _application()(environ, start_response)
    try:
        body = b"".join(response)
    finally:
        close = getattr(response, "close", None)
        if close:
            close()
    return Answer(told["status"], told["headers"], body)


def _statements(sitting: Sitting, key: Key) -> dict[str, int]:
    counted: dict[str, int] = {}

    @contextmanager
    def count(request: Request) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        counted[request.name] = sum(
            not query["sql"].startswith(TRANSACTION_WORDS) for query in captured.captured_queries
        )

    sit(sitting, key, count)
    return counted
