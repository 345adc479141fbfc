"""A correction of a key carried into the grades that were given before it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Progress
from quizzes.models.bank import QuestionBank, QuestionVersion
from vietnamese.fields import NFCTextField


class RegradingQuerySet(models.QuerySet["Regrading"]):
    def visible_to(self, user: Any) -> RegradingQuerySet:
        """Those of the banks one may see."""
        banks = QuestionBank.objects.visible_to(user)
        return self.filter(version__question__bank__in=banks)


class Regrading(models.Model):
    """One regrade of the attempts that hold a version: who had it done, why, and what came of it.

    It reaches the attempts of the courses that ``by`` manages. ``reached`` is the last enrolment
    looked at, so that work that was cut off goes on behind it.
    """

    version = models.ForeignKey(
        QuestionVersion,
        models.PROTECT,
        related_name="regradings",
        verbose_name=_("version of a question"),
    )
    work = models.OneToOneField(Progress, models.PROTECT, related_name="+")
    reason = NFCTextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"))
    reached = models.BigIntegerField(default=0)
    changed = models.PositiveIntegerField(_("grades changed"), default=0)
    now_passed = models.PositiveIntegerField(_("passed now"), default=0)
    now_failed = models.PositiveIntegerField(_("not passed now"), default=0)

    objects = RegradingQuerySet.as_manager()

    class Meta:
        verbose_name = _("regrade of a question")
        verbose_name_plural = _("regrades of questions")
        ordering: ClassVar = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="regrading_has_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.version)
