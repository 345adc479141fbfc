"""The public look-up: by the QR, or by the exact number together with the holder's name.

It shows name, course, number, date, issuer and status; never date of birth, workplace, score or
any personal number (Law 91/2025/QH15).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils import timezone

from certificates.models import RegisterEntry
from certificates.proof import keys, payload
from certificates.register import validity
from certificates.register.validity import Status
from vietnamese.text import fold, nfc


@dataclass(frozen=True)
class Found:
    """What anyone may know. ``status`` is a ``validity.Status`` as of today; ``decision`` and
    ``decided_on`` tell by what, ``successor`` by which number. A valid one has a ``successor``
    while the paper of its next number is being made; ``valid_until`` is its last day, if any.
    ``entered_on`` is set for a paper certificate that was entered afterwards; ``language`` is that
    of the paper; ``others`` are those to which other registers gave the same number under the same
    name."""

    full_name: str
    course_title: str
    number: str
    issued_on: date
    issuing_body: str
    status: str
    decision: str = ""
    decided_on: date | None = None
    successor: str = ""
    valid_until: date | None = None
    entered_on: date | None = None
    language: str = "vi"
    others: tuple["Found", ...] = ()


def by_number_and_name(*, number: str, full_name: str) -> Found | None:
    """The certificate with exactly this number, if the name is the holder's (folded).

    Of several the valid ones come last: whoever looks at the first alone takes none of them for
    another that is not.
    """
    entries = RegisterEntry.objects.filter(
        number=nfc(number).strip(), kind__in=RegisterEntry.NUMBERED
    ).select_related("certificate", "register")
    named = [one for one in entries if fold(one.content["full_name"]) == fold(full_name)]
    if not named:
        return None
    first, *others = sorted(map(of_entry, named), key=lambda one: one.status == Status.VALID)
    return replace(first, others=tuple(others))


def by_payload(
    *,
    text: str,
    public_keys: Mapping[int, Ed25519PublicKey],
    last_days: Mapping[int, date] | None = None,
) -> Found | None:
    """The certificate of a QR. Raises payload.InvalidPayload for a forged or damaged one."""
    signed = payload.decode(text, public_keys=public_keys, last_days=last_days)
    entry = (
        RegisterEntry.objects.filter(
            number=signed.number,
            register__code=signed.register_code,
            kind__in=RegisterEntry.NUMBERED,
        )
        .select_related("certificate", "register")
        .first()
    )
    if entry is None or entry.content["full_name"] != signed.full_name:
        return None
    return of_entry(entry)


def by_qr(text: str) -> Found | None:
    """As ``by_payload``, with the keys of this register. Raises KeyUnusable, too."""
    return by_payload(text=text, public_keys=keys.public_keys(), last_days=keys.last_days())


def of_certificate(*, certificate_id: int) -> Found | None:
    """What anyone may know of a certificate: its latest numbered entry, with its status."""
    entries = RegisterEntry.objects.filter(
        certificate=certificate_id, kind__in=RegisterEntry.NUMBERED
    ).select_related("certificate", "register")
    latest = entries.order_by("-position").first()
    return of_entry(latest) if latest else None


def of_entry(entry: RegisterEntry) -> Found:
    """What anyone may know of a numbered entry."""
    history = list(entry.certificate.entries.select_related("valid_edition").order_by("position"))
    entry = next(one for one in history if one.pk == entry.pk)
    judged = validity.judge(entry, history=history, on=timezone.localdate())
    by, content = judged.by, entry.content
    return Found(
        full_name=content["full_name"],
        course_title=content["course_title"],
        number=content["number"],
        issued_on=date.fromisoformat(content["issued_on"]),
        issuing_body=content["issuing_body"],
        status=judged.status.value,
        decision=by.decision_number if by else "",
        decided_on=by.decision_date if by else None,
        successor=(by.number or "") if by else "",
        valid_until=judged.until,
        entered_on=timezone.localdate(entry.at) if entry.on_paper else None,
        language=content.get("language", "vi"),  # paper of earlier years says none
    )
