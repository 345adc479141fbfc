"""What a holder sees of the own certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext as _

from certificates import filing, wording
from certificates.models import Certificate, RegisterEntry
from courses.asking import Action
from courses.models import Enrolment
from jobs.compiled import Compiled, Given
from vietnamese.text import fold


@dataclass(frozen=True)
class Held:
    """A certificate with the entry that stands; ``entry`` is None until it is numbered.

    ``ended`` is the entry by which it was revoked or voided.
    """

    certificate: Certificate
    entry: RegisterEntry | None
    ended: RegisterEntry | None
    filed: bool


def certificates(*, person_id: int | None) -> list[Held]:
    """All certificates of a person, latest first. Two statements."""
    found = (
        Certificate.objects.of_person(person_id)
        .select_related("rule")
        .prefetch_related("entries__register")
    )
    return [_held(one) for one in found]


def of_enrolments(enrolment_ids: Sequence[int]) -> list[Held]:
    """The certificates that rest on these enrolments. Two statements."""
    if not enrolment_ids:
        return []
    found = Certificate.objects.filter(enrolment__in=enrolment_ids)
    return [_held(one) for one in found.prefetch_related("entries")]


def _held(certificate: Certificate) -> Held:
    standing = ended = None
    for entry in _history(certificate):
        if entry.kind in RegisterEntry.NUMBERED:
            standing, ended = entry, None
        elif entry.kind in (RegisterEntry.Kind.REVOKE, RegisterEntry.Kind.VOID):
            ended = entry
    return Held(certificate, standing, ended, certificate.state == Certificate.State.FILED)


def _history(certificate: Certificate) -> list[RegisterEntry]:
    if certificate.state == Certificate.State.PENDING:
        return []
    return sorted(certificate.entries.all(), key=lambda one: one.position)


def filed_entry(*, certificate: Certificate) -> RegisterEntry | None:
    """The latest numbered entry whose file is filed."""
    return (
        certificate.entries.filter(
            kind__in=RegisterEntry.NUMBERED, followed_by__kind=RegisterEntry.Kind.FILED
        )
        .select_related("register")
        .order_by("-position")
        .first()
    )


def overview(*, certificate: Certificate) -> dict[str, Any]:
    """Context of a certificate's page: ``certificate, entry, ended, filed, content``, the content
    as it is ``said`` on the paper, the register entries about it (``history``), and the look-up
    ``address`` in its QR. Two statements."""
    prefetch_related_objects([certificate], "entries__register")
    held = _held(certificate)
    content = held.entry.content if held.entry else {}
    return {
        "certificate": certificate,
        "entry": held.entry,
        "ended": held.ended,
        "filed": held.filed,
        "content": content,
        "said": wording.values(content) if content else {},
        "issued_on": date.fromisoformat(content["issued_on"]) if content else None,
        "history": _history(certificate),
        "address": filing.qr_address(held.entry) if held.entry and held.filed else "",
        "notice": None if held.filed else _say(held),
    }


def download_name(entry: RegisterEntry) -> str:
    """A file name that any system keeps: ASCII, with number and holder."""
    words = f"{entry.number} {entry.content['full_name']}"
    return "-".join(fold(words.replace("/", "-")).split()) + ".pdf"


_OF_ENROLMENT = Compiled(lambda: Certificate.objects.filter(enrolment=Given("enrolment")))


def notice(enrolment: Enrolment) -> Action | None:
    """What there is to say about an enrolment's certificate (hook ``enrolment_notice``)."""
    found = _OF_ENROLMENT.first(enrolment=enrolment.pk)
    return _say(_held(found)) if found else None


def consequences(rows: Sequence[Model]) -> list[str]:
    """The certificates in force that rest on enrolments (hook ``describe_consequences``)."""
    enrolments = [row.pk for row in rows if isinstance(row, Enrolment)]
    return [
        _("Certificate %(number)s") % {"number": held.entry.number}
        if held.entry
        else _("A certificate is being issued")
        for held in of_enrolments(enrolments)
        if not held.ended
    ]


def numbers(enrolments: Sequence[Enrolment]) -> dict[int, str]:
    """The numbers that stand, by enrolment (hook ``printed_numbers``). Two statements."""
    return {
        held.certificate.enrolment_id: held.entry.number or ""
        for held in of_enrolments([one.pk for one in enrolments])
        if held.certificate.enrolment_id and held.entry and not held.ended
    }


def live_line(*, certificate: Certificate) -> Action:
    """The line "certificate on its way" as it is now."""
    return _say(_held(certificate))


def _say(held: Held) -> Action:
    """``seen`` in the live address spares the page an answer that it already shows."""
    certificate = held.certificate
    number = _("No. %(number)s") % {"number": held.entry.number} if held.entry else ""
    url = reverse("certificates:certificate", args=[certificate.public_id])
    if held.filed:
        text, link = _("Your certificate is ready"), _("Open the certificate")
        return Action(text, url=url, link=link, detail=number, done=True)
    late = _("It takes longer than usual. It will be issued without your doing anything.")
    live_url = reverse("certificates:state", args=[certificate.public_id])
    return Action(
        _("Your certificate is being issued"),
        detail=late if certificate.problem else number,
        live_url=f"{live_url}?seen={certificate.state}",
    )
