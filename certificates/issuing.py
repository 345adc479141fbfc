"""From a completed enrolment to a filed certificate; every step can be repeated.

1. *pending*: the row is written in the transaction that completes the enrolment.
2. *numbered*: one short transaction freezes the content and takes the next number.
3. *filed*: the file is made from the frozen entry, and a second chained entry keeps its hash
   (``filing.py``); from then on the look-up says valid.

A task is a hint; ``finish_unfinished`` is the sweep that needs none.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from certificates import designing, entering, filing, freezing, trying
from certificates.models import Certificate, IssuingRule, RegisterEntry
from courses.models import Enrolment
from courses.signals import completed
from jobs.compiled import Compiled, Given
from jobs.hinting import hint
from jobs.writing import insert_new

logger = logging.getLogger(__name__)
# A certificate younger than this is left to its own task.
SWEEP_AFTER = timedelta(seconds=10)
SWEEP_BATCH = 200
# For so long one worker is left alone with a certificate; it takes a tenth of a second.
CLAIM = timedelta(seconds=10)


def connect() -> None:
    completed.connect(_on_completed, dispatch_uid="certificates.issuing")


def _on_completed(sender: Any, enrolment: Enrolment, noted_at: datetime, **_kwargs: Any) -> None:
    """The date of issue is that of becoming known: nothing is issued before it was decided."""
    rule = _rule(enrolment)
    if rule and rule.issued_when == IssuingRule.IssuedWhen.COMPLETED:
        _request(enrolment, rule, noted_at)


def request_certificate(*, enrolment: Enrolment, at: datetime) -> Certificate | None:
    """Write the pending row and send the hint after commit; None where no rule certifies."""
    rule = _rule(enrolment)
    return _request(enrolment, rule, at) if rule else None


_RULE = Compiled(lambda: IssuingRule.objects.filter(course=Given("course")))


def _rule(enrolment: Enrolment) -> IssuingRule | None:
    return _RULE.first(course=enrolment.run.course_id)


def _request(enrolment: Enrolment, rule: IssuingRule, at: datetime) -> Certificate:
    from certificates.tasks import issue_certificate  # tasks import this module

    certificate = Certificate(
        enrolment=enrolment, person_id=enrolment.person_id, rule=rule, pending_since=at
    )
    if not insert_new(certificate):
        return Certificate.objects.get(enrolment=enrolment)
    hint(issue_certificate, certificate.pk)
    return certificate


def issue(*, certificate_id: int, at: datetime) -> Certificate | None:
    """Bring a certificate as far as it goes; None if it is not there (any more).

    One that another worker is at stays as it is. Raises what rendering or storage raise, after
    noting it on the row for people.
    """
    certificate = Certificate.objects.filter(pk=certificate_id).select_related("rule").first()
    if certificate is None or certificate.state == Certificate.State.FILED:
        return certificate
    free = Certificate.objects.filter(pk=certificate_id).free(at=at)
    if not free.update(claimed_until=at + CLAIM):
        return certificate
    try:
        if certificate.state == Certificate.State.PENDING and certificate.rule.template_id:
            _try_out(certificate_id)
        _number(certificate_id=certificate_id, at=at)
        for entry in filing.unfiled(certificate_id):
            filing.file(entry=entry, at=at)
    except Exception as error:
        Certificate.objects.filter(pk=certificate_id).update(
            problem=str(error)[:2000], claimed_until=None
        )
        raise
    certificate.refresh_from_db()
    return certificate


def _number(*, certificate_id: int, at: datetime) -> RegisterEntry:
    """Freeze the content and take the next number, once. The date of issue is the row's."""
    with transaction.atomic():
        certificate = _with_all_that_is_printed(certificate_id)
        register = entering.lock(certificate.rule.register_id)
        issued = certificate.entries.filter(kind=RegisterEntry.Kind.ISSUE)
        if entry := issued.select_related("register", "certificate").first():
            return entry
        issued_at = certificate.pending_since
        numbers = entering.next_numbers(register=register, at=issued_at)
        entry = entering.write(
            register=register,
            certificate=certificate,
            kind=RegisterEntry.Kind.ISSUE,
            content=freezing.content(
                certificate=certificate, register=register, numbers=numbers, at=issued_at
            ),
            at=issued_at,
            numbers=numbers,
        )
        Certificate.objects.filter(pk=certificate_id, state=Certificate.State.PENDING).update(
            state=Certificate.State.NUMBERED
        )
    return entry


def _with_all_that_is_printed(certificate_id: int) -> Certificate:
    return Certificate.objects.select_related(
        "rule__register",
        "rule__template__published",
        "person",
        "enrolment__agency",
        "enrolment__run__course__edition",
    ).get(pk=certificate_id)


def _try_out(certificate_id: int) -> None:
    """Refuse what a designed template could not show before a number is taken for it."""
    certificate = _with_all_that_is_printed(certificate_id)
    content = freezing.content(
        certificate=certificate,
        register=certificate.rule.register,
        numbers=freezing.UNNUMBERED,
        at=certificate.pending_since,
    )
    trying.refuse_too_long(content=content, design=designing.design_of(content))


def finish_unfinished(at: datetime) -> int:
    """Sweep: issue what no task has issued. Returns how many were filed."""
    waiting = Certificate.objects.unfinished().free(at=at)
    waiting = waiting.filter(pending_since__lte=at - SWEEP_AFTER)
    filed = 0
    ids = waiting.order_by("pending_since").values_list("pk", flat=True)[:SWEEP_BATCH]
    for certificate_id in list(ids):
        try:
            issue(certificate_id=certificate_id, at=timezone.now())
            filed += 1
        except Exception:  # the others must be issued all the same; the row says what happened
            logger.exception("certificate %s was not issued", certificate_id)
    return filed
