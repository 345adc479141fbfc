"""Paper certificates that were handed out."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import Certificate
from vietnamese.fields import NFCCharField


class HandOut(models.Model):
    """That a paper was handed out, when, by whom and to whom. Never changed; a second is a row."""

    append_only = True

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="hand_outs", verbose_name=_("certificate")
    )
    handed_on = models.DateField(_("handed out on"))
    to = NFCCharField(_("handed to"), max_length=120)
    remark = NFCCharField(_("remark"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("paper handed out")
        verbose_name_plural = _("papers handed out")
        ordering: ClassVar = ["handed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "handed_on", "to"], name="handed_out_once"
            ),
            models.CheckConstraint(condition=~Q(to=""), name="handed_to_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate}: {self.to}"
