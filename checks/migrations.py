"""Looks whether a migration would stop a running older version: `python -m checks.migrations`.

Initial migrations make tables that nobody uses yet, so they are not looked at. SQLite remakes a
table for every change, which tells nothing of columns that an older version cannot fill: for them
run it with the DATABASE_URL of a PostgreSQL, as CI does.
"""

import os
import sys
from pathlib import Path

import django

# What was looked at by a person, and why it stops nobody.
LOOKED_AT = {
    "0002_facts_recur",  # the constraints that it adds demand less than those that it drops
    # SQLite remakes the table of entries with the unique indexes that it had.
    "0005_decisions",
    "0006_losses_that_end",  # the same, the table of conflicts
    "0002_exam_day",  # its unique constraints are on tables that it makes itself
}


def main() -> int:
    """Lint this project's migrations, print what is wrong, return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django_migration_linter import MigrationLinter

    own = [
        app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR
    ]
    linter = MigrationLinter(
        str(settings.BASE_DIR),
        include_apps=own,
        ignore_initial_migrations=True,
        no_cache=True,
        ignore_name=LOOKED_AT,
        exclude_migration_tests=["NOT_NULL"] if settings.EMBEDDED_DATABASE else [],
        quiet=["ok", "ignore"],
    )
    linter.lint_all_migrations()
    return 1 if linter.has_errors else 0


if __name__ == "__main__":
    sys.exit(main())
