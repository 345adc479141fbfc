"""A holder's wish that something be corrected before it is printed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import Certificate
from people.models import AgencyRole
from vietnamese.fields import NFCTextField


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def open(self) -> CorrectionQuerySet:
        """Those that nobody has settled."""
        return self.filter(settled_at__isnull=True)

    def visible_to(self, user: Any) -> CorrectionQuerySet:
        """A focal point's: of the agencies that are printed. All for DOST officers."""
        if user.has_perm("certificates.view_certificate"):
            return self
        own = AgencyRole.objects.filter(user=user).values("agency")
        return self.filter(certificate__enrolment__agency__in=own)


class Correction(models.Model):
    """What the holder wants corrected, and what became of it.

    ``shown`` is what the holder saw, ``corrected`` what it was made into: full_name, date_of_birth,
    workplace.
    """

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="corrections", verbose_name=_("certificate")
    )
    shown = models.JSONField()
    corrected = models.JSONField(null=True)
    text = NFCTextField(_("what is to be corrected"))
    asked_at = models.DateTimeField(_("asked at"))
    answer = NFCTextField(_("answer"), blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("settled by"),
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction before issue")
        verbose_name_plural = _("corrections before issue")
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(settled_at__isnull=True),
                name="one_open_correction",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(answer=""),
                name="a_correction_is_settled_by_somebody_with_an_answer",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="a_correction_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate.person}: {self.text[:60]}"

    @property
    def is_open(self) -> bool:
        return self.settled_at is None
