"""Prepares what every town begins with: the demo, played, and its certificates issued.

    DATA_DIR=… DATABASE_URL=… DEMO=1 python -m tests.process.preparing

A process of its own, because the demo is an application that only ``DEMO=1`` installs. The
database is made; it must not be there.
"""

import os
from typing import Any

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    create_database()

    from django.core.management import call_command
    from django.utils import timezone

    from demo import playing
    from jobs import sweeps

    call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
    playing.play(at=timezone.now())
    sweeps.run_all(at=timezone.now())


def create_database() -> None:
    from django.db import connection

    wrapper: Any = connection
    if wrapper.vendor == "postgresql":
        with wrapper._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{wrapper.settings_dict["NAME"]}"')


if __name__ == "__main__":
    main()
