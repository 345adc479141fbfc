"""Telling the holder: one mail for each file, and one where the certificate is taken back.

A later decision that gives a new number is told of with its file: each decision is one mail.
"""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from certificates.models import RegisterEntry
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mail
from people.addressing import of_person

Kind = RegisterEntry.Kind
# What is dated longer ago is history that is being entered; nobody waits for a mail about it.
HISTORY = timedelta(days=60)


def write(*, entry: RegisterEntry, at: datetime) -> Outgoing | None:
    """The mail about a numbered entry that is about to be filed; None where there is none to send.

    To be called outside of transactions.
    """
    to = of_person(entry.certificate.person)
    if not to.email or entry.at < at - HISTORY:
        return None
    with translation.override(to.language):
        letter = Letter(
            subject=_("Your certificate no. %(number)s") % {"number": entry.number},
            name=to.name,
            paragraphs=[
                *_ready(entry),
                _("On its page you find the PDF, and the address by which others can check it."),
            ],
            path=reverse("certificates:certificate", args=[entry.certificate.public_id]),
            link=_("Open the certificate"),
        )
    return Outgoing(f"certificate-{entry.pk}", to.email, letter.render(language=to.language))


def _ready(entry: RegisterEntry) -> list[str]:
    values = {"number": entry.number, "course": entry.content["course_title"]}
    if entry.of is None:
        return [_("Your certificate no. %(number)s is ready: %(course)s.") % values]
    said = {
        Kind.CORRECT: _("Your certificate no. %(old)s was corrected: %(course)s."),
        Kind.REISSUE: _("Your certificate no. %(old)s was issued anew: %(course)s."),
        Kind.RENEW: _("Your certificate no. %(old)s was renewed: %(course)s."),
    }[Kind(entry.kind)]
    new = _("The new certificate has no. %(number)s and takes the place of the earlier one.")
    assert entry.decision_date
    return [
        said % (values | {"old": entry.of.number}),
        new % values,
        _decided(entry.decision_number, entry.decision_date, entry.reason),
    ]


def write_taken_back(
    *, entry: RegisterEntry, kind: str, number: str, day: date, reason: str
) -> Outgoing | None:
    """The mail about a decision to revoke or void a numbered entry; None where there is none to
    send. To be called outside of transactions."""
    to = of_person(entry.certificate.person)
    if not to.email:
        return None
    values = {"number": entry.number, "course": entry.content["course_title"]}
    with translation.override(to.language):
        said = {
            Kind.REVOKE: _(
                "Your certificate no. %(number)s was revoked: %(course)s. From the date of the"
                " decision it is no longer in force."
            ),
            Kind.VOID: _(
                "Your certificate no. %(number)s was declared void: %(course)s. It counts as not"
                " issued."
            ),
        }[Kind(kind)]
        letter = Letter(
            subject=_("Decision on your certificate no. %(number)s") % values,
            name=to.name,
            paragraphs=[
                said % values,
                _decided(number, day, reason),
                _("If something about it is not clear or not right, ask the body that issued it."),
            ],
            path=reverse("certificates:certificate", args=[entry.certificate.public_id]),
            link=_("Open the certificate"),
        )
    # A certificate is taken back once.
    key = f"taken-back-{entry.certificate_id}"
    return Outgoing(key, to.email, letter.render(language=to.language))


def _decided(number: str, day: date, reason: str) -> str:
    values = {"number": number, "day": f"{day:%d/%m/%Y}", "reason": reason}
    return _("Decision %(number)s of %(day)s. Reason: %(reason)s") % values


def queue(mail: Outgoing | None, *, at: datetime) -> None:
    """Queue it in the transaction that enters what it tells of."""
    if mail:
        queue_mail(key=mail.key, to=mail.to, letter=mail.letter, at=at)
