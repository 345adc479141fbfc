"""How the two databases are connected to."""

from typing import Any


def sqlite() -> dict[str, Any]:
    """IMMEDIATE: with DEFERRED, concurrent writers fail by the hundreds instead of queueing."""
    return {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-16000;"
        ),
    }


def postgresql(*, most: int, prepared: bool) -> dict[str, Any]:
    """A pool of at most so many connections: without one a request costs 6 ms more."""
    return {
        # No statement is prepared for being frequent, only those that ask for it (jobs.compiled).
        "prepare_threshold": 1_000_000 if prepared else None,
        "pool": {
            "min_size": 1,
            "max_size": most,
            "timeout": 20,
            # Its pauses double up to this: by default it may sleep for minutes after an outage.
            "reconnect_timeout": 10,
        },
    }
