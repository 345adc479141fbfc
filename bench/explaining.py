"""For whoever makes the exam faster: every statement of each request, and a profile of it."""

import cProfile
import pstats
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import hall, in_process
from bench.sitting import REQUESTS, Request

EXAMS = 20
LINES = 30
LONGEST = 400


def statements() -> None:
    """Print the statements of an exam."""
    people, key = hall.seat(2), hall.key()
    in_process.sit(people[0], key)

    @contextmanager
    def show(request: Request) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        print(f"--- {request.name} {request.path}")
        for query in captured.captured_queries:
            print(f"  {' '.join(query['sql'].split())[:LONGEST]}")

    in_process.sit(people[1], key, show)


def profiles() -> None:
    """Print for each request where Python spends its time, by what functions take themselves."""
    people, key = hall.seat(EXAMS + 1), hall.key()
    in_process.sit(people[0], key)
    profiled = {name: cProfile.Profile() for name in REQUESTS}
    for one in people[1:]:
        in_process.sit(one, key, lambda request: profiled[request.name])
    for name, profile in profiled.items():
        print(f"=== {name}, {EXAMS} times")
        pstats.Stats(profile).strip_dirs().sort_stats("cumulative").print_stats(LINES)
        pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(LINES)
