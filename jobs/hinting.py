"""A hint to a worker: sent after the commit, and allowed to be lost."""

from typing import Any

from django.db import transaction


def hint(task: Any, *args: Any) -> None:
    """Send ``task`` with ``args`` when the transaction commits; nothing at all if it does not.

    A broker that is down is logged and fails nobody: the row is there, and a sweep finds it.
    """

    # A named function: Django logs the name of what failed, and a partial has none.
    def send() -> None:
        task.delay(*args)

    transaction.on_commit(send, robust=True)
