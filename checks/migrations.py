"""Looks whether a migration would stop a running older version: `python -m checks.migrations`.

Initial migrations make tables that nobody uses yet, so they are not looked at.
"""

import os
import sys
from pathlib import Path

import django


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
        quiet=["ok", "ignore"],
    )
    linter.lint_all_migrations()
    return 1 if linter.has_errors else 0


if __name__ == "__main__":
    sys.exit(main())
