"""Territories, agencies, quality systems, standards, legal documents, programmes."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from vietnamese.fields import NFCCharField, NFCTextField
from vietnamese.text import fold

# "Not known since when" is one value where uniqueness is concerned.
BEGINNING = Value(date(1, 1, 1), output_field=models.DateField())


class Level(models.TextChoices):
    """Level of administration; districts ended on 30/6/2025 and stay for what happened before."""

    PROVINCE = "province", _("Province")
    DISTRICT = "district", _("District")
    COMMUNE = "commune", _("Commune")


class ValidityQuerySet(models.QuerySet[Any]):
    def valid(self, *, on: date) -> ValidityQuerySet:
        """Rows in force on that day."""
        return self.filter(
            Q(valid_from__isnull=True) | Q(valid_from__lte=on),
            Q(valid_to__isnull=True) | Q(valid_to__gte=on),
        )


class AdministrativeUnit(models.Model):
    """A territory (đơn vị hành chính): province, district or commune; not an agency."""

    name = NFCCharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("part of"),
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = _("administrative unit")
        verbose_name_plural = _("administrative units")
        constraints = [
            models.UniqueConstraint(
                Coalesce("parent_id", 0),
                F("level"),
                F("name"),
                Coalesce("valid_from", BEGINNING),
                name="unit_once",
                violation_error_message=_("This unit is already there."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="unit_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Agency(models.Model):
    """A state administrative body or public service unit, within its dates of existence."""

    class Kind(models.TextChoices):
        ADMINISTRATIVE = "administrative", _("State administrative agency")
        PUBLIC_SERVICE_UNIT = "public_service_unit", _("Public service unit")

    name = NFCCharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ADMINISTRATIVE)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    territory = models.ForeignKey(
        AdministrativeUnit, models.PROTECT, related_name="agencies", verbose_name=_("territory")
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    search_text = models.CharField(max_length=200, editable=False, db_index=True)

    objects = ValidityQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(
                F("territory"),
                F("name"),
                Coalesce("valid_from", BEGINNING),
                name="agency_once",
                violation_error_message=_("This agency is already there."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="agency_has_a_name"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="agency_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = fold(self.name)
        super().save(*args, **kwargs)


class QualityManagementSystem(models.Model):
    """An HTQLCL: one or several agencies run it together."""

    name = NFCCharField(_("name"), max_length=200, unique=True)
    agencies: models.ManyToManyField[Agency, SystemMember] = models.ManyToManyField(
        Agency, through="SystemMember", related_name="systems", verbose_name=_("agencies")
    )

    class Meta:
        verbose_name = _("quality management system")
        verbose_name_plural = _("quality management systems")

    def __str__(self) -> str:
        return self.name


class SystemMember(models.Model):
    """An agency's time in a quality management system."""

    system = models.ForeignKey(QualityManagementSystem, models.PROTECT, related_name="members")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships")
    joined_on = models.DateField(_("joined on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(left_on__isnull=True),
                name="agency_in_one_system",
                violation_error_message=_("The agency is already in a quality management system."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="membership_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency}, {self.system}"


class Standard(models.Model):
    """An international standard as such, without its edition: ``ISO 9001``."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = NFCCharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")

    def __str__(self) -> str:
        return self.code


class StandardEdition(models.Model):
    """One edition, named as in Vietnam: ``TCVN ISO 9001:2015``."""

    standard = models.ForeignKey(
        Standard, models.PROTECT, related_name="editions", verbose_name=_("standard")
    )
    name = models.CharField(_("name"), max_length=60, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    superseded_on = models.DateField(_("superseded on"), null=True, blank=True)

    class Meta:
        verbose_name = _("edition of a standard")
        verbose_name_plural = _("editions of standards")
        constraints = [
            models.UniqueConstraint(fields=["standard", "year"], name="edition_once"),
        ]

    def __str__(self) -> str:
        return self.name


class LegalDocument(models.Model):
    """A decision, plan or letter on which something rests."""

    number = NFCCharField(_("number"), max_length=60)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    issuer = NFCCharField(_("issued by"), max_length=200)
    title = NFCTextField(_("title"), blank=True)

    class Meta:
        verbose_name = _("legal document")
        verbose_name_plural = _("legal documents")
        constraints = [
            models.UniqueConstraint(
                fields=["number", "issuer"],
                name="document_once",
                violation_error_message=_("This document is already there."),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Programme(models.Model):
    """A scheme or plan (đề án, kế hoạch) under which training is done and counted."""

    slug = models.SlugField(_("code"), max_length=60, unique=True)
    name = NFCCharField(_("name"), max_length=200)
    decision = models.ForeignKey(
        LegalDocument, models.PROTECT, null=True, blank=True, verbose_name=_("decision")
    )
    starts_on = models.DateField(_("starts on"))
    deadline = models.DateField(_("deadline"), null=True, blank=True)
    territories = models.ManyToManyField(
        AdministrativeUnit, blank=True, verbose_name=_("territories")
    )

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """A stage of a programme, with the agencies it covers."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="phases", verbose_name=_("programme")
    )
    name = NFCCharField(_("name"), max_length=120)
    order = models.PositiveSmallIntegerField(_("order"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    agencies = models.ManyToManyField(
        Agency, blank=True, related_name="phases", verbose_name=_("agencies")
    )

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering: ClassVar = ["programme", "order"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "order"], name="phase_order_once"),
            models.UniqueConstraint(fields=["programme", "name"], name="phase_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme}: {self.name}"
