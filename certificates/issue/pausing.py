"""Pausing an issue of many: who has no number yet waits, whoever has one is finished."""

from datetime import datetime
from typing import Any

from django.db import transaction

from certificates.models import Certificate, IssueBatch
from certificates.register import entering
from jobs.hinting import hint


def holds(*, certificate: Certificate, content: dict[str, Any], at: datetime) -> bool:
    """Whether the certificate belongs to a paused issue; asked under the register's lock."""
    return certificate.batch is not None and certificate.batch.paused_at is not None


def pause(*, batch_id: int, by: Any, at: datetime) -> bool:
    """No number is given in this issue any more until it is resumed; False where it was paused."""
    with transaction.atomic():
        _lock(batch_id)
        going = IssueBatch.objects.filter(pk=batch_id, paused_at__isnull=True)
        return bool(going.update(paused_at=at, paused_by=by))


def resume(*, batch_id: int, at: datetime) -> bool:
    """Go on; False where it was not paused."""
    from certificates.tasks import issue_certificate  # tasks import issuing, which imports this

    with transaction.atomic():
        _lock(batch_id)
        resumed = IssueBatch.objects.paused().filter(pk=batch_id)
        if not resumed.update(paused_at=None, paused_by=None):
            return False
        waiting = Certificate.objects.ready(at=at).filter(batch=batch_id)
        for certificate_id in waiting.order_by("pk").values_list("pk", flat=True):
            hint(issue_certificate, certificate_id)
    return True


def _lock(batch_id: int) -> None:
    batch = IssueBatch.objects.select_related("rule").get(pk=batch_id)
    entering.lock(batch.rule.register_id)
