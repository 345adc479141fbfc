"""Prepares what every town begins with: the demo, played, and its certificates issued.

    DATA_DIR=… DATABASE_URL=… python -m tests.process.preparing

A process of its own, because the demo is an application that only ``DEMO=1`` installs.
"""

from demo.__main__ import prepare

if __name__ == "__main__":
    prepare()
    from django.utils import timezone

    from jobs import sweeps

    sweeps.run_all(at=timezone.now())
