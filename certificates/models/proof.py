"""What a holder shows to others: a place in a status list, a link; and the keys that prove it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from certificates.models.certificate import Certificate
from certificates.models.register import Register, RegisterEntry


class CredentialStatus(models.Model):
    """Which bit of which status list tells whether a numbered entry still stands.

    Assigned at random and once, so that the place tells nothing of the number (W3C Bitstring
    Status List 1.0, 5.1).
    """

    LENGTH: ClassVar = 131_072  # bits of a list: the least that lets one hide among others
    append_only = True

    entry = models.OneToOneField(
        RegisterEntry, models.PROTECT, related_name="credential_status", editable=False
    )
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", editable=False)
    list_number = models.PositiveIntegerField(editable=False)
    index = models.PositiveIntegerField(editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "list_number", "index"], name="status_place_once"
            ),
            models.CheckConstraint(condition=Q(index__lt=131_072), name="status_place_in_list"),
        ]

    def __str__(self) -> str:
        return f"{self.list_number}:{self.index}"


class ShareLink(models.Model):
    """An unguessable public address of a certificate, made and withdrawn by its holder."""

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="share_links", editable=False
    )
    token = models.CharField(max_length=43, unique=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_share_link_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id}"


class UsedKey(models.Model):
    """The public half of a key that has signed for the registers, by its id: the guard of keys.

    Written down at its first use, so that no other key ever signs under the same id. It proves
    nothing to others: what they verify with comes from the settings and the key file (``keys.py``).
    """

    append_only = True

    key_id = models.PositiveSmallIntegerField(unique=True, editable=False)
    public_key = models.CharField(max_length=44, editable=False)
    at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return f"{self.key_id}: {self.public_key}"
