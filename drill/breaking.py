"""What breaks while certificates are issued, and when: by how many are filed."""

import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from celery import current_app
from django.conf import settings

from bench.cpu import processes
from drill.ground import Ground
from drill.serving import KeptUp

SECONDS_BETWEEN_KILLS = 2.0


@dataclass(frozen=True)
class Blow:
    """It falls as soon as this share of the certificates is filed."""

    name: str
    share: float
    act: Callable[[], None]


def blows(ground: Ground, worker: KeptUp) -> list[Blow]:
    """The worker killed three times, the broker restarted twice and emptied once, the database
    restarted once. Where the cache is the broker it is emptied only."""
    planned = [
        Blow("the worker killed", 0.1, worker.kill),
        Blow("the database restarted fast", 0.3, lambda: ground.cluster.restart(signal.SIGINT)),
        Blow("the worker killed", 0.4, worker.kill),
        Blow("the broker emptied", 0.55, empty_broker),
        Blow("the worker killed", 0.7, worker.kill),
    ]
    if broker := ground.broker:
        planned += [
            Blow("the broker restarted", 0.2, broker.restart),
            Blow("the broker restarted", 0.85, broker.restart),
        ]
    return sorted(planned, key=lambda blow: blow.share)


def empty_broker() -> None:
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_purge(settings.CELERY_TASK_DEFAULT_QUEUE)


def children(pid: int) -> list[int]:
    """The processes that this one has forked."""
    return [one.pid for one in processes().values() if one.parent == pid]


def held(worker: KeptUp) -> int:
    """Bytes of memory that the worker and its children hold now."""
    leader = worker.server.process
    if leader is None:
        return 0
    return sum(_resident(pid) for pid in (leader.pid, *children(leader.pid)))


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as told:
            return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0  # it has ended


class Killer:
    """SIGKILL for one of the worker's children, again and again."""

    def __init__(self, worker: KeptUp) -> None:
        self.worker, self.kills = worker, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        chance = random.Random(1439)
        while not self._over.wait(SECONDS_BETWEEN_KILLS):
            leader = self.worker.server.process
            if leader is None or not self.worker.server.is_running:
                continue
            if forked := children(leader.pid):
                try:
                    os.kill(chance.choice(sorted(forked)), signal.SIGKILL)
                    self.kills += 1
                except ProcessLookupError:
                    continue  # it has just ended
