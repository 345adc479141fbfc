"""Files that are signed outside: what was given away, until it comes back signed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from certificates.models.register import RegisterEntry
from jobs.models import Progress
from vietnamese.fields import NFCCharField, NFCTextField


class UnsignedFileQuerySet(models.QuerySet["UnsignedFile"]):
    def waiting(self) -> UnsignedFileQuerySet:
        """Those whose signed file has not come back, and is still wanted."""
        return self.filter(Exists(RegisterEntry.objects.unfiled().filter(pk=OuterRef("entry"))))

    def visible_to(self, user: Any) -> UnsignedFileQuerySet:
        """Those whose signed file is missing, for DOST officers; nothing for anybody else."""
        officer = user.has_perm("certificates.add_certificate")
        return self.waiting() if officer else self.none()


class UnsignedFile(models.Model):
    """The file of a numbered entry as it goes outside. A signed one must begin with these bytes."""

    append_only = True

    entry = models.OneToOneField(RegisterEntry, models.PROTECT, related_name="unsigned_file")
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField(_("size"))
    name = models.CharField(_("name in the storage"), max_length=200)
    made_at = models.DateTimeField(_("made at"))

    objects = UnsignedFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file to be signed")
        verbose_name_plural = _("files to be signed")

    def __str__(self) -> str:
        return self.name


class SignedUpload(models.Model):
    """A ZIP of files that somebody brought back signed, and how far it is worked off."""

    work = models.OneToOneField(Progress, models.PROTECT, related_name="signed_upload")
    file_name = NFCCharField(_("file"), max_length=200)
    name = models.CharField(_("name in the storage"), max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("upload of signed files")
        verbose_name_plural = _("uploads of signed files")
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class SignedUploadLine(models.Model):
    """What became of one file of an upload."""

    class Outcome(models.TextChoices):
        ENTERED = "entered", _("Entered")
        KNOWN = "known", _("Entered before")
        REFUSED = "refused", _("Refused")

    upload = models.ForeignKey(SignedUpload, models.PROTECT, related_name="lines")
    place = models.PositiveIntegerField(_("place in the archive"))
    file_name = NFCCharField(_("file"), max_length=200)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    words = NFCTextField(_("in words"), blank=True)
    entry = models.ForeignKey(RegisterEntry, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("signed file")
        verbose_name_plural = _("signed files")
        ordering: ClassVar = ["upload", "place"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "place"], name="signed_file_looked_at_once"),
        ]

    def __str__(self) -> str:
        return self.file_name
