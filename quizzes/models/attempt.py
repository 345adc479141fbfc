"""One sitting of a quiz, and the answers kept while it runs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import Enrolment
from quizzes.models.quiz import Quiz


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of_person(self, person_id: int | None) -> AttemptQuerySet:
        """The person's own attempts; anybody else's is as good as not there."""
        return self.filter(enrolment__person=person_id) if person_id is not None else self.none()

    def visible_to(self, user: Any) -> AttemptQuerySet:
        """For staff: attempts in one's own courses; all for DOST officers."""
        return self.filter(enrolment__in=Enrolment.objects.visible_to(user))


class Attempt(models.Model):
    """A sitting (lần thi). ``paper`` is drawn once and frozen.

    ``paper`` is a list in slot order, slots counted from 1:
    ``{"version": id of the QuestionVersion, "order": ids of choices as shown, "marks": int}``.
    ``marks`` is a list in the same order: the share of the slot's marks earned, as a string
    fraction ("1", "2/3"), written at grading.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attempts")
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("attempt"))
    started_at = models.DateTimeField(_("started at"))
    deadline = models.DateTimeField(_("deadline"), null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    paper = models.JSONField(_("paper"))
    marks = models.JSONField(_("marks"), null=True)
    score = models.DecimalField(_("mark"), max_digits=7, decimal_places=2, null=True)
    max_score = models.DecimalField(_("highest possible mark"), max_digits=7, decimal_places=2)
    passed = models.BooleanField(_("passed"), null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar = ["enrolment", "quiz", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "quiz"],
                condition=Q(submitted_at__isnull=True),
                name="one_open_attempt",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "quiz", "number"], name="attempt_number_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    submitted_at__isnull=True,
                    marks__isnull=True,
                    score__isnull=True,
                    passed__isnull=True,
                )
                | Q(
                    submitted_at__isnull=False,
                    marks__isnull=False,
                    score__isnull=False,
                    passed__isnull=False,
                ),
                name="submitted_means_graded",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=F("max_score")),
                name="attempt_score_within_range",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"],
                condition=Q(submitted_at__isnull=True),
                name="attempt_open_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.quiz} ({self.number})"


class Answer(models.Model):
    """The latest answer of one slot; ``seq`` is the device's counter, and the highest wins."""

    pk = models.CompositePrimaryKey("attempt_id", "slot")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="answers", db_index=False)
    slot = models.PositiveSmallIntegerField(_("question"))
    seq = models.BigIntegerField(_("sequence number"))
    response = models.JSONField(_("answer"), null=True)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.slot}"
