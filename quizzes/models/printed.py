"""The same quiz on paper: variants (mã đề), and what was ticked on them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models import CourseRun, Enrolment
from quizzes.models.paper import PaperField
from quizzes.models.quiz import Quiz


class PrintedTestQuerySet(models.QuerySet["PrintedTest"]):
    def visible_to(self, user: Any) -> PrintedTestQuerySet:
        return self.filter(run__in=CourseRun.objects.visible_to(user))


class PrintedTest(models.Model):
    """A quiz printed for the class of a run, with its variants drawn once."""

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="printed_tests")
    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="printed_tests")
    drawn_at = models.DateTimeField(_("drawn at"))
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = PrintedTestQuerySet.as_manager()

    class Meta:
        verbose_name = _("printed test")
        verbose_name_plural = _("printed tests")
        ordering: ClassVar = ["-drawn_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.quiz}, {self.run}"


class PrintedVariant(models.Model):
    """One variant (mã đề): its paper is drawn once and frozen."""

    append_only = True

    test = models.ForeignKey(PrintedTest, models.PROTECT, related_name="variants")
    code = models.CharField(_("variant"), max_length=10)
    paper = PaperField(_("paper"))

    class Meta:
        verbose_name = _("variant of a printed test")
        verbose_name_plural = _("variants of printed tests")
        ordering: ClassVar = ["test", "code"]
        constraints = [models.UniqueConstraint(fields=["test", "code"], name="variant_code_once")]

    def __str__(self) -> str:
        return self.code


class PrintedResponse(models.Model):
    """What a learner answered on paper: the variant, and the responses by slot."""

    test = models.ForeignKey(PrintedTest, models.PROTECT, related_name="responses")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="printed_responses")
    variant = models.ForeignKey(PrintedVariant, models.PROTECT, related_name="responses")
    responses = models.JSONField(_("answers"))
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("answers on paper")
        verbose_name_plural = _("answers on paper")
        constraints = [
            models.UniqueConstraint(fields=["test", "enrolment"], name="one_paper_per_learner"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.variant}"
