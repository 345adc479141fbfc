"""What a holder sees of the own certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates.holder import waiting
from certificates.holder.waiting import Wait
from certificates.issue import filing
from certificates.models import Certificate, RegisterEntry
from certificates.paper import wording
from certificates.proof.keys import KeyUnusable
from certificates.register import validity
from certificates.register.validity import Judgement, Status
from courses.asking import Action
from courses.models import Enrolment
from jobs.compiled import Compiled, Given
from vietnamese.text import fold


@dataclass(frozen=True)
class Held:
    """A certificate with the entry that stands; ``entry`` is None until it is numbered.

    That is the latest one whose paper is there (``filed``), or else the latest. ``ended`` is the
    entry by which it was revoked or voided, ``coming`` a number whose paper is still being made,
    ``wait`` for whom it waits where that was asked.
    """

    certificate: Certificate
    entry: RegisterEntry | None
    ended: RegisterEntry | None
    filed: bool
    judged: Judgement
    wait: Wait | None = None

    @property
    def coming(self) -> RegisterEntry | None:
        return self.judged.by if not self.ended else None


_ENTRIES = Prefetch(
    "entries", RegisterEntry.objects.select_related("register", "valid_edition", "by")
)


def certificates(*, person_id: int | None) -> list[Held]:
    """All certificates of a person, latest first. Two statements, three where one is pending."""
    found = list(
        Certificate.objects.of_person(person_id).select_related("rule").prefetch_related(_ENTRIES)
    )
    waits = waiting.of_many(found)
    return [_held(one, waits[one.pk]) for one in found]


def of_agencies(agency_ids: Sequence[int]) -> list[Held]:
    """The certificates of these agencies, as at the enrolment, that have a file and are not ended.

    One of which a later number is still being made is shown with the number that stands.

    By given name, with ``hand_outs``. A few statements.
    """
    found = (
        Certificate.objects.filter(enrolment__agency__in=agency_ids)
        .exclude(state__in=[Certificate.State.PENDING, Certificate.State.REFUSED])
        .select_related("person", "enrolment__agency", "enrolment__run", "rule")
        .prefetch_related(_ENTRIES, "hand_outs")
        .order_by("person__sort_name", "pk")
    )
    return [held for held in map(_held, found) if held.filed and not held.ended]


def of_enrolments(enrolment_ids: Sequence[int]) -> list[Held]:
    """The certificates that rest on these enrolments. Two statements."""
    if not enrolment_ids:
        return []
    found = Certificate.objects.filter(enrolment__in=enrolment_ids)
    return [_held(one) for one in found.prefetch_related(_ENTRIES)]


def _held(certificate: Certificate, wait: Wait | None = None) -> Held:
    history = _history(certificate)
    numbered = [one for one in history if one.kind in RegisterEntry.NUMBERED]
    if not numbered:
        return Held(certificate, None, None, False, Judgement(Status.BEING_ISSUED), wait)
    papered = [one for one in numbered if validity.papered(one, history)]
    standing = (papered or numbered)[-1]
    today = timezone.localdate()
    return Held(
        certificate,
        standing,
        validity.ended_by(history, on=today),
        filed=bool(papered) and not standing.on_paper,
        judged=validity.judge(standing, history=history, on=today),
        wait=wait,
    )


def _history(certificate: Certificate) -> list[RegisterEntry]:
    if certificate.state in (Certificate.State.PENDING, Certificate.State.REFUSED):
        return []
    return sorted(certificate.entries.all(), key=lambda one: one.position)


def filed_entry(*, certificate: Certificate, number: str = "") -> RegisterEntry | None:
    """The latest numbered entry whose file is filed, or the one with this number."""
    filed = certificate.entries.papered().filter(on_paper=False).select_related("register")
    if number:
        filed = filed.filter(number=number)
    return filed.order_by("-position").first()


def standing_entry(*, certificate: Certificate) -> RegisterEntry | None:
    """The numbered entry that stands and is filed; None where it was revoked or voided."""
    held = _held(certificate)
    if held.entry is None or held.ended or not held.filed:
        return None
    return held.entry


def overview(*, certificate: Certificate) -> dict[str, Any]:
    """Context of a certificate's page: ``certificate, entry, ended, filed, content``, the content
    as it is ``said`` on the paper, how it is ``judged`` today, the number that is ``coming``, the
    register entries about it (``history``) and the ``files`` among them, and the look-up
    ``address`` in its QR, where the register's key can be used. Four statements at most."""
    prefetch_related_objects([certificate], _ENTRIES)
    held = _held(certificate, waiting.of_one(certificate))
    content = held.entry.content if held.entry else {}
    history = _history(certificate)
    return {
        "certificate": certificate,
        "entry": held.entry,
        "ended": held.ended,
        "filed": held.filed,
        "content": content,
        "said": wording.values(content) if content and not content.get("legacy") else {},
        "issued_on": date.fromisoformat(content["issued_on"]) if content else None,
        "judged": held.judged,
        "coming": held.coming,
        "history": history,
        "files": {one.of_id for one in history if one.kind == RegisterEntry.Kind.FILED},
        "address": _address(held.entry) if held.entry and held.filed else "",
        "notice": None if held.filed else _say(held),
    }


def _address(entry: RegisterEntry) -> str:
    try:
        return filing.qr_address(entry)
    except KeyUnusable:  # the rest of the page can be shown
        return ""


def download_name(entry: RegisterEntry) -> str:
    """A file name that any system keeps: ASCII, with number and holder."""
    words = f"{entry.number} {entry.content['full_name']}"
    return "-".join(fold(words.replace("/", "-")).split()) + ".pdf"


_OF_ENROLMENT = Compiled(lambda: Certificate.objects.filter(enrolment=Given("enrolment")))


def notice(enrolment: Enrolment) -> Action | None:
    """What there is to say about an enrolment's certificate (hook ``enrolment_notice``)."""
    found = _OF_ENROLMENT.first(enrolment=enrolment.pk)
    return live_line(certificate=found) if found else None


def consequences(rows: Sequence[Model]) -> list[str]:
    """The certificates in force that rest on enrolments (hook ``describe_consequences``)."""
    enrolments = [row.pk for row in rows if isinstance(row, Enrolment)]
    return [
        _("Certificate %(number)s") % {"number": held.entry.number}
        if held.entry
        else _("A certificate is being issued")
        for held in of_enrolments(enrolments)
        if not held.ended and held.certificate.state != Certificate.State.REFUSED
    ]


def numbers(enrolments: Sequence[Enrolment]) -> dict[int, str]:
    """The numbers that stand, by enrolment (hook ``printed_numbers``). Two statements."""
    return {
        held.certificate.enrolment_id: held.entry.number or ""
        for held in of_enrolments([one.pk for one in enrolments])
        if held.certificate.enrolment_id and held.entry and not held.ended
    }


def live_line(*, certificate: Certificate) -> Action:
    """The line "certificate on its way" as it is now; it is live while no person is waited for."""
    return _say(_held(certificate, waiting.of_one(certificate)))


def _say(held: Held) -> Action:
    """``seen`` in the live address spares the page an answer that it already shows."""
    certificate = held.certificate
    number = _("No. %(number)s") % {"number": held.entry.number} if held.entry else ""
    url = reverse("certificates:certificate", args=[certificate.public_id])
    if held.ended:
        text, link = _("Your certificate was taken back"), _("Open the certificate")
        return Action(text, url=url, link=link, detail=number)
    if held.filed:
        text, link = _("Your certificate is ready"), _("Open the certificate")
        return Action(text, url=url, link=link, detail=number, done=True)
    if held.entry and held.entry.on_paper:
        text, link = _("A paper certificate of earlier years"), _("Open the certificate")
        return Action(text, url=url, link=link, detail=number, done=True)
    if certificate.state == Certificate.State.REFUSED:
        return Action(
            _("No certificate is issued"),
            detail=_("Reason: %(reason)s") % {"reason": certificate.refusal},
        )
    if _may_confirm(held):
        return _ask_to_confirm(certificate)
    if held.wait:
        nothing_to_do = "" if held.wait == Wait.CORRECTION else _("You need not do anything.")
        return Action(waiting.sentence(held.wait), detail=number or nothing_to_do)
    late = _("It takes longer than usual. It will be issued without your doing anything.")
    live_url = reverse("certificates:state", args=[certificate.public_id])
    return Action(
        _("Your certificate is being issued"),
        detail=late if certificate.problem else number,
        live_url=f"{live_url}?seen={certificate.state}",
    )


def _may_confirm(held: Held) -> bool:
    """Whether the holder has the next word, even if an officer has one after it."""
    until = held.certificate.held_until
    in_time = until is not None and until > timezone.now()
    return in_time and held.certificate.wants_confirmation and held.wait != Wait.CORRECTION


def _ask_to_confirm(certificate: Certificate) -> Action:
    assert certificate.held_until
    until = timezone.localtime(certificate.held_until).strftime("%d/%m/%Y")
    return Action(
        _("Please check what will stand on your certificate"),
        url=reverse("certificates:confirm", args=[certificate.public_id]),
        link=_("Check and confirm"),
        detail=_("By %(date)s; after that day it is printed as it stands.") % {"date": until},
    )
