"""The register (sổ gốc) and its entries, which are never changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import StandardEdition
from certificates.register import numbering
from vietnamese.fields import NFCCharField, NFCTextField


class Register(models.Model):
    """A series of certificates of one issuing body, numbered by year.

    ``number_format`` is a Python format of ``sequence`` and ``year``. ``signing`` is how the files
    of certificates numbered from now on are signed.
    """

    class Signing(models.TextChoices):
        UNSIGNED = "unsigned", _("Not signed; the paper says so")
        SERVER = "server", _("On the server, with its key")
        OUTSIDE = "outside", _("Outside: taken away unsigned, brought back signed")

    code = models.SlugField(_("code"), max_length=10, unique=True)
    name = NFCCharField(_("name"), max_length=200)
    number_format = NFCCharField(
        _("form of a number"), max_length=60, default="{sequence:04d}/{year}/ĐGVNB-KH"
    )
    parent_body = NFCCharField(_("parent body"), max_length=200, blank=True)
    issuing_body = NFCCharField(_("issuing body"), max_length=200)
    place = NFCCharField(_("place of issue"), max_length=120)
    signer_authority = NFCCharField(
        _("authority line"), max_length=120, blank=True, help_text=_("TM., KT. or TL.")
    )
    signer_title = NFCCharField(_("signer's title"), max_length=120)
    signer_name = NFCCharField(_("signer"), max_length=120)
    signing = models.CharField(
        _("digital signature"),
        max_length=10,
        choices=Signing,
        default=Signing.UNSIGNED,
        db_default=Signing.UNSIGNED,
    )
    legacy = models.BooleanField(
        _("of paper certificates of earlier years"),
        default=False,
        db_default=False,
        help_text=_("They are entered with the numbers that they have; nothing is issued here."),
    )

    class Meta:
        verbose_name = _("register")
        verbose_name_plural = _("registers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The form must give every certificate its own number; the code is in every QR code."""
        super().clean()
        try:
            numbering.check(self.number_format)
        except ValidationError as error:
            raise ValidationError({"number_format": error}) from error
        kept = Register.objects.filter(pk=self.pk, entries__isnull=False).first()
        if kept and kept.legacy != self.legacy:
            raise ValidationError(
                {"legacy": _("It holds entries already; that it is such a register is fixed.")}
            )
        if kept and kept.code != self.code:
            raise ValidationError(
                {"code": _("The code stands on issued certificates and cannot be changed.")}
            )


class EntryQuerySet(models.QuerySet["RegisterEntry"]):
    def numbered(self) -> EntryQuerySet:
        """Those that took a certificate number: each has, or will have, a paper."""
        return self.filter(kind__in=RegisterEntry.NUMBERED)

    def papered(self) -> EntryQuerySet:
        """The numbered entries whose paper is there: a filed file, or a sheet of earlier years."""
        filed = RegisterEntry.objects.filter(of=OuterRef("pk"), kind=RegisterEntry.Kind.FILED)
        return self.numbered().filter(Exists(filed) | Q(on_paper=True))

    def unfiled(self) -> EntryQuerySet:
        """The numbered entries that still want a file.

        One that was replaced, revoked or declared void before its file was made wants none.
        """
        filed = RegisterEntry.objects.filter(of=OuterRef("pk"), kind=RegisterEntry.Kind.FILED)
        decided = RegisterEntry.objects.filter(
            certificate=OuterRef("certificate"), position__gt=OuterRef("position")
        ).exclude(kind=RegisterEntry.Kind.FILED)
        return self.numbered().filter(~Exists(filed), ~Exists(decided), on_paper=False)


class RegisterEntry(models.Model):
    """One line of the register, chained to the one before it by its hash.

    ``issue``, ``correct``, ``reissue`` and ``renew`` take a certificate number; every decision
    takes a register entry number; ``filed`` (the hash of the file that was made) takes neither,
    only its place in the chain. ``content`` is what was frozen.
    """

    class Kind(models.TextChoices):
        ISSUE = "issue", _("Issued")
        CORRECT = "correct", _("Corrected")
        REISSUE = "reissue", _("Reissued")
        RENEW = "renew", _("Renewed")
        REVOKE = "revoke", _("Revoked")
        VOID = "void", _("Void")
        FILED = "filed", _("Filed")

    NUMBERED: ClassVar = (Kind.ISSUE, Kind.CORRECT, Kind.REISSUE, Kind.RENEW)
    ENDING: ClassVar = (Kind.REVOKE, Kind.VOID)
    append_only = True

    register = models.ForeignKey(Register, models.PROTECT, related_name="entries")
    certificate = models.ForeignKey("Certificate", models.PROTECT, related_name="entries")
    position = models.PositiveBigIntegerField(_("place in the chain"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("sequence of the number"), null=True)
    number = NFCCharField(_("certificate number"), max_length=60, null=True)
    entry_number = models.PositiveIntegerField(_("register entry number"), null=True)
    of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="followed_by", verbose_name=_("concerns")
    )
    content = models.JSONField(_("content"))
    # What the content says of paper and validity, in columns that lists can be filtered by.
    on_paper = models.BooleanField(_("entered from paper"), default=False, db_default=False)
    in_force_from = models.DateField(_("in force from"), null=True)
    valid_until = models.DateField(_("valid until"), null=True)
    valid_edition = models.ForeignKey(
        StandardEdition,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("valid for the edition"),
    )
    transition_months = models.PositiveSmallIntegerField(_("months of transition"), null=True)
    decision_number = NFCCharField(_("decision"), max_length=60, blank=True)
    decision_date = models.DateField(_("date of the decision"), null=True)
    reason = NFCTextField(_("reason"), blank=True)
    at = models.DateTimeField(_("entered at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("register entry")
        verbose_name_plural = _("register entries")
        ordering: ClassVar = ["register", "position"]
        constraints = [
            models.UniqueConstraint(fields=["register", "position"], name="place_once"),
            models.UniqueConstraint(fields=["register", "year", "sequence"], name="sequence_once"),
            models.UniqueConstraint(fields=["register", "number"], name="number_once"),
            models.UniqueConstraint(
                fields=["register", "year", "entry_number"], name="entry_number_once"
            ),
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(kind="issue"), name="issued_once"
            ),
            models.UniqueConstraint(fields=["of"], condition=Q(kind="filed"), name="filed_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["issue", "correct", "reissue", "renew"],
                    number__isnull=False,
                    sequence__isnull=False,
                    entry_number__isnull=False,
                )
                | Q(
                    kind__in=["revoke", "void"],
                    number__isnull=True,
                    sequence__isnull=True,
                    entry_number__isnull=False,
                )
                | Q(
                    kind="filed",
                    number__isnull=True,
                    sequence__isnull=True,
                    entry_number__isnull=True,
                    of__isnull=False,
                ),
                name="entry_takes_its_numbers",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["correct", "reissue", "renew", "revoke", "void"])
                | (~Q(decision_number="") & Q(decision_date__isnull=False) & ~Q(reason="")),
                name="a_later_decision_is_named",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_kind_display()} ({self.position})"


class RegisterHead(models.Model):
    """The last entry of a day, signed: what was entered by then cannot be dropped unseen.

    ``signature`` is Base64 of an Ed25519 signature (``heads.py``).
    """

    append_only = True

    register = models.ForeignKey(Register, models.PROTECT, related_name="heads")
    day = models.DateField(_("day"))
    position = models.PositiveBigIntegerField(_("place in the chain"))
    hash = models.CharField(max_length=64)
    key_id = models.PositiveSmallIntegerField(_("key"))
    signature = models.CharField(max_length=88)
    at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signed head of the register")
        verbose_name_plural = _("signed heads of the register")
        ordering: ClassVar = ["register", "day"]
        constraints = [
            models.UniqueConstraint(fields=["register", "day"], name="head_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.register}, {self.day}"


class RegisterCheck(models.Model):
    """What the verification of one night found. ``ok`` is None until it is done."""

    day = models.DateField(_("day"), unique=True)
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    entries = models.PositiveBigIntegerField(_("entries"), default=0)
    files = models.PositiveBigIntegerField(_("files"), default=0)
    ok = models.BooleanField(_("in order"), null=True)
    problem = models.TextField(_("first problem"), blank=True)

    class Meta:
        verbose_name = _("verification of the register")
        verbose_name_plural = _("verifications of the register")
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return str(self.day)
