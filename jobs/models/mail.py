"""The mail queue: what is to be sent is a row first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from jobs import quiet_hours
from vietnamese.fields import NFCCharField, NFCTextField


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, *, at: datetime) -> MailQuerySet:
        """What may be sent at that moment; in quiet hours only what security needs."""
        waiting = self.filter(state=Mail.State.QUEUED, not_before__lte=at)
        return waiting.filter(security=True) if quiet_hours.are_quiet(at) else waiting

    def worst_first(self) -> MailQuerySet:
        """What a person must look at comes first; within a state the newest."""
        places = [When(state=state, then=Value(place)) for place, state in enumerate(WORST_FIRST)]
        return self.annotate(place=Case(*places)).order_by("place", "-created_at", "-pk")

    def visible_to(self, user: Any) -> MailQuerySet:
        """Every mail, for those who answer for the service; nothing for anybody else."""
        return self if user.has_perm("jobs.view_mail") else self.none()


class Mail(models.Model):
    """One mail to one address. It knows no person: only where it goes and what it says.

    ``key`` names the reason of the mail: queuing it twice is one mail. ``lease_until`` marks the
    sender that holds it. ``security`` mails are sent at any hour, shown to nobody, and emptied
    once they are sent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNCERTAIN = "uncertain", _("Perhaps sent")

    key = models.CharField(_("reason"), max_length=200, unique=True)
    to = models.EmailField(_("address"))
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    subject = NFCCharField(_("subject"), max_length=255)
    text = NFCTextField(_("text"), blank=True)
    html = NFCTextField(_("text as HTML"), blank=True)
    security = models.BooleanField(_("for the security of an account"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField(_("not before"))
    lease_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    problem = models.TextField(_("problem"), blank=True)
    created_at = models.DateTimeField(_("queued at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(F("state"), F("not_before"), name="mails_in_line"),
            models.Index(F("sent_at"), name="mails_to_forget", condition=~Q(text="")),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(key="") & ~Q(to=""), name="mail_has_an_address"),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_until__isnull=True)),
                name="mail_is_held_while_it_is_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="mail_has_a_time_once_it_is_sent",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


WORST_FIRST = (
    Mail.State.FAILED,
    Mail.State.UNCERTAIN,
    Mail.State.SENDING,
    Mail.State.QUEUED,
    Mail.State.SENT,
)
RETRIABLE = (Mail.State.FAILED, Mail.State.UNCERTAIN)
