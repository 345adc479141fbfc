"""A brake on a rule: nothing more is numbered until an officer has looked."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import IssuingRule
from certificates.models.register import RegisterEntry
from vietnamese.fields import NFCTextField


class BrakeQuerySet(models.QuerySet["Brake"]):
    def open(self) -> BrakeQuerySet:
        """Those that nobody has released."""
        return self.filter(released_at__isnull=True)

    def visible_to(self, user: Any) -> BrakeQuerySet:
        """Every brake, for those who answer for what is issued."""
        return self if user.has_perm("certificates.view_brake") else self.none()


class Brake(models.Model):
    """Why the certificates of a rule wait, and who let them go.

    ``printed`` is what every paper of the rule would say now (``braking.printed_for_all``),
    ``after`` the entry that was issued last when it was pulled: a release accepts just that.
    """

    class Cause(models.TextChoices):
        CHANGED = "changed", _("The rule was changed since the last certificate")
        TOO_MANY = "too_many", _("More certificates than expected")
        BY_HAND = "by_hand", _("Stopped by an officer")

    rule = models.ForeignKey(
        IssuingRule, models.PROTECT, related_name="brakes", verbose_name=_("issuing rule")
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    pulled_at = models.DateTimeField(_("since"))
    pulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = NFCTextField(_("reason"), blank=True)
    printed = models.JSONField(default=dict)
    after = models.ForeignKey(RegisterEntry, models.PROTECT, null=True, related_name="+")
    day = models.DateField(null=True)
    counted = models.PositiveIntegerField(null=True)
    expected = models.PositiveIntegerField(null=True)
    released_at = models.DateTimeField(_("released at"), null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("released by"),
    )
    release_reason = NFCTextField(_("reason of the release"), blank=True)

    objects = BrakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("brake")
        verbose_name_plural = _("brakes")
        ordering: ClassVar = ["-pulled_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(released_at__isnull=True), name="one_brake_on_a_rule"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason=""),
                name="a_brake_is_released_by_somebody_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_cause_display()}"

    @property
    def is_open(self) -> bool:
        return self.released_at is None

    @property
    def why(self) -> str:
        """The cause with its figures, in one sentence."""
        day: date | None = self.day
        if self.cause == self.Cause.TOO_MANY and day:
            return str(
                _("%(counted)s certificates are dated %(day)s; %(expected)s are expected at most.")
            ) % {
                "counted": self.counted,
                "expected": self.expected,
                "day": day.strftime("%d/%m/%Y"),
            }
        return f"{self.get_cause_display()}: {self.reason}" if self.reason else self.caption

    @property
    def caption(self) -> str:
        return str(self.get_cause_display())
