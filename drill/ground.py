"""The ground of a drill: servers of its own in a folder of its own, and what they are told."""

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from drill.servers import CannotRun, Cluster, Home, RabbitMQ, Redis
from drill.serving import environment

# Left in the folder: only what a drill has made may it throw away.
MARK = "of-a-drill"
FILES = 15_000  # connections of the devices, and of the web server to them


@dataclass(frozen=True)
class Ground:
    """``broker`` is None where the cache carries the messages too; ``told`` is the environment."""

    folder: Path
    cluster: Cluster
    broker: RabbitMQ | None
    told: dict[str, str]


@contextmanager
def own_servers(folder: Path) -> Iterator[Ground]:
    """PostgreSQL, cache and broker, and ``os.environ`` says where they are.

    The folder is emptied. Raises CannotRun where something is missing or the folder is another's.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise CannotRun(f"{folder} holds what is not of a drill. Name an empty folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    home = Home(folder)
    with ExitStack() as stack:
        stack.callback(_tidy, folder)
        cluster, cache = Cluster(home), Redis(home)
        for server in (cluster, cache):
            stack.callback(server.stop)
            server.start()
        broker = RabbitMQ(home) if RabbitMQ.is_installed() else None
        if broker:
            stack.callback(broker.stop)
            broker.start()
        told = environment(
            folder=folder / "data",
            database=cluster.url,
            cache=cache.url(0),
            broker=broker.url if broker else cache.url(1),
        )
        # Before Django reads its settings, here and in the processes that are started.
        os.environ.update(told)
        yield Ground(folder, cluster, broker, told)


def open_files() -> None:
    """Let this process and its children hold as many connections as a crowd needs."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _tidy(folder: Path) -> None:
    """What the servers said stays."""
    for made in folder.iterdir():
        if made.is_dir():
            shutil.rmtree(made, ignore_errors=True)
