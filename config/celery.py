"""The Celery application; rooms define their tasks with ``@shared_task`` and never import this."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.file_broker:Transport"

app = Celery("iso-training", fixups={"config.worker_connections:fixup"})
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def check_before_working(**_kwargs: Any) -> None:
    from jobs.starting import refuse_unprotected_tables  # models are loaded by now

    try:
        refuse_unprotected_tables()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error  # Celery swallows any other exception here
