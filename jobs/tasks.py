import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from jobs import mailing, progress, sweeps

# SQLite knows no queue: who waits to write looks again every tenth of a second, and batch upon
# batch would leave nobody a gap in which to find it free.
GAP = 0.2 if settings.EMBEDDED_DATABASE else 0.0


@shared_task
def sweep() -> dict[str, int]:
    """Run every registered sweep once."""
    return sweeps.run_all(at=timezone.now())


@shared_task
def send_one(mail_id: int) -> None:
    """Send one mail; a lost or doubled message changes nothing."""
    mailing.send_mail(mail_id=mail_id, at=timezone.now())


@shared_task
def send_all() -> None:
    """Send what is due, in rounds, until none is left that can be sent now."""
    while mailing.send_due(timezone.now()):
        pass


@shared_task
def carry_on_work(progress_id: int) -> None:
    """Carry on one piece of long work to its end, batch after batch, with a gap for others."""
    while progress.carry_on(progress_id=progress_id, at=timezone.now()):
        time.sleep(GAP)
