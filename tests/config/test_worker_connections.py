from types import SimpleNamespace

import pytest
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection

from config.celery import app
from config.worker_connections import fixup

pytestmark = pytest.mark.django_db(transaction=True)

TASK = SimpleNamespace(request=SimpleNamespace(is_eager=False))


@pytest.fixture
def worker() -> DjangoWorkerFixup:
    found = fixup(app).worker_fixup
    found.worker = SimpleNamespace(pool_cls="celery.concurrency.prefork")
    return found


def its_session() -> object:
    """What tells this connection from any other one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()
    return connection.connection


def test_tasks_one_after_the_other_share_the_few_connections_of_the_pool(
    worker: DjangoWorkerFixup,
) -> None:
    sessions = set()
    for _task in range(8):
        worker.on_task_prerun(TASK)
        sessions.add(its_session())
        worker.on_task_postrun(TASK)
        assert connection.connection is None, "was not given back"
    if connection.vendor == "postgresql":
        assert len(sessions) <= 2  # the pool opens one ahead


def test_a_connection_that_broke_in_one_task_is_not_given_to_the_next(
    worker: DjangoWorkerFixup,
) -> None:
    worker.on_task_prerun(TASK)
    its_session()
    connection.connection.close()
    worker.on_task_postrun(TASK)
    worker.on_task_prerun(TASK)
    assert its_session()
    worker.on_task_postrun(TASK)


def test_the_application_works_with_it() -> None:
    assert app.fixups == {"config.worker_connections:fixup"}
