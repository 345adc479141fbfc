"""How a worker holds its connections to the database.

Celery 5.7 closes the whole pool of a prefork child before and after each task (celery/celery
10554), so that each certificate costs two new connections with their threads, and nothing stays
prepared. Here a task gives its connection back, as a request of the web server does.
"""

from functools import cached_property
from typing import Any

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup


class _Fixup(DjangoFixup):
    @cached_property
    def worker_fixup(self) -> DjangoWorkerFixup:
        return _WorkerFixup(self.app)


class _WorkerFixup(DjangoWorkerFixup):
    """Pools are closed where processes fork, and nowhere else."""

    def on_task_prerun(self, sender: Any, **kwargs: Any) -> None:
        self._give_back(sender)

    def on_task_postrun(self, sender: Any, **kwargs: Any) -> None:
        self._give_back(sender)

    def _give_back(self, task: Any) -> None:
        if not task.request.is_eager:
            self._db.close_old_connections()
            self.close_cache()


def fixup(app: Celery) -> DjangoFixup:
    """What Celery calls for each application that names this in its ``fixups``."""
    return _Fixup(app).install()
