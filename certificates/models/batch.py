"""Certificates asked for together, by an officer, for people of one run or of a list."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import IssuingRule
from courses.models import CourseRun
from jobs.models import Progress


class IssueBatchQuerySet(models.QuerySet["IssueBatch"]):
    def visible_to(self, user: Any) -> IssueBatchQuerySet:
        """Every batch, for those who issue certificates."""
        return self if user.has_perm("certificates.view_issuebatch") else self.none()

    def paused(self) -> IssueBatchQuerySet:
        return self.filter(paused_at__isnull=False)


class IssueBatch(models.Model):
    """Of one run, or by a list (``IssueList``) of any runs of the course.

    ``chosen`` are keys of enrolments; the first ``reached`` of them were looked at.

    ``left_out`` are pairs of the key of an enrolment and the reason, in words.
    """

    run = models.ForeignKey(
        CourseRun, models.PROTECT, null=True, related_name="+", verbose_name=_("run")
    )
    rule = models.ForeignKey(
        IssuingRule, models.PROTECT, related_name="batches", verbose_name=_("issuing rule")
    )
    work = models.OneToOneField(Progress, models.PROTECT, related_name="+")
    chosen = models.JSONField()
    reached = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("begun at"))
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("paused by"),
    )

    objects = IssueBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue of many")
        verbose_name_plural = _("issues of many")
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return str(self.run or _("By a list: %(course)s") % {"course": self.rule})
