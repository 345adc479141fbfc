"""The short survey at the end of a run (phiếu khảo sát): anonymous by construction."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.content import Course
from courses.models.enrolment import Enrolment
from courses.models.run import CourseRun
from vietnamese.fields import NFCCharField, NFCTextField


class SurveyStatement(models.Model):
    """A statement that learners of a course rate; a course without any asks the usual ones."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="survey_statements")
    order = models.PositiveSmallIntegerField(_("order"))
    text = NFCCharField(_("statement"), max_length=300)

    class Meta:
        verbose_name = _("statement of a survey")
        verbose_name_plural = _("statements of surveys")
        ordering: ClassVar = ["course", "order"]
        constraints = [
            models.UniqueConstraint(fields=["course", "order"], name="statement_order_once"),
            models.CheckConstraint(condition=~Q(text=""), name="statement_says_something"),
        ]

    def __str__(self) -> str:
        return self.text


class Surveyed(models.Model):
    """That a learner has answered; nothing leads from here to the answer."""

    enrolment = models.OneToOneField(
        Enrolment, models.PROTECT, primary_key=True, related_name="surveyed"
    )

    class Meta:
        verbose_name = _("survey answered")
        verbose_name_plural = _("surveys answered")

    def __str__(self) -> str:
        return str(self.enrolment)


class SurveyAnswer(models.Model):
    """One sheet: ratings by statement and a comment; no person, no time.

    The key is random, so that not even the order of the rows tells who came when. ``statements``
    are the texts as they were rated, ``ratings`` 1 to 5 in the same order, null where left out.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="survey_answers")
    statements = models.JSONField(_("statements"))
    ratings = models.JSONField(_("ratings"))
    comment = NFCTextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("answers to surveys")

    def __str__(self) -> str:
        return str(self.run)
