"""Files that are signed outside: what was given away, until it comes back signed."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from certificates.models.register import RegisterEntry


class UnsignedFileQuerySet(models.QuerySet["UnsignedFile"]):
    def waiting(self) -> UnsignedFileQuerySet:
        """Those whose signed file has not come back."""
        filed = RegisterEntry.objects.filter(of=OuterRef("entry"), kind=RegisterEntry.Kind.FILED)
        return self.filter(~Exists(filed))


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
