"""What must hold before a web or worker process begins to serve."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from jobs import append_only


def refuse_unprotected_tables() -> None:
    """Raise ImproperlyConfigured where a table that is only appended to could be changed."""
    try:
        unprotected = append_only.missing(connection)
    finally:
        connection.close()  # worker processes must not share it
    if unprotected:
        raise ImproperlyConfigured(
            "Run 'manage.py migrate' first: these tables are not protected against change: "
            + ", ".join(unprotected)
        )
