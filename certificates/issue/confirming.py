"""The holder's word before issue: what was confirmed is what is printed.

Confirming, asking and numbering take the same lock, the register's: a wish that came in time is
never overtaken by the number.
"""

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.models import Agency
from certificates.issue import correction_mails, freezing
from certificates.models import Certificate, Correction
from certificates.register import entering
from jobs.hinting import hint
from jobs.mailing import queue_mails
from people.correcting import correct_person

SHOWN = ("full_name", "date_of_birth", "workplace")
LONGEST_WISH = 1000


class NotDone(Exception):
    """Carries the reason, in words for who asked."""


def begin(certificate: Certificate, *, at: datetime) -> None:
    """Hold a new certificate, not yet written, until its holder has spoken or the time is over."""
    if certificate.issuing_rule.confirm_within:
        certificate.held_until = at + timedelta(days=certificate.issuing_rule.confirm_within)


def to_be_printed(*, certificate: Certificate, at: datetime) -> dict[str, Any]:
    """Name, date of birth (ISO) and workplace as they would be frozen now. Raises CannotIssue."""
    content = freezing.content(
        certificate=certificate,
        register=certificate.issuing_rule.register,
        numbers=freezing.UNNUMBERED,
        at=at,
    )
    return {name: content[name] for name in SHOWN}


def fingerprint(content: dict[str, Any]) -> str:
    """SHA-256 of what a holder confirms."""
    shown = {name: content[name] for name in SHOWN}
    return hashlib.sha256(
        json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()


def holds(*, certificate: Certificate, content: dict[str, Any], at: datetime) -> bool:
    """Whether the certificate must wait for its holder, or for who corrects.

    What changed after it was confirmed is asked about again. The caller holds the register's lock.
    """
    if certificate.held_until is None:
        return False
    if Correction.objects.open().filter(certificate=certificate).exists():
        return True
    if certificate.confirmed_at is None:
        return at < certificate.held_until
    asks = certificate.issuing_rule.confirm_within
    if certificate.confirmed_print == fingerprint(content) or not asks:
        return False
    _ask_again(certificate, at=at)
    return True


def _ask_again(certificate: Certificate, *, at: datetime) -> None:
    days = certificate.issuing_rule.confirm_within or 0
    Certificate.objects.filter(pk=certificate.pk).update(
        confirmed_at=None, confirmed_print="", asked_at=None, held_until=at + timedelta(days=days)
    )


def confirm(*, certificate_id: int, seen: str, at: datetime) -> None:
    """The holder says that what was shown is right; ``seen`` is its fingerprint.

    Raises NotDone where it is too late, or where something else would be printed by now.
    """
    from certificates.tasks import issue_certificate  # tasks import issuing, which imports this

    with transaction.atomic():
        certificate = _lock(certificate_id)
        try:
            shown = to_be_printed(certificate=certificate, at=at)
        except freezing.CannotIssue as reason:
            raise NotDone(str(reason)) from reason
        if fingerprint(shown) != seen:
            raise NotDone(_("Something was changed meanwhile. Please look at it again."))
        if certificate.confirmed_at is None:
            Certificate.objects.filter(pk=certificate.pk).update(
                confirmed_at=at, confirmed_print=seen, held_until=at
            )
        hint(issue_certificate, certificate.pk)


def ask_correction(*, certificate_id: int, text: str, at: datetime) -> Correction:
    """The holder says what is wrong; it waits until that is settled.

    The focal points of the agency get a mail, DOST officers where there is none. Raises NotDone.
    """
    text = text.strip()[:LONGEST_WISH]
    if not text:
        raise NotDone(_("Say what is to be corrected."))
    mails = correction_mails.write(certificate_id=certificate_id, text=text, at=at)
    with transaction.atomic():
        certificate = _lock(certificate_id)
        try:
            shown = to_be_printed(certificate=certificate, at=at)
        except freezing.CannotIssue:
            shown = {"full_name": certificate.person.full_name}
        correction = Correction.objects.create(
            certificate=certificate, shown=shown, text=text, asked_at=at
        )
        Certificate.objects.filter(pk=certificate.pk).update(confirmed_at=None, confirmed_print="")
        queue_mails(mails=mails, at=at)
    correction_mails.send_soon()
    return correction


def _lock(certificate_id: int) -> Certificate:
    """The certificate under its register's lock, while its holder may still speak."""
    asked = Certificate.objects.select_related("rule").get(pk=certificate_id)
    entering.lock(asked.issuing_rule.register_id)
    certificate = Certificate.objects.select_related(*freezing.PRINTED).get(pk=certificate_id)
    if certificate.state != Certificate.State.PENDING or certificate.held_until is None:
        raise NotDone(_("The certificate has its number already; ask the Department."))
    if Correction.objects.open().filter(certificate=certificate).exists():
        raise NotDone(_("A correction was asked for already; it is being looked at."))
    return certificate


def agencies(certificate: Certificate, *, on: date) -> Any:
    """Those that can be printed: there on this day, or when the holder was enrolled."""
    assert certificate.enrolment
    then = timezone.localdate(certificate.enrolment.enrolled_at)
    there = Agency.objects.valid(on=on) | Agency.objects.valid(on=then)
    return there.order_by("search_text")


def settle(
    *,
    correction_id: int,
    full_name: str,
    date_of_birth: date | None,
    agency: Agency | None,
    answer: str,
    by: Any,
    at: datetime,
) -> bool:
    """Correct the person where something is wrong, answer, and ask the holder again.

    ``agency`` is printed on this certificate, None for that of the enrolment; the enrolment itself
    and what was counted under it stay. False where it was settled already. Raises NotDone without
    an answer, ValidationError.
    """
    if not answer.strip():
        raise NotDone(_("Say what was done."))
    with transaction.atomic():
        correction = Correction.objects.select_related("certificate__rule").get(pk=correction_id)
        entering.lock(correction.certificate.issuing_rule.register_id)
        settled = Correction.objects.open().filter(pk=correction_id)
        if not settled.update(settled_at=at, settled_by=by, answer=answer.strip()):
            return False
        correct_person(
            person_id=correction.certificate.person_id,
            full_name=full_name,
            date_of_birth=date_of_birth,
            reason=correction.text,
            by=by,
            at=at,
        )
        Certificate.objects.filter(pk=correction.certificate_id).update(printed_agency=agency)
        printed = Certificate.objects.select_related(*freezing.PRINTED)
        certificate = printed.get(pk=correction.certificate_id)
        Correction.objects.filter(pk=correction_id).update(corrected=_corrected(certificate))
        _ask_again(certificate, at=at)
    return True


def _corrected(certificate: Certificate) -> dict[str, Any]:
    """As ``SHOWN``, whether or not it could be issued."""
    born, workplace = certificate.person.date_of_birth, certificate.workplace
    return {
        "full_name": certificate.person.full_name,
        "date_of_birth": born.isoformat() if born else None,
        "workplace": workplace.name if workplace else None,
    }
