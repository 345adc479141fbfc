"""The identity of a certificate, from *pending* to *filed*."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.register import Register
from certificates.models.template import CertificateTemplate
from courses.models import Course, Enrolment
from people.models import Person
from vietnamese.fields import NFCCharField


class IssuingRule(models.Model):
    """Which register certifies the completion of a course, in which words, and when.

    With ``AFTER_REVIEW`` nothing is issued until an officer has looked at the candidates of a run.
    """

    class IssuedWhen(models.TextChoices):
        COMPLETED = "completed", _("At once, when the course is completed")
        AFTER_REVIEW = "after_review", _("By an officer, after looking at the candidates of a run")

    course = models.OneToOneField(
        Course, models.PROTECT, related_name="issuing_rule", verbose_name=_("course")
    )
    register = models.ForeignKey(
        Register, models.PROTECT, related_name="rules", verbose_name=_("register")
    )
    printed_title = NFCCharField(_("course title as printed"), max_length=300)
    result = NFCCharField(_("result as printed"), max_length=60, default="Đạt")
    issued_when = models.CharField(
        _("certificates are issued"),
        max_length=12,
        choices=IssuedWhen,
        default=IssuedWhen.COMPLETED,
        db_default=IssuedWhen.COMPLETED,
    )
    template = models.ForeignKey(
        CertificateTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        limit_choices_to=Q(published__isnull=False),
        verbose_name=_("template"),
        help_text=_("Without one, certificates have the built-in look, in Vietnamese."),
    )

    class Meta:
        verbose_name = _("issuing rule")
        verbose_name_plural = _("issuing rules")

    def __str__(self) -> str:
        return self.printed_title


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def of_person(self, person_id: int | None) -> CertificateQuerySet:
        return self.filter(person=person_id) if person_id is not None else self.none()

    def visible_to(self, user: Any) -> CertificateQuerySet:
        """The holder's own; those of a focal point's people; all for DOST officers."""
        if user.has_perm("certificates.view_certificate"):
            return self
        return self.filter(person__in=Person.objects.visible_to(user))

    def unfinished(self) -> CertificateQuerySet:
        """Still to be numbered or filed."""
        return self.exclude(state=Certificate.State.FILED)

    def free(self, *, at: datetime) -> CertificateQuerySet:
        """Those that no worker is at."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=at))


class Certificate(models.Model):
    """A completion certificate (Giấy chứng nhận hoàn thành).

    The row is written *pending* in the transaction that completes the enrolment. Paper
    certificates of earlier years have no enrolment.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Being issued")
        NUMBERED = "numbered", _("Numbered, file being made")
        FILED = "filed", _("Issued")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrolment = models.OneToOneField(
        Enrolment, models.PROTECT, null=True, related_name="certificate"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    rule = models.ForeignKey(IssuingRule, models.PROTECT, related_name="certificates")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    pending_since = models.DateTimeField(_("pending since"))
    problem = models.TextField(_("problem"), blank=True)
    # A worker is at it; if that one dies, the sweep takes over when this time has passed.
    claimed_until = models.DateTimeField(null=True, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering: ClassVar = ["-pending_since", "-pk"]
        indexes = [
            models.Index(
                fields=["pending_since"],
                condition=~models.Q(state="filed"),
                name="certificate_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.rule}"
