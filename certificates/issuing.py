"""From a completed enrolment to a filed certificate; every step can be repeated.

1. *pending*: the row is written in the transaction that completes the enrolment.
2. *numbered*: one short transaction freezes the content and takes the next number.
3. The file is made from the frozen entry, outside any transaction, with the same bytes each time.
4. *filed*: a second chained entry keeps the file's hash; from then on the look-up says valid.

A task is a hint; ``finish_unfinished`` is the sweep that needs none.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from certificates import entering, freezing, keys, payload, rendering
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
    certificate = Certificate.objects.filter(pk=certificate_id).first()
    if certificate is None or certificate.state == Certificate.State.FILED:
        return certificate
    free = Certificate.objects.filter(pk=certificate_id).free(at=at)
    if not free.update(claimed_until=at + CLAIM):
        return certificate
    try:
        entry = _number(certificate_id=certificate_id, at=at)
        pdf = make_file(entry)
        _file(entry=entry, pdf=pdf, at=at)
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
        certificate = Certificate.objects.select_related(
            "rule__register",
            "person",
            "enrolment__agency",
            "enrolment__run__course__edition",
        ).get(pk=certificate_id)
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


def qr_address(entry: RegisterEntry) -> str:
    """What the QR says: scheme and host of the service, ``/T/``, the signed payload.

    Scheme and host in capitals keep the symbol in its smaller alphanumeric mode.
    """
    key_id, key = keys.signing_key()
    frozen = entry.content
    signed = payload.encode(
        number=frozen["number"],
        full_name=frozen["full_name"],
        issued_on=datetime.fromisoformat(frozen["issued_on"]).date(),
        course_code=frozen["course_code"],
        register_code=entry.register.code,
        private_key=key,
        key_id=key_id,
    )
    return f"{settings.PUBLIC_URL.upper()}/T/{signed}"


def make_file(entry: RegisterEntry) -> bytes:
    """The PDF of a numbered entry: the same bytes whenever it is made."""
    return rendering.render(content=entry.content, qr_address=qr_address(entry))


def storage() -> Storage:
    return storages["private"]


def file_name(entry: RegisterEntry) -> str:
    """Where the file of an entry is put; the filed entry knows where it came to lie."""
    return f"certificates/{entry.register.code}/{entry.year}/{entry.position:08d}.pdf"


def filed_name(entry: RegisterEntry) -> str:
    """Where the filed file of a numbered entry lies in the private storage."""
    filed = RegisterEntry.objects.get(of=entry, kind=RegisterEntry.Kind.FILED)
    name: str = filed.content["name"]
    return name


def _file(*, entry: RegisterEntry, pdf: bytes, at: datetime) -> None:
    """Keep the file and enter its hash, once."""
    kept = storage()
    # A name that is taken gets an ending: the file there may be another worker's, entered by now.
    name = kept.save(file_name(entry), ContentFile(pdf))
    with transaction.atomic():
        register = entering.lock(entry.register_id)
        filed = RegisterEntry.objects.filter(of=entry, kind=RegisterEntry.Kind.FILED).first()
        if filed is None:
            filed = entering.write(
                register=register,
                certificate=entry.certificate,
                kind=RegisterEntry.Kind.FILED,
                content={
                    "sha256": hashlib.sha256(pdf).hexdigest(),
                    "size": len(pdf),
                    "name": name,
                },
                at=at,
                of=entry,
            )
        Certificate.objects.filter(pk=entry.certificate_id).update(
            state=Certificate.State.FILED, problem="", claimed_until=None
        )
    if filed.content["name"] != name:
        kept.delete(name)


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
