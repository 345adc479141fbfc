"""Where the exam is measured: the demo played in a database of its own, thrown away afterwards."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from redis import Redis

from bench.postgres import Server
from bench.server import ROOT
from demo import playing

_KEPT = "iso_bench_kept_"


@contextmanager
def built(server: Server | None, *, keep: bool = False) -> Iterator[None]:
    """Make what the settings name; with ``keep`` a copy stays on the server for the next time."""
    name = str(connection.settings_dict["NAME"])
    call_command("collectstatic", interactive=False, verbosity=0)
    try:
        if server is None:
            _play()
        elif keep and server.has(kept := _kept()):
            server.create(name, template=kept)
        else:
            server.create(name)
            _play()
            if keep:
                disconnect()
                for old in server.databases(_KEPT):
                    server.drop(old)
                server.create(_kept(), template=name)
        yield
    finally:
        disconnect()
        if server is not None:
            server.drop(name)
            _clear()


def disconnect() -> None:
    """Close what this process has open, so that the database can be copied or dropped."""
    connections.close_all()
    wrapper: Any = connection
    if hasattr(wrapper, "close_pool"):
        wrapper.close_pool()


def _play() -> None:
    print("Making a database and playing the demo…", file=sys.stderr)
    call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
    playing.play(at=timezone.now(), report=lambda _line: None)


def _kept() -> str:
    """The name of the played database that is kept; another one once its making has changed."""
    read = hashlib.sha256()
    for pattern in ("*/migrations/*.py", "demo/*.py"):
        for file in sorted(ROOT.glob(pattern)):
            read.update(file.read_bytes())
    return _KEPT + read.hexdigest()[:12]


def _clear() -> None:
    """Take away what was left on a broker that others use too."""
    with current_app.connection_for_write() as broker:
        channel = broker.default_channel
        channel.queue_delete(settings.CELERY_TASK_DEFAULT_QUEUE)
        channel.exchange_delete(settings.CELERY_TASK_DEFAULT_QUEUE)


def redis() -> Redis:
    """The server behind the cache."""
    return Redis.from_url(str(settings.CACHES["default"]["LOCATION"]))
