"""Designed templates and their versions, which are never changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vietnamese.fields import NFCCharField


class CertificateTemplate(models.Model):
    """What certificates look like, as an officer has designed it.

    New certificates take the ``published`` version; those issued keep theirs. One that is retired
    is offered to no issuing rule.
    """

    class Language(models.TextChoices):
        VIETNAMESE = "vi", _("Vietnamese")
        ENGLISH = "en", _("English")

    name = NFCCharField(_("name"), max_length=120, unique=True)
    language = models.CharField(_("language of the paper"), max_length=2, choices=Language)
    published = models.ForeignKey(
        "TemplateVersion",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published version"),
    )
    retired_at = models.DateTimeField(_("retired at"), null=True, editable=False)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("retired by"),
    )

    class Meta:
        verbose_name = _("certificate template")
        verbose_name_plural = _("certificate templates")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One state of a template, with its layout (``certificates.layout``) and the layout's hash."""

    append_only = True

    template = models.ForeignKey(CertificateTemplate, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    layout = models.JSONField(_("layout"))
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("version of a template")
        verbose_name_plural = _("versions of templates")
        ordering: ClassVar = ["template", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once"),
        ]

    def __str__(self) -> str:
        return _("Version %(number)s") % {"number": self.number}
