"""Long answers that people mark."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quizzes.models.attempt import Attempt
from quizzes.models.quiz import Quiz
from vietnamese.fields import NFCTextField


class MarkingTaskQuerySet(models.QuerySet["MarkingTask"]):
    def visible_to(self, user: Any) -> MarkingTaskQuerySet:
        """For staff: those of the own courses' tests; all for DOST officers."""
        return self.filter(attempt__quiz__in=Quiz.objects.visible_to(user))

    def waiting(self) -> MarkingTaskQuerySet:
        """Not marked yet, and the attempt's grade needs it: a question may have been voided."""
        return self.filter(marked_at__isnull=True, attempt__score__isnull=True)


class MarkingTask(models.Model):
    """One marker's look at one long answer. The marker never learns whose it is.

    ``share`` is the part of the slot's marks given, a string fraction from "0" to "1". Where two
    markers disagree, a third look in the round *reconciled* decides.
    """

    class Round(models.IntegerChoices):
        FIRST = 1, _("first marker")
        SECOND = 2, _("second marker")
        RECONCILED = 3, _("reconciliation")

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="marking_tasks")
    slot = models.PositiveSmallIntegerField(_("question"))
    round = models.PositiveSmallIntegerField(_("round"), choices=Round)
    marker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("marker"),
    )
    claimed_at = models.DateTimeField(_("taken at"), null=True)
    marked_at = models.DateTimeField(_("marked at"), null=True)
    points = models.JSONField(_("points by criterion"), null=True)
    share = models.CharField(_("share of the marks"), max_length=20, blank=True)
    comment = NFCTextField(_("comment"), blank=True)

    objects = MarkingTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to mark")
        verbose_name_plural = _("answers to mark")
        ordering: ClassVar = ["attempt__submitted_at", "attempt", "slot", "round"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "slot", "round"], name="marked_once"),
            models.CheckConstraint(
                condition=Q(marked_at__isnull=True, share="", points__isnull=True)
                | (
                    Q(marked_at__isnull=False, marker__isnull=False, points__isnull=False)
                    & ~Q(share="")
                ),
                name="marked_means_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["attempt"], condition=Q(marked_at__isnull=True), name="marking_waiting"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)  # shown to markers, who must not learn whose answer it is
