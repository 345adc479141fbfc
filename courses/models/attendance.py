"""Class meetings of a run, and who was there."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models.content import private_storage
from courses.models.enrolment import Enrolment
from courses.models.run import CourseRun
from vietnamese.fields import NFCCharField, NFCTextField


def new_secret() -> str:
    """What the codes of a session are derived from."""
    return secrets.token_hex(20)


class SessionQuerySet(models.QuerySet["Session"]):
    def held(self) -> SessionQuerySet:
        """Those that take place or took place; a cancelled one asks nobody to come."""
        return self.filter(cancelled_at__isnull=True)


class Session(models.Model):
    """A class meeting (buổi học) of a run.

    ``revision`` counts its changes, for the calendars that took it over.
    """

    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="sessions")
    title = NFCCharField(_("title"), max_length=200)
    starts_at = models.DateTimeField(_("begins at"))
    ends_at = models.DateTimeField(_("ends at"))
    place = NFCCharField(_("place"), max_length=200)
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("trainer"),
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)
    revised_at = models.DateTimeField(default=timezone.now, editable=False)
    secret = models.CharField(max_length=40, default=new_secret, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("class meeting")
        verbose_name_plural = _("class meetings")
        ordering: ClassVar = ["run", "starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="session_ends_after_it_begins",
                violation_error_message=_("The end is not after the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def minutes(self) -> int:
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


class AttendanceSheet(models.Model):
    """The scan of a signed attendance sheet."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="sheets")
    scan = models.FileField(_("scan"), upload_to="attendance", storage=private_storage)
    kept_at = models.DateTimeField(_("kept at"))
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("attendance sheet")
        verbose_name_plural = _("attendance sheets")
        ordering: ClassVar = ["kept_at", "pk"]

    def __str__(self) -> str:
        return f"{self.session}, {self.kept_at:%d/%m/%Y}"


class Attendance(models.Model):
    """Whether a learner was at a class meeting, and how that is known.

    Evidence counts at the end of the meeting, whenever it is entered. ``label`` says how far a
    check-in can be trusted; ``code_at`` is the time of the code it carried.
    """

    class Source(models.TextChoices):
        ROSTER = "roster", _("Called from the list")
        CODE = "code", _("Checked in with the code")
        SHEET = "sheet", _("Signed sheet")

    class Label(models.TextChoices):
        NONE = "", _("On time")
        DELAYED = "delayed", _("Sent later by a device that was offline")

    session = models.ForeignKey(Session, models.PROTECT, related_name="attendance")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attendance")
    present = models.BooleanField(_("present"))
    source = models.CharField(_("how it is known"), max_length=10, choices=Source)
    label = models.CharField(_("label"), max_length=10, choices=Label, blank=True)
    code_at = models.DateTimeField(_("time of the code"), null=True, blank=True)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    sheet = models.ForeignKey(
        AttendanceSheet, models.PROTECT, null=True, blank=True, related_name="entries"
    )

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(fields=["session", "enrolment"], name="attendance_once"),
            models.CheckConstraint(
                condition=~Q(source="code") | Q(present=True, code_at__isnull=False),
                name="who_checked_in_was_present",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, {self.session}"


class AttendanceChange(models.Model):
    """An entry that was changed by hand: what stood before, who changed it and why."""

    append_only = True

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reason = NFCTextField(_("reason"))
    present = models.BooleanField(_("present before"))
    source = models.CharField(_("known before by"), max_length=10, choices=Attendance.Source)

    class Meta:
        verbose_name = _("changed attendance")
        verbose_name_plural = _("changed attendance")
        ordering: ClassVar = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="changed_attendance_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.attendance}: {self.reason}"
