"""How far a long piece of work is: a row that pages show and a sweep reads."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Progress(models.Model):
    """One piece of long work. ``kind`` names who carries it on (``jobs.progress.register``)."""

    class State(models.TextChoices):
        GOING = "going", _("Under way")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Stopped by a problem")

    kind = models.CharField(_("kind"), max_length=60)
    total = models.PositiveIntegerField(_("in all"))
    done = models.PositiveIntegerField(_("done"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.GOING)
    problem = models.TextField(_("problem"), blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started at"))
    moved_at = models.DateTimeField(_("last moved at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("progress of long work")
        verbose_name_plural = _("progress of long work")
        ordering: ClassVar = ["-started_at", "-pk"]
        indexes = [
            models.Index(F("moved_at"), name="progress_going", condition=Q(state="going")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="finished", finished_at__isnull=False)
                | (~Q(state="finished") & Q(finished_at__isnull=True)),
                name="progress_has_an_end_once_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.done}/{self.total}"

    @property
    def percent(self) -> int:
        """Whole per cent of what is to be done; never more than 100."""
        return min(100, 100 * self.done // self.total) if self.total else 100

    @property
    def is_going(self) -> bool:
        return self.state == self.State.GOING
