"""Real threads that begin at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Answer = TypeVar("Answer")


def together(calls: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Call all of them at once, each in a thread and on a connection of its own.

    Returns what each gave or raised, in the order of the calls. The test must commit
    (``django_db(transaction=True)``): other threads see nothing of an open transaction.
    """
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer | Exception:
        start.wait(timeout=10)
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
