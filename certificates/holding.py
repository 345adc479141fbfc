"""What a holder sees of the own certificates."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from certificates.models import Certificate, RegisterEntry
from courses.asking import Action
from courses.models import Enrolment
from vietnamese.text import fold


@dataclass(frozen=True)
class Held:
    """A certificate with the entry that stands; ``entry`` is None until it is numbered."""

    certificate: Certificate
    entry: RegisterEntry | None
    filed: bool


def certificates(*, person_id: int | None) -> list[Held]:
    """All certificates of a person, latest first. Two statements."""
    found = (
        Certificate.objects.of_person(person_id)
        .select_related("rule")
        .prefetch_related("entries__register")
    )
    return [_held(one) for one in found]


def _held(certificate: Certificate) -> Held:
    standing = None
    for entry in sorted(certificate.entries.all(), key=lambda one: one.position):
        if entry.kind in RegisterEntry.NUMBERED:
            standing = entry
    return Held(certificate, standing, certificate.state == Certificate.State.FILED)


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
    """Context of a certificate's page: ``certificate, entry, filed, content``."""
    held = _held(certificate)
    return {
        "certificate": certificate,
        "entry": held.entry,
        "filed": held.filed,
        "content": held.entry.content if held.entry else {},
    }


def download_name(entry: RegisterEntry) -> str:
    """A file name that any system keeps: ASCII, with number and holder."""
    words = f"{entry.number} {entry.content['full_name']}"
    return "-".join(fold(words.replace("/", "-")).split()) + ".pdf"


def notice(enrolment: Enrolment) -> Action | None:
    """What there is to say about an enrolment's certificate (hook ``enrolment_notice``)."""
    certificate = Certificate.objects.filter(enrolment=enrolment).first()
    if certificate is None:
        return None
    url = reverse("certificates:certificate", args=[certificate.public_id])
    if certificate.state == Certificate.State.FILED:
        return Action(_("Your certificate is ready"), url=url, done=True)
    return Action(
        _("Your certificate is being issued"),
        url=url,
        live_url=reverse("certificates:state", args=[certificate.public_id]),
    )
