from celery import shared_task
from django.utils import timezone

from certificates.issue import issuing
from certificates.register import verifying


@shared_task
def issue_certificate(certificate_id: int) -> None:
    """Issue one certificate; a lost or doubled message changes nothing."""
    issuing.issue(certificate_id=certificate_id, at=timezone.now())


@shared_task
def verify_registers(check_id: int) -> None:
    """Verify the registers for one day's check, once."""
    verifying.run_nightly(check_id=check_id, at=timezone.now())
