"""Mails about what will be printed: to the holder, and to who corrects it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from certificates.models import Certificate, Correction
from jobs.hinting import hint
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mails
from jobs.tasks import send_all
from people.addressing import Addressee, of_person, of_user
from people.models import AgencyRole, User
from people.roles import Role

BATCH = 200


def ask_holders(at: datetime) -> int:
    """Sweep: a mail to each holder who has not been asked yet, once."""
    asked = 0
    while waiting := list(
        Certificate.objects.to_be_confirmed(at=at)
        .filter(asked_at__isnull=True)
        .exclude(Exists(Correction.objects.open().filter(certificate=OuterRef("pk"))))
        .select_related("person__user", "rule")
        .order_by("pk")[:BATCH]
    ):
        mails = [_ask(one) for one in waiting if of_person(one.person).email]
        with transaction.atomic():
            queue_mails(mails=mails, at=at)
            ids = [one.pk for one in waiting]
            Certificate.objects.filter(pk__in=ids, asked_at__isnull=True).update(asked_at=at)
        asked += len(waiting)
    return asked


def _ask(certificate: Certificate) -> Outgoing:
    to, until = of_person(certificate.person), certificate.held_until
    assert until
    with translation.override(to.language):
        letter = Letter(
            subject=_("Please check what will stand on your certificate"),
            name=to.name,
            paragraphs=[
                _("You have completed: %(course)s.")
                % {"course": certificate.issuing_rule.printed_title},
                _(
                    "Please check your name, date of birth and agency by %(date)s, and confirm "
                    "them or ask for a correction. After that day it is printed as it stands."
                )
                % {"date": timezone.localtime(until).strftime("%d/%m/%Y")},
            ],
            path=reverse("certificates:confirm", args=[certificate.public_id]),
            link=_("Check and confirm"),
        )
    key = f"confirm-{certificate.pk}-{until:%Y%m%d%H%M%S}"
    return Outgoing(key, to.email, letter.render(language=to.language))


def write(*, certificate_id: int, text: str, at: datetime) -> list[Outgoing]:
    """The mails about a wish, to who can settle it. To be called outside of transactions."""
    certificate = Certificate.objects.select_related("person", "enrolment").get(pk=certificate_id)
    mails = []
    for user in _responsible(certificate):
        to = of_user(user)
        key = f"correction-{certificate_id}-{at:%Y%m%d%H%M%S%f}-{user.pk}"
        mails.append(
            Outgoing(key, to.email, _wish(certificate, text, to).render(language=to.language))
        )
    return mails


def _responsible(certificate: Certificate) -> list[User]:
    """Focal points of the agency that have an address, else the officers."""
    agency = certificate.enrolment.agency_id if certificate.enrolment else None
    acting = AgencyRole.objects.filter(agency=agency).values("user")
    active = User.objects.filter(is_active=True).select_related("person").order_by("pk")
    own = [user for user in active.filter(pk__in=acting) if of_user(user).email]
    officers = active.filter(groups__name=Role.DOST_OFFICER.value)
    return own or [user for user in officers if of_user(user).email]


def _wish(certificate: Certificate, text: str, to: Addressee) -> Letter:
    with translation.override(to.language):
        return Letter(
            subject=_("Correction before issue: %(person)s") % {"person": certificate.person},
            name=to.name,
            paragraphs=[
                _(
                    "%(person)s asks for a correction before the certificate is issued. "
                    "It waits until you have settled that."
                )
                % {"person": certificate.person},
                text,
            ],
            path=reverse("corrections:index"),
            link=_("Corrections before issue"),
        )


def send_soon() -> None:
    hint(send_all)
