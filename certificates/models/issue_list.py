"""Lists of people for whom certificates of one course are to be issued, whatever their runs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.batch import IssueBatch
from certificates.models.certificate import IssuingRule
from vietnamese.fields import NFCCharField


class IssueListQuerySet(models.QuerySet["IssueList"]):
    def visible_to(self, user: Any) -> IssueListQuerySet:
        """Every list, for those who issue certificates."""
        return self if user.has_perm("certificates.view_issuelist") else self.none()

    def kept(self) -> IssueListQuerySet:
        """Those that nobody has thrown away."""
        return self.filter(discarded_at__isnull=True)


class IssueList(models.Model):
    """``lines`` are what was read (``courses.lists.reading.Line``), ``decided`` what a person said
    of them: by the line's number, as text, the key of a person, or null for left out.

    What each line comes to is asked anew whenever it is shown (``certificates.issue.lists``).
    """

    rule = models.ForeignKey(
        IssuingRule, models.PROTECT, related_name="lists", verbose_name=_("issuing rule")
    )
    name = NFCCharField(_("name"), max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    lines = models.JSONField()
    decided = models.JSONField(default=dict)
    received_at = models.DateTimeField(_("received at"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    batch = models.OneToOneField(
        IssueBatch,
        models.PROTECT,
        null=True,
        related_name="issue_list",
        verbose_name=_("issue of many"),
    )
    discarded_at = models.DateTimeField(_("thrown away at"), null=True)

    objects = IssueListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list to issue by")
        verbose_name_plural = _("lists to issue by")
        ordering: ClassVar = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "received_by", "digest"],
                condition=Q(batch__isnull=True, discarded_at__isnull=True),
                name="issue_list_looked_at_once",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(discarded_at__isnull=True),
                name="what_is_issued_by_is_not_thrown_away",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.batch_id is None and self.discarded_at is None
