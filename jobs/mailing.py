"""Queuing and sending mails.

1. A row is written in the transaction that gives the reason; its key makes two reasons one mail.
2. After the commit a task sends it; a sweep sends what no task has sent.
3. A sender claims the row by a conditional UPDATE with a lease, sends outside any transaction, and
   notes the receipt. A sender that dies in between leaves a lease that runs out: then nobody knows
   whether the mail went out, the row says so, and a person decides whether it is sent again. The
   Message-ID is made of the key, so that a mailbox can tell a second copy.
"""

import hashlib
import logging
import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.utils.encoding import force_str

from jobs import quiet_hours
from jobs.hinting import hint
from jobs.letters import Rendered
from jobs.models import Mail
from jobs.models.mail import RETRIABLE

logger = logging.getLogger(__name__)
# Longer than a mail server may take to answer; see EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
# How long to wait after each try that failed; after the last one a person must look.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 240))
# A sweep may not keep the others waiting; what is left is sent by the next.
SWEEP_SECONDS = 8.0
SWEEP_MOST = 1000
FORGET_BATCH = 500


@dataclass(frozen=True)
class Outgoing:
    """A mail to be queued, together with others."""

    key: str
    to: str
    letter: Rendered


def queue_mail(
    *, key: str, to: str, letter: Rendered, at: datetime, security: bool = False
) -> Mail:
    """Write the row, in the caller's transaction, and send the hint after its commit.

    A key that is known changes nothing: the mail that stands is returned.
    """
    from jobs.tasks import send_one  # tasks import this module

    mail, created = Mail.objects.get_or_create(
        key=key, defaults=_values(Outgoing(key, to, letter), at=at, security=security)
    )
    if created:
        hint(send_one, mail.pk)
    return mail


def queue_mails(*, mails: Sequence[Outgoing], at: datetime) -> None:
    """Write many rows in one statement; keys that are known are left as they are.

    No hint is sent for each: after the last of them, ``hint(jobs.tasks.send_all)``.
    """
    rows = [Mail(**_values(mail, at=at)) for mail in mails]
    Mail.objects.bulk_create(rows, ignore_conflicts=True)


def _values(mail: Outgoing, *, at: datetime, security: bool = False) -> dict[str, Any]:
    return {
        "key": mail.key,
        "to": mail.to,
        "language": mail.letter.language,
        "subject": mail.letter.subject,
        "text": mail.letter.text,
        "html": mail.letter.html,
        "security": security,
        "not_before": at if security else quiet_hours.first_loud(at),
        "created_at": at,
    }


def send_mail(*, mail_id: int, at: datetime) -> Mail | None:
    """Send one mail if it is due; the row as it is afterwards, None if it is not there."""
    line = get_connection()
    try:
        _send(mail_id, line=line, at=at)
    finally:
        _hang_up(line)
    return Mail.objects.filter(pk=mail_id).first()


def send_due(at: datetime) -> int:
    """Sweep: send what is due over one connection. Returns how many went out.

    Stops when the mail server cannot be reached: only one mail bears that try.
    """
    give_up_lost(at=at)
    began = time.monotonic()
    due = Mail.objects.due(at=at).order_by("not_before", "pk").values_list("pk", flat=True)
    ids = list(due[:SWEEP_MOST])
    if not ids:
        return 0
    sent = 0
    line = get_connection()
    try:
        for mail_id in ids:
            passed = time.monotonic() - began
            if passed > SWEEP_SECONDS:
                break
            outcome = _send(mail_id, line=line, at=at + timedelta(seconds=passed))
            if outcome is _UNREACHABLE:
                break
            sent += outcome == Mail.State.SENT
    finally:
        _hang_up(line)
    return sent


def give_up_lost(*, at: datetime) -> int:
    """Mails whose sender has not come back within its lease: perhaps sent, perhaps not."""
    lost = Mail.objects.filter(state=Mail.State.SENDING, lease_until__lt=at)
    return lost.update(state=Mail.State.UNCERTAIN, lease_until=None)


def forget_old(at: datetime) -> int:
    """Sweep: empty mails that went out long ago; that they went out, and why, is kept."""
    old = Mail.objects.filter(
        state=Mail.State.SENT, sent_at__lt=at - timedelta(days=settings.MAIL_TEXT_DAYS)
    ).exclude(text="")
    batch = list(old.order_by("sent_at").values_list("pk", flat=True)[:FORGET_BATCH])
    return Mail.objects.filter(pk__in=batch).update(text="", html="")


def retry_mail(*, mail_id: int, at: datetime) -> bool:
    """Put a mail that was not sent, or perhaps not, back into the queue; False if it is neither."""
    from jobs.tasks import send_one

    changed = Mail.objects.filter(pk=mail_id, state__in=RETRIABLE).update(
        state=Mail.State.QUEUED, tries=0, problem="", not_before=at
    )
    if changed:
        hint(send_one, mail_id)
    return bool(changed)


_UNREACHABLE = "unreachable"


def _send(mail_id: int, *, line: BaseEmailBackend, at: datetime) -> str:
    """The mail's state afterwards, ``_UNREACHABLE`` where no server answered, or nothing to do."""
    # 1. Claim: of several senders one changes the row.
    until = at + LEASE
    claimed = (
        Mail.objects.due(at=at)
        .filter(pk=mail_id)
        .update(state=Mail.State.SENDING, lease_until=until, tries=F("tries") + 1)
    )
    if not claimed:
        return ""
    mail = Mail.objects.get(pk=mail_id)
    # 2. Send, outside any transaction.
    reached = False
    try:
        message = _message(mail, line)
        message.message()  # headers that cannot be written are found before anybody is called
        line.open()
        reached = True
        line.send_messages([message])
    except Exception as error:
        _hang_up(line)
        logger.warning("mail %s: %r", mail_id, error)
        outcome = _outcome(error, reached=reached)
        _note_failure(mail, until=until, outcome=outcome, error=error, at=at)
        return outcome if reached or outcome == Mail.State.FAILED else _UNREACHABLE
    # 3. Receipt. Whatever became of the claim meanwhile: the mail is out.
    values: dict[str, Any] = {"state": Mail.State.SENT, "sent_at": at, "problem": ""}
    if mail.security:
        values |= {"text": "", "html": ""}
    Mail.objects.filter(pk=mail_id).exclude(state=Mail.State.SENT).update(
        lease_until=None, **values
    )
    return Mail.State.SENT


def _message(mail: Mail, line: BaseEmailBackend) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to],
        connection=line,
        headers={
            "Message-ID": message_id(mail),
            "Date": formatdate(mail.created_at.timestamp(), localtime=False),
            "Auto-Submitted": "auto-generated",  # out-of-office answers stay away
            "Content-Language": mail.language,
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def message_id(mail: Mail) -> str:
    """The same for every copy of a mail."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    return f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:32]}@{host}>"


def _outcome(error: Exception, *, reached: bool) -> str:
    """What an error says: refused for good, to be tried again, or perhaps sent all the same."""
    if isinstance(error, ValueError | smtplib.SMTPNotSupportedError):
        return Mail.State.FAILED  # an address or a header that cannot be written
    if not reached:
        return Mail.State.QUEUED
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _said in error.recipients.values()]
        return Mail.State.FAILED if min(codes) >= 500 else Mail.State.QUEUED
    if isinstance(error, smtplib.SMTPDataError):
        return Mail.State.FAILED if error.smtp_code >= 500 else Mail.State.QUEUED
    if isinstance(error, smtplib.SMTPResponseException):
        return Mail.State.QUEUED  # the server said no to us, not to the mail
    return Mail.State.UNCERTAIN


def _note_failure(
    mail: Mail, *, until: datetime, outcome: str, error: Exception, at: datetime
) -> None:
    not_before = mail.not_before
    if outcome == Mail.State.QUEUED:
        if mail.tries > len(PAUSES):
            outcome = Mail.State.FAILED
        else:
            not_before = at + PAUSES[mail.tries - 1]
    # The lease is the claim: who has lost it has nothing to say any more.
    Mail.objects.filter(pk=mail.pk, state=Mail.State.SENDING, lease_until=until).update(
        state=outcome, lease_until=None, not_before=not_before, problem=_said(error)
    )


def _said(error: Exception) -> str:
    """The reason in the server's own words."""
    answers: list[tuple[int, Any]] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        answers = [(error.smtp_code, error.smtp_error)]
    said = "; ".join(f"{code} {force_str(text, errors='replace')}" for code, text in answers)
    return (said or str(error) or type(error).__name__).replace("\x00", "")[:500]


def _hang_up(line: BaseEmailBackend) -> None:
    try:
        line.close()
    except Exception:  # it may be broken already
        logger.debug("the connection to the mail server was not closed", exc_info=True)
