"""The commands of the demo's processes. Six threads and two: SQLite bears eight writers."""

import sys


def web_command(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--blocking-threads", "6", "--no-ws", "--log-level", "error"),
    ]


def worker_command() -> list[str]:
    return [
        # A demo in a container runs as root, and that is all right there.
        *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
        *("-m", "celery", "--quiet", "--app", "config", "worker"),
        *("--pool", "threads", "--concurrency", "2", "--beat", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle"),
    ]
