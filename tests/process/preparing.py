"""Prepares what every town begins with: the demo, played, and its certificates issued.

    DATA_DIR=… DATABASE_URL=… DEMO=1 python -m tests.process.preparing

A process of its own, because the demo is an application that only ``DEMO=1`` installs.
"""

import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from django.core.management import call_command
    from django.utils import timezone

    from demo import playing
    from jobs import sweeps

    call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
    playing.play(at=timezone.now())
    sweeps.run_all(at=timezone.now())


if __name__ == "__main__":
    main()
