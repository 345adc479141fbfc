"""The identity of a certificate, from *pending* to *filed*."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, Expression, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from certificates.models.register import Register, RegisterEntry
from certificates.models.template import CertificateTemplate
from certificates.register import validity
from courses.models import Course, Enrolment
from people.models import Person
from vietnamese.fields import NFCCharField, NFCTextField


class IssuingRule(models.Model):
    """Which register certifies the completion of a course, in which words, and when.

    With ``AFTER_REVIEW`` nothing is issued until an officer has looked at the candidates of a run.
    """

    class IssuedWhen(models.TextChoices):
        COMPLETED = "completed", _("At once, when the course is completed")
        AFTER_REVIEW = "after_review", _("By an officer, after looking at the candidates of a run")

    class Validity(models.TextChoices):
        UNLIMITED = "unlimited", _("Until it is withdrawn")
        YEARS = "years", _("A number of years")
        EDITION = "edition", _("Until the edition is superseded, and a time of transition")

    course = models.OneToOneField(
        Course, models.PROTECT, related_name="issuing_rule", verbose_name=_("course")
    )
    register = models.ForeignKey(
        Register,
        models.PROTECT,
        related_name="rules",
        verbose_name=_("register"),
        limit_choices_to={"legacy": False},
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
    validity = models.CharField(
        _("valid"),
        max_length=10,
        choices=Validity,
        default=Validity.UNLIMITED,
        db_default=Validity.UNLIMITED,
    )
    valid_years = models.PositiveSmallIntegerField(
        _("years of validity"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    transition_months = models.PositiveSmallIntegerField(
        _("months of transition"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(240)],
        help_text=_("After the edition of the standard is superseded."),
    )
    expected_per_day = models.PositiveIntegerField(
        _("expected in one day at most"),
        null=True,
        blank=True,
        help_text=_(
            "When more certificates than that are asked for in one day, none is numbered "
            "until an officer has looked. Empty: any number is expected."
        ),
    )
    confirm_within = models.PositiveSmallIntegerField(
        _("days in which the holder confirms"),
        null=True,
        blank=True,
        help_text=_(
            "The holder sees name, date of birth and agency as they will be printed, and confirms "
            "or asks for a correction. Unconfirmed after so many days it goes on. Empty: at once."
        ),
    )
    template = models.ForeignKey(
        CertificateTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        limit_choices_to=Q(published__isnull=False, retired_at__isnull=True),
        verbose_name=_("template"),
        help_text=_("Without one, certificates have the built-in look, in Vietnamese."),
    )

    class Meta:
        verbose_name = _("issuing rule")
        verbose_name_plural = _("issuing rules")

    def __str__(self) -> str:
        return self.printed_title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValidationError where the template was retired meanwhile: retiring takes the same
        lock."""
        with transaction.atomic():
            if self.template_id is not None:
                locked = CertificateTemplate.objects.select_for_update()
                if locked.get(pk=self.template_id).retired_at:
                    raise ValidationError({"template": _("This template is retired.")})
            super().save(*args, **kwargs)

    def clean(self) -> None:
        """A number of years and a time of transition are told where they decide."""
        super().clean()
        if self.validity == self.Validity.YEARS and not self.valid_years:
            raise ValidationError({"valid_years": _("How many years is a certificate valid?")})
        if self.validity == self.Validity.EDITION and self.transition_months is None:
            raise ValidationError(
                {"transition_months": _("For how many months after that? 0 for none.")}
            )


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def of_person(self, person_id: int | None) -> CertificateQuerySet:
        return self.filter(person=person_id) if person_id is not None else self.none()

    def visible_to(self, user: Any) -> CertificateQuerySet:
        """The holder's own; those of a focal point's people; all for DOST officers."""
        if user.has_perm("certificates.view_certificate"):
            return self
        return self.filter(person__in=Person.objects.visible_to(user))

    def unfinished(self) -> CertificateQuerySet:
        """Still to be numbered or filed by a worker."""
        # One after the other, so that the partial index serves the first.
        filed = self.exclude(state=Certificate.State.FILED)
        return filed.exclude(state__in=[Certificate.State.UNSIGNED, Certificate.State.REFUSED])

    def in_force(self, *, on: date) -> CertificateQuerySet:
        """Those with a number that is valid on that day (``validity.py``)."""
        own = RegisterEntry.objects.filter(certificate=OuterRef("pk"))
        ended = own.filter(
            Q(kind=RegisterEntry.Kind.VOID)
            | Q(kind=RegisterEntry.Kind.REVOKE, decision_date__lte=on)
        )
        standing = own.papered().filter(validity.begun(on=on)).order_by("-position")
        valid = RegisterEntry.objects.filter(pk=OuterRef("_standing"))
        # NOT (null < day) is unknown in SQL, and unknown is not true.
        over = valid.filter(validity.expired(on=on))
        return self.alias(_standing=Subquery(standing.values("pk")[:1])).filter(
            ~Exists(ended), ~Exists(over), _standing__isnull=False
        )

    def standing(self) -> CertificateQuerySet:
        """Neither taken out before issue, nor revoked or void."""
        ended = RegisterEntry.objects.filter(
            certificate=OuterRef("pk"), kind__in=RegisterEntry.ENDING
        )
        return self.exclude(state=Certificate.State.REFUSED).exclude(Exists(ended))

    def waiting(self) -> CertificateQuerySet:
        """Asked for, without a number."""
        return self.filter(state=Certificate.State.PENDING)

    def braked(self) -> CertificateQuerySet:
        """Those that an officer must look at before they are numbered."""
        return self.waiting().filter(Exists(_open_brake()))

    def ready(self, *, at: datetime | Expression) -> CertificateQuerySet:
        """Unfinished ones that nothing holds: no worker, brake, pause or word of the holder's."""
        held = Q(held_until__gt=at) | Q(Exists(_open_correction()))
        held |= Q(Exists(_open_brake())) | Q(Exists(_paused_batch()))
        return self.unfinished().free(at=at).exclude(Q(state=Certificate.State.PENDING) & held)

    def holds(self) -> models.QuerySet[Certificate, tuple[int, bool, bool, bool]]:
        """Of those without a number: key, and whether an open correction, a brake or a paused
        issue holds it."""
        return self.waiting().values_list(
            "pk", Exists(_open_correction()), Exists(_open_brake()), Exists(_paused_batch())
        )

    def to_be_confirmed(self, *, at: datetime) -> CertificateQuerySet:
        """Those that their holders have not confirmed yet, and still may."""
        return self.waiting().filter(held_until__gt=at, confirmed_at__isnull=True)

    def free(self, *, at: datetime | Expression) -> CertificateQuerySet:
        """Those that no worker is at."""
        return self.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=at))


def _open_brake() -> Any:
    from certificates.models.brake import Brake  # which names a rule

    return Brake.objects.open().filter(rule=OuterRef("rule"))


def _open_correction() -> Any:
    from certificates.models.correction import Correction  # which names a certificate

    return Correction.objects.open().filter(certificate=OuterRef("pk"))


def _paused_batch() -> Any:
    from certificates.models.batch import IssueBatch  # which names a rule

    return IssueBatch.objects.paused().filter(pk=OuterRef("batch"))


class Certificate(models.Model):
    """A completion certificate (Giấy chứng nhận hoàn thành).

    The row is written *pending* in the transaction that completes the enrolment. Paper
    certificates of earlier years have neither enrolment nor rule.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Being issued")
        NUMBERED = "numbered", _("Numbered, file being made")
        UNSIGNED = "unsigned", _("Waiting for its signature")
        FILED = "filed", _("Issued")
        REFUSED = "refused", _("Taken out by an officer")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrolment = models.OneToOneField(
        Enrolment, models.PROTECT, null=True, related_name="certificate"
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates")
    rule = models.ForeignKey(IssuingRule, models.PROTECT, null=True, related_name="certificates")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    pending_since = models.DateTimeField(_("pending since"))
    problem = models.TextField(_("problem"), blank=True)
    # A worker is at it; if that one dies, the sweep takes over when this time has passed.
    # After a try that failed it is the time of that try.
    claimed_until = models.DateTimeField(null=True, editable=False)
    batch = models.ForeignKey(
        "IssueBatch", models.PROTECT, null=True, editable=False, related_name="certificates"
    )
    # The brake that an officer has released for it.
    cleared_by = models.ForeignKey(
        "Brake", models.PROTECT, null=True, editable=False, related_name="cleared"
    )
    # Until then the holder may confirm what will be printed; the hash is of what was confirmed.
    held_until = models.DateTimeField(_("waits for its holder until"), null=True)
    asked_at = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_print = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    # Where the agency of the enrolment would be wrong on the paper; counts keep that one.
    printed_agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("agency as corrected"),
    )
    refusal = NFCTextField(_("why it was taken out"), blank=True, default="", db_default="")
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("taken out by"),
    )
    refused_at = models.DateTimeField(_("taken out at"), null=True)

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
            models.Index(fields=["rule", "pending_since"], name="certificates_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="refused", refused_at__isnull=False) & ~Q(refusal="")
                | ~Q(state="refused") & Q(refused_at__isnull=True),
                name="who_is_taken_out_is_told_why",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_print="")
                | Q(confirmed_at__isnull=False) & ~Q(confirmed_print=""),
                name="what_is_confirmed_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.rule}" if self.rule else str(self.person)

    @property
    def issuing_rule(self) -> IssuingRule:
        """By which it is issued; paper certificates, for which nothing is issued, have none."""
        assert self.rule
        return self.rule

    @property
    def workplace(self) -> Agency | None:
        """Whose name will be printed: the agency of the enrolment, unless it was corrected."""
        return self.printed_agency or (self.enrolment.agency if self.enrolment else None)

    @property
    def wants_confirmation(self) -> bool:
        return bool(
            self.state == self.State.PENDING and self.held_until and self.confirmed_at is None
        )
