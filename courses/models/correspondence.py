"""What is written in a run: messages to all, questions and answers, reminders."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models.enrolment import Enrolment
from courses.models.run import CourseRun
from jobs.models import Progress
from vietnamese.fields import NFCCharField, NFCTextField


class RunMessage(models.Model):
    """A message to a whole run: mailed to each active learner, and shown on the run's page.

    ``form`` is the form on which it was written: sending it twice is one message. ``reached`` is
    the last enrolment to which a mail has been queued.
    """

    run = models.ForeignKey(
        CourseRun, models.PROTECT, related_name="messages", verbose_name=_("course run")
    )
    form = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject = NFCCharField(_("subject"), max_length=200)
    text = NFCTextField(_("text"))
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("sent at"))
    progress = models.OneToOneField(Progress, models.PROTECT, related_name="run_message")
    reached = models.BigIntegerField(default=0)
    mails = models.PositiveIntegerField(_("mails"), default=0)

    class Meta:
        verbose_name = _("message to a run")
        verbose_name_plural = _("messages to runs")
        ordering: ClassVar = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(subject="") & ~Q(text=""), name="message_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class RunQuestionQuerySet(models.QuerySet["RunQuestion"]):
    def visible_to(self, user: Any) -> RunQuestionQuerySet:
        """Those of the runs that one may see as staff."""
        return self.filter(run__in=CourseRun.objects.visible_to(user))

    def shown_in(self, run_id: int) -> RunQuestionQuerySet:
        """Answered, and shown to the whole run: without a name."""
        return self.filter(run=run_id, shown_to_run=True)


class RunQuestion(models.Model):
    """A learner's question to the trainers of the run, and the one answer."""

    run = models.ForeignKey(
        CourseRun, models.PROTECT, related_name="questions", verbose_name=_("course run")
    )
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="questions")
    form = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = NFCTextField(_("question"))
    asked_at = models.DateTimeField(_("asked at"))
    answer = NFCTextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    shown_to_run = models.BooleanField(
        _("show question and answer to the whole run"),
        default=False,
        help_text=_("Without the name of who asked."),
    )

    objects = RunQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question of a learner")
        verbose_name_plural = _("questions of learners")
        ordering: ClassVar = [F("answered_at").asc(nulls_first=True), "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_asks_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, shown_to_run=False)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="question_is_shown_once_answered",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 80 else f"{self.text[:79]}…"


class Reminder(models.Model):
    """A mail that reminded a learner; at most one a day for each enrolment.

    ``stage`` is the day on which it was due, counted from ``deadline`` (-7 is a week before, 1 the
    day after); empty where a person has sent it.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="reminders")
    on = models.DateField(_("day"))
    at = models.DateTimeField(_("time"))
    deadline = models.DateField(_("deadline"))
    stage = models.SmallIntegerField(_("days from the deadline"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "on"], name="reminded_once_a_day"),
            models.UniqueConstraint(
                fields=["enrolment", "deadline", "stage"],
                condition=Q(stage__isnull=False),
                name="reminded_once_at_each_stage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, {self.on:%d/%m/%Y}"
