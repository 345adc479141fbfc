from celery import shared_task
from django.utils import timezone

from jobs import sweeps


@shared_task
def sweep() -> dict[str, int]:
    """Run every registered sweep once."""
    return sweeps.run_all(at=timezone.now())
