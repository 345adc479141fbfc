"""From a completed enrolment to a filed certificate; every step can be repeated.

1. *pending*: the row is written in the transaction that completes the enrolment.
2. *numbered*: one short transaction freezes the content and takes the next number.
3. *filed*: the file is made from the frozen entry, and a second chained entry keeps its hash
   (``filing.py``); from then on the look-up says valid.

A task is a hint; ``finish_unfinished`` is the sweep that needs none.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, F
from django.utils import timezone

from certificates.issue import braking, confirming, filing, freezing, pausing, reasons
from certificates.models import Certificate, IssueBatch, IssuingRule, RegisterEntry
from certificates.paper import designing, trying
from certificates.proof import used_key
from certificates.register import entering
from courses.models import Enrolment
from courses.signals import completed
from jobs.compiled import Compiled, Given
from jobs.hinting import hint
from jobs.writing import insert_new

logger = logging.getLogger(__name__)
# A certificate younger than this is left to its own task.
SWEEP_AFTER = timedelta(seconds=10)
SWEEP_BATCH = 200
# The other sweeps wait meanwhile; a service that does not answer may take seconds each time.
LONGEST_SWEEP = timedelta(seconds=20)
# For so long one worker is left alone with a certificate; it takes a tenth of a second.
CLAIM = timedelta(seconds=10)


def connect() -> None:
    completed.connect(_on_completed, dispatch_uid="certificates.issue.issuing")


def _on_completed(sender: Any, enrolment: Enrolment, noted_at: datetime, **_kwargs: Any) -> None:
    """The date of issue is that of becoming known: nothing is issued before it was decided."""
    rule = _rule(enrolment)
    if rule and rule.issued_when == IssuingRule.IssuedWhen.COMPLETED:
        _request(enrolment, rule, noted_at)


def request_certificate(
    *, enrolment: Enrolment, at: datetime, batch: IssueBatch | None = None
) -> Certificate | None:
    """Write the pending row and send the hint after commit; None where no rule certifies."""
    rule = _rule(enrolment)
    return _request(enrolment, rule, at, batch) if rule else None


_RULE = Compiled(lambda: IssuingRule.objects.filter(course=Given("course")))


def _rule(enrolment: Enrolment) -> IssuingRule | None:
    return _RULE.first(course=enrolment.run.course_id)


def _request(
    enrolment: Enrolment, rule: IssuingRule, at: datetime, batch: IssueBatch | None = None
) -> Certificate:
    from certificates.tasks import issue_certificate  # tasks import this module

    certificate = Certificate(
        enrolment=enrolment,
        person_id=enrolment.person_id,
        rule=rule,
        pending_since=at,
        batch=batch,
    )
    confirming.begin(certificate, at=at)
    if not insert_new(certificate):
        return Certificate.objects.get(enrolment=enrolment)
    hint(issue_certificate, certificate.pk)
    return certificate


def issue(*, certificate_id: int, at: datetime) -> Certificate | None:
    """Bring a certificate as far as it goes; None if it is not there (any more).

    One that another worker is at, or that is held (``ready``), stays as it is. Raises what
    keys, rendering, signing or storage raise, after noting it on the row for people.
    """
    certificate = _ASKED.first(certificate=certificate_id)
    if certificate is None or certificate.state in (
        Certificate.State.FILED,
        Certificate.State.UNSIGNED,
    ):
        return certificate
    if not _claim(certificate_id, at=at):
        return certificate
    try:
        used_key.to_sign_with(at)  # before a number is taken
        if certificate.state == Certificate.State.PENDING:
            _try_out(certificate)
        if _number(certificate_id=certificate_id, at=at) is None:
            Certificate.objects.filter(pk=certificate_id).update(claimed_until=None)
        for entry in filing.unfiled(certificate_id):
            filing.file(entry=entry, at=at)
    except Exception as error:
        # Where another worker has taken over, or nothing is wanted any more, its word stands.
        own = Certificate.objects.unfinished().filter(pk=certificate_id, claimed_until=at + CLAIM)
        own.update(problem=reasons.in_words(error)[:2000], claimed_until=at)
        raise
    return _ASKED.first(certificate=certificate_id)


_ASKED = Compiled(
    lambda: Certificate.objects.filter(pk=Given("certificate")).select_related("rule")
)
_READY = Compiled(
    lambda: (
        Certificate.objects.ready(at=Given("at", DateTimeField()))
        .filter(pk=Given("certificate"))
        .values_list("pk")
    )
)


def _claim(certificate_id: int, *, at: datetime) -> bool:
    """Keep other workers away from it for a while; False where it is held or another's.

    What holds it is asked again before it is numbered, under the register's lock.
    """
    if not _READY.ask(certificate=certificate_id, at=at):
        return False
    free = Certificate.objects.unfinished().free(at=at).filter(pk=certificate_id)
    return bool(free.update(claimed_until=at + CLAIM))


_ISSUED = Compiled(
    lambda: RegisterEntry.objects.filter(
        certificate=Given("certificate"), kind=RegisterEntry.Kind.ISSUE
    )
)


def _number(*, certificate_id: int, at: datetime) -> RegisterEntry | None:
    """Freeze the content and take the next number, once; None where it must wait."""
    (asked,) = _ASKED.ask(certificate=certificate_id)
    with transaction.atomic():
        register = entering.lock(asked.issuing_rule.register_id)
        # Read under the lock: what holds it is written under the same.
        certificate = _with_all_that_is_printed(certificate_id)
        if entry := _ISSUED.first(certificate=certificate_id):
            return entry
        moved = certificate.issuing_rule.register != register
        if certificate.state != Certificate.State.PENDING or moved:
            return None
        issued_at = _issued_at(certificate)
        numbers = entering.next_numbers(register=register, at=issued_at)
        content = freezing.content(
            certificate=certificate, register=register, numbers=numbers, at=issued_at
        )
        if any(
            gate.holds(certificate=certificate, content=content, at=at)
            for gate in (pausing, confirming, braking)
        ):
            return None
        entry = entering.write(
            register=register,
            certificate=certificate,
            kind=RegisterEntry.Kind.ISSUE,
            content=content,
            at=issued_at,
            numbers=numbers,
        )
        Certificate.objects.filter(pk=certificate_id, state=Certificate.State.PENDING).update(
            state=Certificate.State.NUMBERED
        )
    return entry


_PRINTED = Compiled(
    lambda: Certificate.objects.filter(pk=Given("certificate")).select_related(
        *freezing.PRINTED, "cleared_by", "batch"
    )
)


def _with_all_that_is_printed(certificate_id: int) -> Certificate:
    (certificate,) = _PRINTED.ask(certificate=certificate_id)
    return certificate


def _try_out(certificate: Certificate) -> None:
    """Refuse what a designed template could not show, before a number is taken for it."""
    if certificate.rule is None or certificate.rule.template_id is None:
        return
    known = _with_all_that_is_printed(certificate.pk)
    assert known.rule
    content = freezing.content(
        certificate=known,
        register=known.rule.register,
        numbers=freezing.UNNUMBERED,
        at=known.pending_since,
    )
    trying.refuse_too_long(content=content, design=designing.design_of(content))


def _issued_at(certificate: Certificate) -> datetime:
    """The date on the paper: when it was asked for, or when nothing held it any longer."""
    cleared = certificate.cleared_by.released_at if certificate.cleared_by else None
    return max(filter(None, (certificate.pending_since, certificate.held_until, cleared)))


def retry(*, certificate_ids: Sequence[int], at: datetime) -> int:
    """Try those at once that a problem has stopped; returns how many are tried."""
    from certificates.tasks import issue_certificate  # tasks import this module

    with transaction.atomic():
        stuck = Certificate.objects.ready(at=at).filter(pk__in=certificate_ids).exclude(problem="")
        ids = list(stuck.values_list("pk", flat=True))
        Certificate.objects.filter(pk__in=ids).update(problem="")
        for certificate_id in ids:
            hint(issue_certificate, certificate_id)
    return len(ids)


def finish_unfinished(at: datetime) -> int:
    """Sweep: issue what no task has issued. Returns how many were filed.

    First those that nobody has tried, then those whose last try is longest ago: what fails each
    time is tried again, and keeps nobody waiting.
    """
    waiting = Certificate.objects.ready(at=at)
    waiting = waiting.filter(pending_since__lte=at - SWEEP_AFTER)
    waiting = waiting.order_by(F("claimed_until").asc(nulls_first=True), "pending_since", "pk")
    filed, begun = 0, monotonic()
    for certificate_id in list(waiting.values_list("pk", flat=True)[:SWEEP_BATCH]):
        try:
            issued = issue(certificate_id=certificate_id, at=timezone.now())
            filed += issued is not None and issued.state == Certificate.State.FILED
        except Exception:  # the others must be issued all the same; the row says what happened
            logger.exception("certificate %s was not issued", certificate_id)
        if monotonic() - begun > LONGEST_SWEEP.total_seconds():
            break
    return filed
