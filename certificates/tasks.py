from celery import shared_task
from django.utils import timezone

from certificates import issuing


@shared_task
def issue_certificate(certificate_id: int) -> None:
    """Issue one certificate; a lost or doubled message changes nothing."""
    issuing.issue(certificate_id=certificate_id, at=timezone.now())
