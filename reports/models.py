from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Level, Phase, Programme
from courses.models import Course, CourseRun, Enrolment
from people.models import AgencyRole, Person


class FactQuerySet(models.QuerySet["Fact"]):
    def visible_to(self, user: Any) -> FactQuerySet:
        """The own agencies' facts for a focal point; every fact for DOST officers."""
        if user.has_perm("reports.view_all_facts"):
            return self
        return self.filter(agency__in=AgencyRole.objects.filter(user=user).values("agency"))

    def standing(self) -> FactQuerySet:
        """Facts that count: what was taken back is gone, together with its taking back.

        Sums of amounts could count turns, but not persons, and could not be opened to rows.
        """
        taken_back = Fact.objects.filter(
            amount=-1,
            measure=OuterRef("measure"),
            enrolment=OuterRef("enrolment"),
            occurrence=OuterRef("occurrence"),
        )
        return self.filter(~Exists(taken_back), amount=1)


class Fact(models.Model):
    """One thing that happened and is counted: written once, in the transaction of the event.

    The dimensions are copied as at the time, so that a later change moves no published figure.
    ``amount`` is 1, or -1 for a fact that takes the one of the same ``occurrence`` back.
    """

    class Measure(models.TextChoices):
        TURN = "turn", _("Training turn")
        COMPLETION = "completion", _("Completion")
        CERTIFICATE = "certificate", _("Certificate")

    append_only = True

    measure = models.CharField(_("measure"), max_length=12, choices=Measure)
    amount = models.SmallIntegerField(_("amount"), default=1)
    occurrence = models.PositiveSmallIntegerField(_("occurrence"), default=1, db_default=1)
    at = models.DateTimeField(_("time"))
    year = models.PositiveSmallIntegerField(_("year"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="+", verbose_name=_("agency")
    )
    level = models.CharField(_("level"), max_length=10, choices=Level, blank=True)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, related_name="+")
    course = models.ForeignKey(Course, models.PROTECT, related_name="+", verbose_name=_("course"))
    course_kind = models.CharField(_("kind of course"), max_length=30, choices=Course.Kind)
    run = models.ForeignKey(
        CourseRun, models.PROTECT, null=True, related_name="+", verbose_name=_("course run")
    )
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, related_name="+", verbose_name=_("phase")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, related_name="+", verbose_name=_("programme")
    )
    supplementary = models.BooleanField(_("supplementary"), default=False)
    certificate_number = models.CharField(_("certificate number"), max_length=60, blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering: ClassVar = ["-at", "-pk"]
        permissions: ClassVar = [("view_all_facts", _("Can see the figures of every agency"))]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "enrolment", "occurrence"],
                condition=Q(amount=1),
                name="counted_once",
            ),
            models.UniqueConstraint(
                fields=["measure", "enrolment", "occurrence"],
                condition=Q(amount=-1),
                name="taken_back_once",
            ),
            models.CheckConstraint(condition=Q(amount__in=[1, -1]), name="one_up_or_one_down"),
        ]
        indexes = [
            models.Index(fields=["measure", "year", "level"], name="fact_by_year_and_level"),
            models.Index(fields=["agency", "measure", "year"], name="fact_by_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()}: {self.person}"
