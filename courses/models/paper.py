"""Sheets of paper tests: what was entered at once, with the scan it was read from."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.assessment import Assessment
from courses.models.content import private_storage
from courses.models.run import CourseRun
from vietnamese.fields import NFCTextField


class ResultSheetQuerySet(models.QuerySet["ResultSheet"]):
    def visible_to(self, user: Any) -> ResultSheetQuerySet:
        """For staff: those of the runs one may manage."""
        return self.filter(run__in=CourseRun.objects.visible_to(user))


class ResultSheet(models.Model):
    """One entry of marks of a paper test: the day of the test, the highest mark, the scan.

    The results point to the sheet that gave them their mark. A correction is a sheet of its own,
    with its reason.
    """

    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="result_sheets")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="sheets")
    decided_at = models.DateTimeField(_("taken at"))
    max_score = models.DecimalField(_("highest possible mark"), max_digits=7, decimal_places=2)
    reason = NFCTextField(_("reason"), blank=True)
    scan = models.FileField(
        _("scan"), upload_to="paper", storage=private_storage, max_length=200, blank=True
    )
    scan_hash = models.CharField(max_length=64, blank=True, editable=False)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("entered by"),
    )

    objects = ResultSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet of a paper test")
        verbose_name_plural = _("sheets of paper tests")
        ordering: ClassVar = ["-entered_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(max_score__gt=0), name="sheet_has_marks"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}, {self.decided_at:%d/%m/%Y}"
