"""The Celery application; rooms define their tasks with ``@shared_task`` and never import this."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.file_broker:Transport"

app = Celery("iso-training")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
