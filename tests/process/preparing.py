"""Prepares what every town begins with: the demo, played, and its certificates issued.

    DATA_DIR=… DATABASE_URL=… python -m tests.process.preparing

A process of its own, because the demo is an application that only ``DEMO=1`` installs. The
database is made; it must not be there.
"""

import os
from typing import Any


def create_database() -> None:
    from django.db import connection

    wrapper: Any = connection
    if wrapper.vendor == "postgresql":
        with wrapper._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{wrapper.settings_dict["NAME"]}"')


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    create_database()

    from demo.__main__ import prepare

    prepare()

    from django.utils import timezone

    from jobs import sweeps

    sweeps.run_all(at=timezone.now())


if __name__ == "__main__":
    main()
