"""Telling the holder that a certificate is there: one mail for each file, in its transaction."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from certificates.models import RegisterEntry
from jobs.letters import Letter
from jobs.mailing import Outgoing, queue_mail
from people.addressing import of_person

# What is dated longer ago is history that is being entered; nobody waits for a mail about it.
HISTORY = timedelta(days=60)


def write(*, entry: RegisterEntry, at: datetime) -> Outgoing | None:
    """The mail about a numbered entry that is about to be filed; None where there is none to send.

    To be called outside of transactions.
    """
    to = of_person(entry.certificate.person)
    if not to.email or entry.at < at - HISTORY:
        return None
    values = {"number": entry.number, "course": entry.content["course_title"]}
    with translation.override(to.language):
        letter = Letter(
            subject=_("Your certificate no. %(number)s") % values,
            name=to.name,
            paragraphs=[
                _("Your certificate no. %(number)s is ready: %(course)s.") % values,
                _("On its page you find the PDF, and the address by which others can check it."),
            ],
            path=reverse("certificates:certificate", args=[entry.certificate.public_id]),
            link=_("Open the certificate"),
        )
    return Outgoing(f"certificate-{entry.pk}", to.email, letter.render(language=to.language))


def queue(mail: Outgoing | None, *, at: datetime) -> None:
    """Queue it in the transaction that files the entry."""
    if mail:
        queue_mail(key=mail.key, to=mail.to, letter=mail.letter, at=at)
