"""WSGI entry point: ``config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from jobs.starting import refuse_unprotected_tables  # noqa: E402  (after Django is set up)

refuse_unprotected_tables()
